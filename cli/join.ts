import { hostname } from 'node:os'
import { createClient } from '../api/client/create-client.ts'
import { httpsTransport } from '../api/client/https.ts'
import type { Client } from '../api/client/client.ts'
import { isNotFound } from '../api/errors.ts'
import { nodes } from '../api/kinds/core-v1/node.ts'
import { certificatesIn } from '../control/pki/bundle.ts'
import { faultOf } from '../control/pki/fault-of.ts'
import { ensureDir, readIfExists, removeIfExists, writeIfChanged } from '../host/files.ts'
import { nodeSubject, requestCertificate } from './certificates/request-certificate.ts'
import { keptKey, readPair, workerFiles, writePair } from './certificates/worker-keys.ts'
import { configDefaults, loadConfig, problemsOf, saveConfig, type Config } from './config.ts'
import { ensureDirectories } from './directories.ts'
import { tokenText, type TokenText } from './join/bootstrap-token.ts'
import { caHash, readClusterSettings, type ClusterSettings } from './join/cluster-settings.ts'
import { discover, type TrustedCluster } from './join/discover.ts'
import { paths, type Layout } from './layout.ts'
import { alone } from './lock.ts'
import type { Machine } from './machine.ts'
import { addressesOf, addressOfThisMachine, networkView } from './own-address.ts'
import { prepareMachine, prepareProxyMode, programOf, requireRoot, type Preparation } from './up/prepare-machine.ts'
import type { Asked } from './up/settle.ts'
import { startParts } from './up/start-parts.ts'
import { until } from './wait.ts'

export interface JoinOptions extends Preparation {
  readonly layout: Layout
  /** `https://192.0.2.1:6443` */
  readonly server: string
  readonly token: TokenText
  /** `sha256:…`; none only where the person said that he does without. */
  readonly caHashes: readonly string[]
  readonly asked: Asked
  /** How long to wait for a server, or a token, that is not there yet. */
  readonly waitSeconds: number
}

/**
 * Makes this machine a worker of a cluster, or mends the one it is. Nothing is written before it is certain that the cluster is the right one
 * and will have this node; the configuration is written last, so that a join which was killed half way is no membership.
 */
export async function join(options: JoinOptions, machine: Machine): Promise<void> {
  const { layout, server, token, asked } = options
  const { steps, clock } = machine
  requireRoot('join')
  const before = await loadConfig(layout)
  if (before?.role === 'server') throw new Error('This machine is the server of a cluster of its own; run ./k8ts down --purge first to make it a worker of another')
  const nodeName = asked.nodeName ?? before?.nodeName ?? hostname().toLowerCase()
  if (before && before.nodeName !== nodeName) throw new Error(`This machine is node ${before.nodeName} already; run ./k8ts leave first to join under another name`)
  const cluster = await steps.step('Cluster', (say) => until(`Finding the cluster at ${server}`, () => discover({ asked: server, token, caHashes: options.caHashes, clock }),
    { clock, deadlineMs: options.waitSeconds * 1000, everyMs: 1000, onWait: say }))
  await refuseAnotherCluster(before, cluster)
  const guest = httpsTransport({ server: cluster.serverURL, ca: cluster.ca, token: tokenText(token), clock, timeoutMs: 10_000 })
  try {
    const client = createClient(guest)
    const settings = await readClusterSettings(client)
    const known = await knownClient(layout, cluster, nodeName, machine)
    if (!known) await refuseTakenName(client, nodeName)
    const config = await settleWorker({ ...options, nodeName, cluster, settings, before })
    await ensureDirectories(layout)
    await alone(layout, {}, async () => {
      await prepareMachine(options, machine)
      await prepareProxyMode(config, options, machine)
      await steps.step('Certificate', () => (known ? Promise.resolve('as it is') : introduce(client, config, cluster, machine)))
      await saveConfig(config)
      await startParts(config, machine, await programOf(machine))
    })
  } finally {
    guest.close()
  }
  steps.note(`\nThis machine is node ${nodeName} of ${cluster.serverURL} after {elapsed}.\n`)
}

/** A machine is of one cluster at a time. */
async function refuseAnotherCluster(before: Config | undefined, { ca }: TrustedCluster): Promise<void> {
  const known = before && (await readIfExists(workerFiles(before).ca))
  if (!known || hashesOf(known).some((hash) => hashesOf(ca).includes(hash))) return
  throw new Error(`This machine is a worker of another cluster, ${before.serverURL}; run ./k8ts leave first`)
}

const hashesOf = (certificates: string): string[] => certificatesIn(certificates).map(caHash)

/** Whether this machine can prove already that it is this node of this cluster. */
async function knownClient(layout: Layout, { ca }: TrustedCluster, nodeName: string, { clock }: Machine): Promise<boolean> {
  const pair = await readPair(workerFiles(layout).client)
  return pair !== undefined && faultOf(pair, { authority: ca, wanted: nodeSubject(nodeName), clock, spareDays: 0 }) === undefined
}

/** Another machine that lives under the name would have its node taken over; one that is gone may be replaced. */
async function refuseTakenName(client: Client, nodeName: string): Promise<void> {
  const node = await client.get(nodes, { name: nodeName }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error
  })
  const ready = node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
  if (ready) throw new Error(`The cluster has a Ready node ${nodeName} already; give this machine another name with --node-name, or take that node away first`)
}

interface Settling extends JoinOptions {
  readonly nodeName: string
  readonly cluster: TrustedCluster
  readonly settings: Partial<ClusterSettings>
  readonly before: Config | undefined
}

/** The configuration of the worker: what the person says, else what the cluster says, else what was. */
async function settleWorker({ layout, asked, nodeName, cluster, settings, before }: Settling): Promise<Config> {
  const { nodeIP: _, ...told } = { ...configDefaults, ...before, ...settings, ...asked }
  const server = await addressesOf(cluster.serverURL)
  const fixed = asked.nodeIP ?? (before?.fixedNodeIP ? before.nodeIP : undefined)
  const address = addressOfThisMachine(await networkView(), { asked: fixed, before: undefined, serviceCIDR: told.serviceCIDR, server })
  const config: Config = { ...told, ...layout, role: 'worker', serverURL: cluster.serverURL, nodeName, nodeIP: address.nodeIP, fixedNodeIP: fixed !== undefined }
  const problems = address.problem ? [address.problem] : problemsOf(config)
  if (problems.length) throw new Error(`Cannot set up this machine: ${problems.join('; ')}`)
  return config
}

/** Asks the cluster for a certificate as this node. The key is kept before anybody hears of it: a join that was killed asks for the same again. */
async function introduce(client: Client, config: Config, { ca }: TrustedCluster, { clock }: Machine): Promise<string> {
  const files = workerFiles(config)
  const { nodeName } = config
  await ensureDir(paths(config).pki)
  const { generateKey } = await import('../control/pki/certificate.ts')
  const key = await keptKey(files.pendingClient, async () => (await generateKey()).pem)
  const late = new AbortController()
  const cancel = clock.after(60_000, () => late.abort(new Error('nobody has approved the request for 60 s; see kubectl get csr on the server')))
  try {
    const certificate = await requestCertificate({ client, key, nodeName, use: 'client', signal: late.signal })
    await writeIfChanged(files.ca, ca)
    await writePair(files.client, { certificate, key })
  } catch (error) {
    throw new Error(`Cannot get a certificate for node ${nodeName}: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    cancel()
    await removeIfExists(files.pendingClient)
  }
  // What another life of this machine served with names another key's holder at best.
  await removeIfExists(files.serving)
  return 'issued'
}
