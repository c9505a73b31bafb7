import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import type { Clock } from '../../host/clock.ts'
import type { KeyPair, Subject, Usage } from './certificate.ts'
import { faultOf } from './fault-of.ts'
import { subjectOf } from './subject-of.ts'
import { pemDirectory, type PemFiles, pemMemory, type PemStore } from './pem-store.ts'

/** Loaded when something must be made: where everything is right nobody waits for the library behind it. */
const maker = () => import('./certificate.ts')

/** Every key and certificate that the parts of one cluster need, as PEM texts. */
export interface ClusterPki {
  readonly ca: KeyPair
  /** The API server's serving certificate. */
  readonly apiserver: KeyPair
  /** With which the API server calls the agents. */
  readonly apiserverKubeletClient: KeyPair
  readonly admin: KeyPair
  readonly controllerManager: KeyPair
  readonly scheduler: KeyPair
  readonly proxy: KeyPair
  /**
   * An authority of its own, and the certificate of it by which the API server tells servers behind it who asks: nobody who has a
   * certificate of the cluster may do that.
   */
  readonly frontProxy: { readonly ca: KeyPair; readonly client: KeyPair }
  /** Signs service account tokens (ES256). */
  readonly serviceAccount: { readonly key: string; readonly publicKey: string }
  readonly nodes: ReadonlyMap<string, NodePki>
  /** What was made anew, with the reason: `apiserver: it expires soon`. Empty: everything was right. */
  readonly changed: readonly string[]
}

export interface NodePki {
  /** As which the agent calls the API server: `system:node:<name>`. */
  readonly client: KeyPair
  /** What the agent's server shows. */
  readonly serving: KeyPair
}

export interface ClusterPkiOptions {
  /** Names and addresses of the API server beside localhost and `kubernetes.default.svc`; the service's cluster IP among `ips`. */
  readonly hosts?: readonly string[]
  readonly ips?: readonly string[]
  /** Nodes that get their certificates here instead of by a signing request. */
  readonly nodes?: readonly { readonly name: string; readonly hosts?: readonly string[]; readonly ips?: readonly string[] }[]
  /** The clients of the cluster judge by the true time: give the system's clock unless they share this one. */
  readonly clock: Clock
}

/** As whom the API server speaks for others. */
export const frontProxyName = 'front-proxy-client'

/** Certificates with less time left than this are renewed. */
const spareDays = 60

/** A cluster's PKI in memory. */
export const createClusterPki = (options: ClusterPkiOptions): Promise<ClusterPki> => ensurePki(pemMemory(), options)

/** The same in a directory. Keeps what is right, mends the rest; run twice it changes nothing. */
export const ensureClusterPki = async (directory: string, options: ClusterPkiOptions & { readonly files: PemFiles }): Promise<ClusterPki> =>
  ensurePki(await pemDirectory(directory, options.files), options)

async function ensurePki(store: PemStore, options: ClusterPkiOptions): Promise<ClusterPki> {
  const { clock, nodes = [] } = options
  const changed: string[] = []
  const [ca, frontProxyCA] = await Promise.all([ensureAuthority(store, 'ca', 'kubernetes', clock, changed), ensureAuthority(store, 'front-proxy-ca', 'front-proxy-ca', clock, changed)])
  const ensure = (name: string, usage: Usage, subject: Subject, authority = ca) => ensurePair(store, { name, usage, subject, ca: authority, clock, changed })
  const [apiserver, apiserverKubeletClient, admin, controllerManager, scheduler, proxy, frontProxyClient, serviceAccount, ...nodePairs] = await Promise.all([
    ensure('apiserver', 'server', { commonName: 'kube-apiserver', ...serverNames(options) }),
    ensure('apiserver-kubelet-client', 'client', { commonName: 'kube-apiserver-kubelet-client' }),
    ensure('admin', 'client', { commonName: 'kubernetes-admin', organizations: ['system:masters'] }),
    ensure('controller-manager', 'client', { commonName: 'system:kube-controller-manager' }),
    ensure('scheduler', 'client', { commonName: 'system:kube-scheduler' }),
    ensure('proxy', 'client', { commonName: 'system:kube-proxy', organizations: ['system:node-proxier'] }),
    ensure('front-proxy-client', 'client', { commonName: frontProxyName }, frontProxyCA),
    ensureServiceAccount(store, changed),
    ...nodes.map(async ({ name, hosts = [], ips = [] }) => {
      const subject = { commonName: `system:node:${name}`, organizations: ['system:nodes'] }
      const [client, serving] = await Promise.all([
        ensure(`kubelet-client-${name}`, 'client', subject),
        ensure(`kubelet-${name}`, 'server', { ...subject, dnsNames: unique([name, ...hosts]), ips }),
      ])
      return [name, { client, serving }] as const
    }),
  ])
  return { ca, apiserver, apiserverKubeletClient, admin, controllerManager, scheduler, proxy, frontProxy: { ca: frontProxyCA, client: frontProxyClient }, serviceAccount, nodes: new Map(nodePairs), changed }
}

