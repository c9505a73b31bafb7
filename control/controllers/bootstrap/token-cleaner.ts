import { startController } from '../../../api/client/controller.ts'
import { isConflict, isNotFound } from '../../../api/errors.ts'
import { secrets as secretKind } from '../../../api/kinds/core-v1/secret.ts'
import { bootstrapToken, bootstrapTokenType, endOf, hasExpired } from '../../pki/bootstrap-token.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { unless } from '../shared/unless.ts'

/** Where bootstrap tokens are kept, as every informer of them asks. */
export const bootstrapSecrets = { namespace: 'kube-system', fieldSelector: `type=${bootstrapTokenType}` }

/** Timers that are set for longer than 2^31 ms run at once. */
const longestTimer = 24 * 3600 * 1000

/** Removes bootstrap tokens when their time is over. */
export function startTokenCleaner({ client, clock, log, signal, metrics, informers }: ControllerDeps): RunningController {
  const secrets = informers.of(secretKind, bootstrapSecrets)
  return startController({
    name: 'token-cleaner-controller', client, clock, log, signal, metrics, for: secrets,
    async reconcile(key) {
      const secret = secrets.get(key)
      const token = secret && bootstrapToken(secret)
      if (!secret || !token?.expiration) return
      if (!hasExpired(token, clock.now())) return { after: Math.min(longestTimer, endOf(token.expiration) - clock.now()) }
      const { namespace, name, uid } = secret.metadata
      await client.delete(secretKind, { namespace, name: name! }, { ...(uid && { preconditions: { uid } }) }).catch(unless(isNotFound, isConflict))
    },
  })
}
