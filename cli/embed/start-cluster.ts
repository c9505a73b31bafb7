import { createPrivateKey } from 'node:crypto'
import { pino } from 'pino'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import type { Client } from '../../api/client/client.ts'
import { createClient } from '../../api/client/create-client.ts'
import { createInformers } from '../../api/client/informers.ts'
import { createRecorder } from '../../api/client/recorder.ts'
import type { KubeObject } from '../../api/object.ts'
import { systemMaster } from '../../api/transport.ts'
import type { UserInfo } from '../../api/transport.ts'
import { controllers as knownControllers, findController, startControllers } from '../../control/controllers/all.ts'
import type { ControllerName } from '../../control/controllers/all.ts'
import { controllerManager } from '../../control/controllers/identities.ts'
import { schedulerUser } from '../../control/scheduler/identity.ts'
import type { ControllerOptions } from '../../control/controllers/deps.ts'
import { certificateSigner } from '../../control/pki/certificate-signer.ts'
import type { AuthenticationOptions } from '../../control/server/authentication/create-authentication.ts'
import { systemClock } from '../../host/clock.ts'
import { createManualClock } from '../../host/manual-clock.ts'
import type { ManualClock } from '../../host/manual-clock.ts'
import { trackActivity } from './activity.ts'
import { applyManifest } from './apply.ts'
import { wellIf } from '../../control/server/subresources/component-status.ts'
import { startControlPlane } from './control-plane.ts'
import { eventually } from './eventually.ts'
import type { EventuallyOptions } from './eventually.ts'
import { embeddedNetworks } from './networks.ts'
import type { Family } from './networks.ts'
import { createNodes } from './nodes.ts'
import type { ClusterNode, NodeOptions } from './nodes.ts'
import { schedulerSwitch } from './scheduler-switch.ts'
import type { Switch } from './scheduler-switch.ts'

export interface ClusterOptions {
  /** Which controllers run from the start, by name or alias. Default `all`. Without `serviceaccount` pods run without an account, as nobody makes any. */
  readonly controllers?: readonly ControllerName[] | 'all' | 'none'
  /** Whether pods are scheduled from the start. Default true. */
  readonly scheduler?: boolean
  /** The cluster's time at the start: milliseconds since the epoch or a date text. Default the present. */
  readonly start?: number | string
  /** The loopback port of the API server. Default any free one. */
  readonly port?: number
  /** The address families of nodes, pods and Services, the primary one first. Default IPv4. */
  readonly ipFamilies?: readonly Family[]
  /** Further ways in, beside certificates and the tokens of service accounts: OIDC, tokens of a file, a proxy in front. */
  readonly authentication?: AuthenticationOptions
  /** Service accounts get no Secret with a token by themselves, as in Kubernetes since 1.24. Default false: they get one, as older clients expect. */
  readonly legacyServiceAccountTokenNoAutoGeneration?: boolean
  /** Where the cluster logs to. Default nowhere. */
  readonly log?: Logger
}

/** The controllers of a cluster: take one away, see what the others do without it, bring it back. */
export interface Controllers {
  readonly running: readonly string[]
  start(...names: ControllerName[]): void
  /** Resolves when they do nothing any more. */
  stop(...names: ControllerName[]): Promise<void>
}

/** A cluster in this process: the real API server, controllers and scheduler, nodes with a runtime in memory, and time in your hand. */
export interface Cluster extends AsyncDisposable {
  /** Everything is allowed to this client. */
  readonly client: Client
  /** A client that asks as somebody else. */
  clientFor(user: UserInfo): Client
  /** Creates what a YAML manifest describes (what is there already is merged), and resolves to the objects as the server has them. */
  apply(manifest: string): Promise<KubeObject[]>
  readonly clock: ManualClock
  /** `https://127.0.0.1:<port>` */
  readonly url: string
  /** The administrator's kubeconfig, and a file with it for stock tools: `kubectl --kubeconfig …`. The file goes with the cluster. */
  readonly kubeconfig: string
  readonly kubeconfigPath: string
  readonly controllers: Controllers
  readonly scheduler: Switch
  /** What all parts count, under the names of the originals. */
  readonly metrics: Registry
  /** Adds a node with an agent and resolves when it is Ready. */
  addNode(options?: NodeOptions): Promise<ClusterNode>
  readonly nodes: readonly ClusterNode[]
  /** Lets time pass in small steps until `attempt` neither throws nor gives `false`; resolves to what it gives. */
  eventually<T>(attempt: () => T | Promise<T>, options?: EventuallyOptions): Promise<T>
  /** Ends everything: no timer, socket or file is left. */
  stop(): Promise<void>
}

