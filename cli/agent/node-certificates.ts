import type { Logger } from 'pino'
import type { Client } from '../../api/client/client.ts'
import type { Credentials } from '../../api/client/http2-sessions.ts'
import type { KeyPair } from '../../control/pki/certificate.ts'
import { faultOf } from '../../control/pki/fault-of.ts'
import type { Clock } from '../../host/clock.ts'
import { nodeIPs } from '../addresses.ts'
import { nodeSubject, requestCertificate } from '../certificates/request-certificate.ts'
import { renewalOf } from '../certificates/renewal.ts'
import { workerFiles, writePair } from '../certificates/worker-keys.ts'
import type { Config } from '../config.ts'
import { loadNodeKeys } from '../keys.ts'

/** The certificates of a node while its agent runs: renewed before they end, and in use from then on without a restart. */
export interface NodeCertificates {
  /** The cluster's authority, PEM. */
  readonly ca: string
  /** As whom the node asks the API server; for every new connection. */
  credentials(): Credentials
  /** What the agent's server shows: what there is now, and then each newer one. */
  readonly serving: { readonly key?: string; readonly cert?: string; follow(take: (pair: { key: string; cert: string }) => void): void }
  /** Begins to renew, and on a worker to ask for what it has not been given yet. */
  keep(client: Client): void
}

export interface NodeCertificatesOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

const day = 24 * 3600 * 1000
const againMs = 60_000

export async function openNodeCertificates(config: Config, { clock, log, signal }: NodeCertificatesOptions): Promise<NodeCertificates> {
  let { ca, client: own, serving } = await loadNodeKeys(config, clock)
  const { nodeName } = config
  const takers: ((pair: { key: string; cert: string }) => void)[] = []
  const serve = (pair: KeyPair): void => {
    serving = pair
    for (const take of takers) take({ key: pair.key, cert: pair.certificate })
  }

  /** Waits for `due` and does it; what fails is tried again. */
  const keepUp = async (what: string, due: () => number, renew: () => Promise<void>): Promise<void> => {
    while (!signal.aborted) {
      try {
        const wait = due() - clock.now()
        // Timers for longer than 2^31 ms run at once.
        if (wait > 0) await clock.sleep(Math.min(wait, day), signal)
        else await renew()
      } catch (error) {
        if (signal.aborted) return
        log.warn({ err: error }, `Renew ${what}: will try again`)
        await clock.sleep(againMs, signal).catch(() => {})
      }
    }
  }

  const newKey = async (): Promise<string> => (await (await import('../../control/pki/certificate.ts')).generateKey()).pem
  const ask = async (client: Client, use: 'client' | { serving: readonly string[] }): Promise<KeyPair> => {
    const key = await newKey()
    return { key, certificate: await requestCertificate({ client, key, nodeName, use, signal }) }
  }

  function keepWorker(client: Client): void {
    const files = workerFiles(config)
    void keepUp('the certificate of this node', () => renewalOf(own.certificate, nodeName), async () => {
      const pair = await ask(client, 'client')
      await writePair(files.client, pair)
      own = pair
      log.info('Renewed the certificate of this node')
    })
    const wanted = { ...nodeSubject(nodeName), dnsNames: [nodeName], ips: nodeIPs(config) }
    const isGood = (): boolean => serving !== undefined && faultOf(serving, { authority: ca, wanted, clock, spareDays: 0 }) === undefined
    void keepUp('the serving certificate', () => (isGood() ? renewalOf(serving!.certificate, nodeName) : clock.now()), async () => {
      const pair = await ask(client, { serving: nodeIPs(config) })
      await writePair(files.serving, pair)
      serve(pair)
      log.info({ addresses: nodeIPs(config) }, 'Have a serving certificate')
    })
  }

  /** Where the authority's key lies, certificates are simply made again when they near their end. */
  function keepServer(): void {
    let looked = clock.now()
    void keepUp('the certificates', () => looked + day, async () => {
      const keys = await loadNodeKeys(config, clock)
      looked = clock.now()
      own = keys.client
      if (keys.serving && keys.serving.certificate !== serving?.certificate) serve(keys.serving)
    })
  }

  return {
    ca,
    credentials: () => ({ ca, cert: own.certificate, key: own.key }),
    serving: {
      ...(serving && { key: serving.key, cert: serving.certificate }),
      follow(take) {
        takers.push(take)
        if (serving) take({ key: serving.key, cert: serving.certificate })
      },
    },
    keep: (client) => (config.role === 'worker' ? keepWorker(client) : keepServer()),
  }
}
