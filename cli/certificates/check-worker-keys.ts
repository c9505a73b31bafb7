import { faultOf } from '../../control/pki/fault-of.ts'
import type { Clock } from '../../host/clock.ts'
import type { Config } from '../config.ts'
import { nodeSubject } from './request-certificate.ts'
import { loadWorkerKeys } from './worker-keys.ts'

/** Whether a worker can still prove which node it is; rejects with what to do when it cannot. */
export async function checkWorkerKeys(config: Config, clock: Clock): Promise<string> {
  const { ca, client } = await loadWorkerKeys(config)
  const fault = faultOf(client, { authority: ca, wanted: nodeSubject(config.nodeName), clock, spareDays: 0 })
  if (fault) throw new Error(`The certificate of this node is of no use (${fault}): join again with ./k8ts join, with a new token`)
  return 'all there'
}
