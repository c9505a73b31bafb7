import type { Client } from '../../api/client/client.ts'
import { serviceAccounts } from '../../api/kinds/core-v1/service-account.ts'
import type { TokenRequest } from '../../api/types/authentication-v1.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { Clock } from '../../host/clock.ts'

/** Tokens of service accounts, bound to a pod, asked for again when four fifths of their life are over. */
export interface Tokens {
  get(pod: Pod, source: { audience?: string | undefined; expirationSeconds?: number | undefined }): Promise<string>
  /** When the first token of the pod wants renewing; Infinity without any. */
  renewAt(uid: string): number
  forget(uid: string): void
}

interface Held { readonly token: string; readonly renewAt: number; readonly expiresAt: number }

const defaultSeconds = 3600
/** After a failed renewal, while the old token still holds. */
const retryMs = 60_000
const longestMs = 24 * 3600 * 1000

export function createTokens(client: Client, clock: Clock): Tokens {
  const held = new Map<string, Map<string, Held>>()

  async function request(pod: Pod, audience: string | undefined, seconds: number): Promise<Held> {
    const { name, namespace, uid } = pod.metadata
    const asked = {
      apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {},
      spec: { audiences: audience ? [audience] : [], expirationSeconds: seconds, boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid } },
    }
    const account = pod.spec.serviceAccountName || 'default'
    const answer = await client.post<TokenRequest>(serviceAccounts, { namespace, name: account }, 'token', asked)
    const expiresAt = Date.parse(answer.status!.expirationTimestamp!)
    const life = expiresAt - clock.now()
    return { token: answer.status!.token!, expiresAt, renewAt: clock.now() + Math.min(life * 0.8, longestMs) }
  }

  return {
    async get(pod, { audience, expirationSeconds = defaultSeconds }) {
      const uid = pod.metadata.uid!
      const id = JSON.stringify([audience, expirationSeconds])
      const tokens = held.get(uid) ?? new Map<string, Held>()
      held.set(uid, tokens)
      const old = tokens.get(id)
      if (old && old.renewAt > clock.now()) return old.token
      try {
        const fresh = await request(pod, audience, expirationSeconds)
        tokens.set(id, fresh)
        return fresh.token
      } catch (error) {
        if (old && old.expiresAt > clock.now()) {
          tokens.set(id, { ...old, renewAt: clock.now() + retryMs })
          return old.token
        }
        throw new Error(`failed to fetch token: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
      }
    },
    renewAt: (uid) => Math.min(Infinity, ...[...held.get(uid)?.values() ?? []].map(({ renewAt }) => renewAt)),
    forget(uid) { held.delete(uid) },
  }
}
