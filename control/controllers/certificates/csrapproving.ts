import { startController } from '../../../api/client/controller.ts'
import { TerminalError } from '../../../api/client/controller.ts'
import { subjectAccessReviews } from '../../../api/kinds/authorization-v1/reviews.ts'
import { openCertificateRequest } from '../../../api/kinds/certificates-v1/request.ts'
import type { CertificateRequest } from '../../../api/kinds/certificates-v1/request.ts'
import { certificateSigningRequests } from '../../../api/kinds/certificates-v1/certificate-signing-request.ts'
import { signers } from '../../../api/kinds/certificates-v1/signer-name.ts'
import type { CertificateSigningRequest } from '../../../api/types/certificates-v1.ts'
import { rfc3339 } from '../../../host/clock.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { conditionOf, withCondition } from './csr-status.ts'
import { wrongKubeletClient } from './recognize.ts'

/** A permission by which a request is approved without a person: to ask for one's own node, or for any. */
interface Way { readonly subresource: string; readonly message: string }

const ownNode: Way = { subresource: 'selfnodeclient', message: 'Auto approving self kubelet client certificate after SubjectAccessReview.' }
const anyNode: Way = { subresource: 'nodeclient', message: 'Auto approving kubelet client certificate after SubjectAccessReview.' }

/** By which permissions a request could be approved, the narrow one first; none for what is no kubelet's client certificate. */
export function waysOf({ spec }: CertificateSigningRequest, request: CertificateRequest): readonly Way[] {
  if (spec.signerName !== signers.kubeletClient || wrongKubeletClient(request, spec.usages ?? []) !== undefined) return []
  return spec.username === request.commonName ? [ownNode, anyNode] : [anyNode]
}

/** Approves what joining nodes ask for, if the asker may have it: bootstrap tokens for a new node, nodes for themselves. */
export function startCSRApproving({ client, clock, log, signal, metrics, informers }: ControllerDeps): RunningController {
  const requests = informers.of(certificateSigningRequests)
  const allowed = async ({ spec }: CertificateSigningRequest, subresource: string): Promise<boolean> => {
    const { status } = await client.create(subjectAccessReviews, {
      metadata: {},
      spec: {
        user: spec.username ?? '', uid: spec.uid ?? '', groups: [...spec.groups ?? []], extra: { ...spec.extra },
        resourceAttributes: { group: 'certificates.k8s.io', version: '*', resource: 'certificatesigningrequests', subresource, verb: 'create' },
      },
    })
    return status?.allowed === true
  }
  return startController({
    name: 'certificatesigningrequest-approving-controller', client, clock, log, signal, metrics, for: requests,
    async reconcile(key) {
      const csr = requests.get(key)
      if (!csr || csr.status?.certificate || conditionOf(csr, 'Approved') || conditionOf(csr, 'Denied')) return
      for (const { subresource, message } of waysOf(csr, opened(csr))) {
        if (!await allowed(csr, subresource)) continue
        const now = rfc3339(clock.now())
        await client.update(certificateSigningRequests, withCondition(csr, { type: 'Approved', status: 'True', reason: 'AutoApproved', message, lastUpdateTime: now, lastTransitionTime: now }), { subresource: 'approval' })
        return
      }
    },
  })
}

/** The request inside; the server has looked at it already, so what cannot be read will not be readable later. */
export function opened({ spec, metadata }: CertificateSigningRequest): CertificateRequest {
  try {
    return openCertificateRequest(spec.request)
  } catch (error) {
    throw new TerminalError(`unable to parse csr ${JSON.stringify(metadata.name)}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
