import { startController } from '../../../api/client/controller.ts'
import { certificateSigningRequests } from '../../../api/kinds/certificates-v1/certificate-signing-request.ts'
import { rfc3339 } from '../../../host/clock.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { conditionOf, isApproved, withCondition } from './csr-status.ts'
import { opened } from './csrapproving.ts'
import { refusals } from './recognize.ts'

/** Issues certificates for approved requests of the cluster's own signers; what a signer does not sign fails, with the reason. */
export function startCSRSigning({ client, clock, log, signal, metrics, informers, options }: ControllerDeps): RunningController {
  const signer = options?.certificateSigner
  if (!signer) return { stop: async () => {} }
  const requests = informers.of(certificateSigningRequests)
  return startController({
    name: 'certificatesigningrequest-signing-controller', client, clock, log, signal, metrics, for: requests,
    async reconcile(key) {
      const csr = requests.get(key)
      const refusalOf = csr && refusals.get(csr.spec.signerName)
      if (!refusalOf || csr.status?.certificate || !isApproved(csr) || conditionOf(csr, 'Failed')) return
      const { usages = [], request, expirationSeconds } = csr.spec
      const refusal = refusalOf(opened(csr), usages)
      if (refusal !== undefined) {
        const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: refusal, lastUpdateTime: rfc3339(clock.now()) } as const
        await client.updateStatus(certificateSigningRequests, withCondition(csr, failed))
        return
      }
      const certificate = await signer.sign(Buffer.from(request, 'base64').toString('latin1'), usages, expirationSeconds)
      await client.updateStatus(certificateSigningRequests, { ...csr, status: { ...csr.status, certificate: Buffer.from(certificate).toString('base64') } })
    },
  })
}