/**
 * Starts a whole cluster inside this process, with no root and no container. It stands still whenever its clock does:
 *
 *     await using cluster = await startCluster()
 *     await cluster.addNode({ name: 'n1' })
 *     await cluster.client.create(deployments, web)
 *     await cluster.clock.advance('5m')
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const log = options.log ?? pino({ level: 'silent' })
  const networks = embeddedNetworks(options.ipFamilies ?? ['IPv4'])
  const over = new AbortController()
  const metrics = new Registry()
  const clock = createManualClock({ start: options.start ?? systemClock.now(), settle: () => activity.settle() })
  const asked = options.controllers ?? 'all'
  const names = asked === 'all' ? knownControllers.map(({ name }) => name) : asked === 'none' ? [] : asked
  const components = {
    scheduler: () => wellIf(scheduler.running, 'the scheduler does not run'),
    'controller-manager': () => wellIf(controllers.running.length > 0, 'no controller runs'),
  }
  const plane = await startControlPlane({ components, clock, log, metrics, port: options.port ?? 0, serviceAccounts: names.some((name) => findController(name).alias === 'serviceaccount'), authentication: options.authentication, serviceCIDRs: networks.serviceCIDRs })
  const controllerOptions: ControllerOptions = {
    clusterCIDRs: networks.clusterCIDRs,
    rootCA: plane.pki.ca.certificate, serviceAccountKey: createPrivateKey(plane.pki.serviceAccount.key),
    legacyServiceAccountTokenNoAutoGeneration: options.legacyServiceAccountTokenNoAutoGeneration ?? false,
    // Certificates are judged in true time.
    certificateSigner: certificateSigner({ authority: plane.pki.ca, clock: systemClock }),
  }
  const activity = trackActivity(plane.transport, systemClock)
  const clientFor = (user: UserInfo): Client => createClient(activity.transport, { user, userAgent: 'k8ts' })
  const client = clientFor(systemMaster)
  const deps = { client, clock, log, metrics, signal: over.signal }
  // The cluster's own parts have the rights of their roles, as everywhere.
  const manager = clientFor(controllerManager)
  const informers = createInformers(manager, deps)
  const recorder = (component: string) => createRecorder({ ...deps, client: manager, component })

  const controllers = startControllers({ ...deps, client: manager, clientFor, informers, recorder, options: controllerOptions }, names)
  const scheduler = schedulerSwitch({ ...deps, client: clientFor(schedulerUser), informers })
  if (options.scheduler ?? true) await scheduler.start()
  const wait = <T>(attempt: () => T | Promise<T>, how?: EventuallyOptions) => eventually({ cluster: clock, real: systemClock }, attempt, how)
  const nodes = createNodes({ ...deps, networks, clientFor, wait, untaints: () => controllers.running.includes('node-lifecycle-controller') })
  await clock.settle()

  let stopping: Promise<void> | undefined
  const stop = () => stopping ??= (async () => {
    await nodes.stop()
    await Promise.all([controllers.stopAll(), scheduler.stop()])
    over.abort()
    await informers.stop()
    await plane.close()
  })()

  return {
    client, clientFor, clock, scheduler, metrics, stop, eventually: wait, addNode: nodes.add, apply: (manifest) => applyManifest(client, manifest),
    url: plane.url, kubeconfig: plane.kubeconfig, kubeconfigPath: plane.kubeconfigPath,
    controllers: {
      get running() { return controllers.running },
      start(...those) { for (const name of those) controllers.start(name) },
      async stop(...those) { await Promise.all(those.map((name) => controllers.stop(name))) },
    },
    get nodes() { return nodes.all },
    [Symbol.asyncDispose]: stop,
  }
}
