import { startClusterRoleAggregation } from './clusterrole-aggregation/start-clusterrole-aggregation.ts'
import { startBootstrapSigner } from './bootstrap/bootstrap-signer.ts'
import { startTokenCleaner } from './bootstrap/token-cleaner.ts'
import { startCSRApproving } from './certificates/csrapproving.ts'
import { startCSRCleaner } from './certificates/csrcleaner.ts'
import { startKubeletServingApproving } from './certificates/kubelet-serving-approving.ts'
import { startCSRSigning } from './certificates/csrsigning.ts'
import type { ControllerDeps, RunningController, StartController } from './deps.ts'
import { startDeployment } from './deployment/start-deployment.ts'
import { startDisruption } from './disruption/start-disruption.ts'
import { startEndpoints } from './endpoints/start-endpoints.ts'
import { startEndpointSlice } from './endpointslice/start-endpointslice.ts'
import { startEndpointSliceMirroring } from './endpointslice-mirroring/start-endpointslice-mirroring.ts'
import { startGarbageCollector } from './garbage-collector/start-garbage-collector.ts'
import { identityOf } from './identities.ts'
import { startNamespace } from './namespace/start-namespace.ts'
import { startNodeDns } from './node-dns/start-node-dns.ts'
import { startNodeIpam } from './node-ipam/start-node-ipam.ts'
import { startNodeLifecycle } from './node-lifecycle/start-node-lifecycle.ts'
import { startNodeLeaving } from './node-leaving/start-node-leaving.ts'
import { startPodGC } from './pod-gc/start-pod-gc.ts'
import { startReplicaSet } from './replicaset.ts'
import { startReplicationController } from './replication-controller.ts'
import { startResourceQuota } from './resource-quota/start-resource-quota.ts'
import { startRootCAPublisher } from './root-ca-publisher.ts'
import { startServiceCIDR } from './service-cidr/start-service-cidr.ts'
import { startServiceAccount } from './service-account.ts'
import { startServiceAccountToken } from './serviceaccount-token/start-serviceaccount-token.ts'
import { startPVCProtection, startPVProtection, startVACProtection } from './storage-protection/start-storage-protection.ts'
import { startTaintEviction } from './taint-eviction/start-taint-eviction.ts'

export interface NamedController {
  /** As `kube-controller-manager --controllers` calls it; `node-dns-controller` is ours alone. */
  readonly name: string
  /** The short name it used to have, which everybody says. */
  readonly alias: string
  readonly start: StartController
}

/**
 * All controllers, in the order in which they are started: what a namespace needs before pods can run in it, what nodes
 * need, what makes pods, what follows pods, and at last what cleans up. The order is a courtesy to logs; every controller
 * works whichever others run.
 */
export const controllers = [
  { name: 'serviceaccount-controller', alias: 'serviceaccount', start: startServiceAccount },
  { name: 'serviceaccount-token-controller', alias: 'serviceaccount-token', start: startServiceAccountToken },
  { name: 'root-ca-certificate-publisher-controller', alias: 'root-ca-cert-publisher', start: startRootCAPublisher },
  { name: 'clusterrole-aggregation-controller', alias: 'clusterrole-aggregation', start: startClusterRoleAggregation },
  { name: 'resourcequota-controller', alias: 'resourcequota', start: startResourceQuota },
  { name: 'certificatesigningrequest-approving-controller', alias: 'csrapproving', start: startCSRApproving },
  { name: 'kubelet-serving-approving-controller', alias: 'kubeletservingapproving', start: startKubeletServingApproving },
  { name: 'certificatesigningrequest-signing-controller', alias: 'csrsigning', start: startCSRSigning },
  { name: 'certificatesigningrequest-cleaner-controller', alias: 'csrcleaner', start: startCSRCleaner },
  { name: 'bootstrap-signer-controller', alias: 'bootstrapsigner', start: startBootstrapSigner },
  { name: 'token-cleaner-controller', alias: 'tokencleaner', start: startTokenCleaner },
  { name: 'service-cidr-controller', alias: 'servicecidr', start: startServiceCIDR },
  { name: 'node-ipam-controller', alias: 'nodeipam', start: startNodeIpam },
  { name: 'node-lifecycle-controller', alias: 'nodelifecycle', start: startNodeLifecycle },
  { name: 'node-leaving-controller', alias: 'nodeleaving', start: startNodeLeaving },
  { name: 'taint-eviction-controller', alias: 'taint-eviction', start: startTaintEviction },
  { name: 'deployment-controller', alias: 'deployment', start: startDeployment },
  { name: 'replicaset-controller', alias: 'replicaset', start: startReplicaSet },
  { name: 'replicationcontroller-controller', alias: 'replicationcontroller', start: startReplicationController },
  { name: 'endpoints-controller', alias: 'endpoint', start: startEndpoints },
  { name: 'endpointslice-controller', alias: 'endpointslice', start: startEndpointSlice },
  { name: 'endpointslice-mirroring-controller', alias: 'endpointslicemirroring', start: startEndpointSliceMirroring },
  { name: 'node-dns-controller', alias: 'nodedns', start: startNodeDns },
  { name: 'disruption-controller', alias: 'disruption', start: startDisruption },
  { name: 'persistentvolumeclaim-protection-controller', alias: 'pvc-protection', start: startPVCProtection },
  { name: 'persistentvolume-protection-controller', alias: 'pv-protection', start: startPVProtection },
  { name: 'volumeattributesclass-protection-controller', alias: 'vac-protection', start: startVACProtection },
  { name: 'namespace-controller', alias: 'namespace', start: startNamespace },
  { name: 'garbage-collector-controller', alias: 'garbagecollector', start: startGarbageCollector },
  { name: 'pod-garbage-collector-controller', alias: 'podgc', start: startPodGC },
] as const satisfies readonly NamedController[]

type Named = (typeof controllers)[number]
type Short<Name> = Name extends `${infer Head}-controller` ? Head : never
export type ControllerName = Named['name'] | Named['alias'] | Short<Named['name']>

/** The controller of that name (with or without `-controller`) or alias. Throws a `RangeError` that lists them when there is none. */
export function findController(name: string): NamedController {
  const found = controllers.find((controller) => [name, `${name}-controller`].includes(controller.name) || controller.alias === name)
  if (!found) throw new RangeError(`There is no controller ${JSON.stringify(name)}; there are ${controllers.map(({ alias }) => alias).join(', ')}`)
  return found
}

/** The running ones, each to be stopped and started by name or alias while the others go on. */
export interface RunningControllers {
  readonly running: readonly string[]
  /** Without effect on one that runs. */
  start(name: string): void
  /** Resolves when it does nothing any more. Without effect on one that does not run. */
  stop(name: string): Promise<void>
  stopAll(): Promise<void>
}

/** Starts controllers: all of them, or those named. */
export function startControllers(deps: ControllerDeps, names: readonly string[] = controllers.map(({ name }) => name)): RunningControllers {
  const running = new Map<string, RunningController>()
  const handle: RunningControllers = {
    get running() { return controllers.map(({ name }) => name).filter((name) => running.has(name)) },
    start(asked) {
      const { name, start } = findController(asked)
      if (!running.has(name)) running.set(name, start(deps.clientFor ? { ...deps, client: deps.clientFor(identityOf(name)) } : deps))
    },
    async stop(asked) {
      const { name } = findController(asked)
      const controller = running.get(name)
      running.delete(name)
      await controller?.stop()
    },
    async stopAll() {
      await Promise.all([...running.keys()].map((name) => handle.stop(name)))
    },
  }
  for (const name of names) handle.start(name)
  return handle
}
