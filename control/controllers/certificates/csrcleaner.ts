import { startController } from '../../../api/client/controller.ts'
import { isConflict, isNotFound } from '../../../api/errors.ts'
import { certificateSigningRequests } from '../../../api/kinds/certificates-v1/certificate-signing-request.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { unless } from '../shared/unless.ts'
import { endOfRequest } from './csr-status.ts'

/** Removes requests that have had their time. The original looks at all of them once an hour; here each has its own timer. */
export function startCSRCleaner({ client, clock, log, signal, metrics, informers }: ControllerDeps): RunningController {
  const requests = informers.of(certificateSigningRequests)
  return startController({
    name: 'certificatesigningrequest-cleaner-controller', client, clock, log, signal, metrics, for: requests,
    async reconcile(key) {
      const csr = requests.get(key)
      const end = csr && endOfRequest(csr)
      if (end === undefined) return
      if (end > clock.now()) return { after: Math.min(end - clock.now(), 24 * 3600 * 1000) }
      const { name, uid } = csr!.metadata
      await client.delete(certificateSigningRequests, { name: name! }, { ...(uid && { preconditions: { uid } }) }).catch(unless(isNotFound, isConflict))
    },
  })
}
