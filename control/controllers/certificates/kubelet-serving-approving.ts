import { startController } from '../../../api/client/controller.ts'
import { certificateSigningRequests } from '../../../api/kinds/certificates-v1/certificate-signing-request.ts'
import { signers } from '../../../api/kinds/certificates-v1/signer-name.ts'
import { nodes as nodeKind } from '../../../api/kinds/core-v1/node.ts'
import { services as serviceKind } from '../../../api/kinds/core-v1/service.ts'
import { endpointSlices as sliceKind } from '../../../api/kinds/discovery-v1/endpoint-slice.ts'
import { rfc3339 } from '../../../host/clock.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { conditionOf, withCondition } from './csr-status.ts'
import { opened } from './csrapproving.ts'
import { wrongKubeletServing } from './recognize.ts'
import { judgeServingNames } from './serving-names.ts'

/**
 * Approves what kubelets ask for to serve with, when it names their own node and nothing else (`serving-names.ts`). The original leaves this to
 * people, or to a controller from elsewhere; without it no node that joins could show its logs. What is refused is denied, with the reason;
 * what a node does not say of itself (yet) waits for it, or for a person.
 */
export function startKubeletServingApproving({ client, clock, log, signal, metrics, informers }: ControllerDeps): RunningController {
  const requests = informers.of(certificateSigningRequests)
  const nodes = informers.of(nodeKind)
  const services = informers.of(serviceKind, { namespace: 'default', fieldSelector: 'metadata.name=kubernetes' })
  const slices = informers.of(sliceKind, { namespace: 'default', labelSelector: 'kubernetes.io/service-name=kubernetes' })
  const apiServers = (): string[] => [
    ...services.list().flatMap(({ spec }) => spec.clusterIPs ?? []),
    ...slices.list().flatMap(({ endpoints, addressType }) => (addressType === 'FQDN' ? [] : (endpoints ?? []).flatMap(({ addresses }) => addresses))),
  ]
  const undecided = (csr: Parameters<typeof conditionOf>[0]): boolean =>
    csr.spec.signerName === signers.kubeletServing && !csr.status?.certificate && !conditionOf(csr, 'Approved') && !conditionOf(csr, 'Denied')
  return startController({
    name: 'kubelet-serving-approving-controller', client, clock, log, signal, metrics, for: requests,
    watches: [
      { informer: nodes, map: (node) => requests.list().filter((csr) => undecided(csr) && csr.spec.username === `system:node:${node.metadata.name}`).map(({ metadata }) => metadata.name) },
      // Before it is known where the API server is nothing is approved.
      ...[services, slices].map((informer) => ({ informer, map: () => [] })),
    ],
    async reconcile(key) {
      const csr = requests.get(key)
      if (!csr || !undecided(csr)) return
      const request = opened(csr)
      if (wrongKubeletServing(request, csr.spec.usages ?? []) !== undefined) return
      const found = judgeServingNames(csr.spec.username ?? '', request, { nodes: nodes.list(), apiServers: apiServers() })
      if (found.verdict === 'wait') return log.info({ csr: key, why: found.why }, 'Leaving a request for a serving certificate undecided')
      const now = rfc3339(clock.now())
      const times = { status: 'True', lastUpdateTime: now, lastTransitionTime: now } as const
      const condition = found.verdict === 'approve'
        ? { type: 'Approved', reason: 'AutoApproved', message: 'Auto approving kubelet serving certificate of the node that asks.', ...times }
        : { type: 'Denied', reason: 'NotItsOwn', message: found.why, ...times }
      await client.update(certificateSigningRequests, withCondition(csr, condition), { subresource: 'approval' })
    },
  })
}