function serverNames({ hosts = [], ips = [] }: ClusterPkiOptions): Pick<Subject, 'dnsNames' | 'ips'> {
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local']
  return { dnsNames: unique(['localhost', ...service, ...hosts]), ips: unique(['127.0.0.1', '::1', ...ips]) }
}

/**
 * The key is the authority; its certificate can be made again from it without harm. A lost key is a new authority, and
 * everything is issued anew.
 */
async function ensureAuthority(store: PemStore, name: string, commonName: string, clock: Clock, changed: string[]): Promise<KeyPair> {
  const [key, certificate] = await Promise.all([store.read(`${name}.key`), store.read(`${name}.crt`)])
  const keyKept = key !== undefined && isPrivateKey(key)
  if (keyKept && certificate !== undefined) {
    const pair = { key, certificate }
    if (isAuthority(certificate) && !faultOf(pair, { authority: certificate, wanted: namesItself(certificate), clock, spareDays })) return pair
  }
  const pair = await (await maker()).createAuthority({ commonName, clock, ...(keyKept && { key }) })
  await writePair(store, name, pair)
  changed.push(`${name}: ${keyKept ? 'renewed under the same key' : key || certificate ? 'its key was lost' : 'it was not there'}`)
  return pair
}

interface PairTask {
  readonly name: string
  readonly usage: Usage
  readonly subject: Subject
  readonly ca: KeyPair
  readonly clock: Clock
  readonly changed: string[]
}

async function ensurePair(store: PemStore, { name, usage, subject, ca, clock, changed }: PairTask): Promise<KeyPair> {
  const [certificate, key] = await Promise.all([store.read(`${name}.crt`), store.read(`${name}.key`)])
  let fault: string | undefined = 'it was not there'
  if (certificate !== undefined && key !== undefined) {
    const pair = { certificate, key }
    fault = faultOf(pair, { authority: ca.certificate, wanted: subject, clock, spareDays })
    if (!fault) return pair
  }
  const pair = await (await maker()).issue(ca, { ...subject, usages: [usage], clock })
  await writePair(store, name, pair)
  changed.push(`${name}: ${fault}`)
  return pair
}

/**
 * EC and not RSA: kube-apiserver signs and accepts ES256 too, tokens are a third as long, and an RSA key takes longer
 * to make than everything else here together.
 */
async function ensureServiceAccount(store: PemStore, changed: string[]): Promise<ClusterPki['serviceAccount']> {
  const [oldKey, oldPublic] = await Promise.all([store.read('sa.key'), store.read('sa.pub')])
  const kept = oldKey !== undefined && isPrivateKey(oldKey)
  const key = kept ? oldKey : (await (await maker()).generateKey()).pem
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string
  if (!kept) await store.write('sa.key', key)
  if (oldPublic !== publicKey) await store.write('sa.pub', publicKey)
  if (!kept || oldPublic !== publicKey) changed.push(`sa: ${kept ? 'its public key was not right' : oldKey ? 'it cannot be read' : 'it was not there'}`)
  return { key, publicKey }
}

/** The key first: whoever is killed in between leaves a pair that does not fit, and the next run sees it. */
async function writePair(store: PemStore, name: string, { certificate, key }: KeyPair): Promise<void> {
  await store.write(`${name}.key`, key)
  await store.write(`${name}.crt`, certificate)
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === 'private'
  } catch {
    return false
  }
}

function isAuthority(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca
  } catch {
    return false
  }
}

/** What an authority is called is its own affair: one brought from elsewhere keeps its name. */
const namesItself = (pem: string): Subject => {
  const { commonName = '', organizations } = subjectOf(new X509Certificate(pem))
  return { commonName, organizations }
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)]
