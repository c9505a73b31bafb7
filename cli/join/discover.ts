import { timingSafeEqual } from 'node:crypto'
import { load } from 'js-yaml'
import { createClient } from '../../api/client/create-client.ts'
import { httpsTransport } from '../../api/client/https.ts'
import { isNotFound } from '../../api/errors.ts'
import { configMaps } from '../../api/kinds/core-v1/config-map.ts'
import { detachedSignature } from '../../control/controllers/bootstrap/bootstrap-signer.ts'
import { certificatesIn } from '../../control/pki/bundle.ts'
import type { Clock } from '../../host/clock.ts'
import { caHash, clusterInfoPlace } from './cluster-settings.ts'
import type { TokenText } from './bootstrap-token.ts'

/** A cluster that has been found to be the right one. */
export interface TrustedCluster {
  /** Where its API server answers under a certificate of its authority. */
  readonly serverURL: string
  /** PEM. */
  readonly ca: string
}

export interface Discovery {
  /** `https://192.0.2.1:6443`, as the person named it. */
  readonly asked: string
  readonly token: TokenText
  /** `sha256:…` of the authorities that may be the right one; none: the token's signature alone must do. */
  readonly caHashes: readonly string[]
  readonly clock: Clock
}

/**
 * Finds out whom to trust, as kubeadm does (`kubeadm join --discovery-token`): the server is asked over a connection that proves nothing, and
 * without the token, which it must not learn. What it says of itself counts because it is signed with the token's secret, and because the
 * authority it names has the public key whose hash the person has. Only then it is spoken to, by that authority.
 */
export async function discover(discovery: Discovery): Promise<TrustedCluster> {
  const { asked, clock } = discovery
  const untrusted = httpsTransport({ server: asked, insecure: true, clock, timeoutMs: 10_000 })
  let data: Readonly<Record<string, string>>
  try {
    const found = await createClient(untrusted).get(configMaps, clusterInfoPlace).catch((error: unknown) => {
      if (isNotFound(error)) throw new Error(`There is no cluster at ${asked} that can be joined: it has no ConfigMap kube-public/cluster-info`)
      throw error
    })
    data = found.data ?? {}
  } finally {
    untrusted.close()
  }
  const { serverURL, ca } = trusted(data, discovery)
  return { ca, serverURL: await reachable([asked, serverURL], ca, clock) }
}

/** What a `cluster-info` says, once its signature and its authority are found right. Throws a sentence otherwise. */
export function trusted(data: Readonly<Record<string, string>>, { asked, token, caHashes }: Omit<Discovery, 'clock'>): TrustedCluster {
  const { kubeconfig } = data
  const signature = data[`jws-kubeconfig-${token.id}`]
  if (kubeconfig === undefined || signature === undefined) {
    throw new Error(`The cluster at ${asked} does not know the token ${token.id}: it has expired, was deleted, or is another cluster's. Make one there with ./k8ts token create`)
  }
  const right = detachedSignature(kubeconfig, token)
  if (signature.length !== right.length || !timingSafeEqual(Buffer.from(signature), Buffer.from(right))) {
    throw new Error(`What the cluster at ${asked} says of itself is not signed with this token: the token's second half is wrong, or somebody else answers there`)
  }
  const { server, ca } = clusterOf(kubeconfig, asked)
  const good = certificatesIn(ca).filter((certificate) => caHashes.length === 0 || caHashes.includes(hashOf(certificate, asked)))
  if (good.length === 0) throw new Error(`The authority of the cluster at ${asked} is not the one with ${caHashes.join(' or ')}: somebody else answers there, or the hash is another cluster's`)
  return { serverURL: server, ca: good.join('') }
}

function clusterOf(kubeconfig: string, asked: string): { server: string; ca: string } {
  const nonsense = new Error(`Cannot read what the cluster at ${asked} says of itself: its cluster-info is not a kubeconfig with one cluster`)
  let config: { clusters?: { cluster?: { server?: unknown; 'certificate-authority-data'?: unknown } }[] } | undefined
  try {
    config = load(kubeconfig) as typeof config
  } catch {
    throw nonsense
  }
  const { server, 'certificate-authority-data': ca } = config?.clusters?.[0]?.cluster ?? {}
  if (typeof server !== 'string' || !server.startsWith('https://') || !URL.canParse(server) || typeof ca !== 'string') throw nonsense
  return { server: new URL(server).origin, ca: Buffer.from(ca, 'base64').toString('latin1') }
}

function hashOf(certificate: string, asked: string): string {
  try {
    return caHash(certificate)
  } catch {
    throw new Error(`Cannot read the authority's certificate of the cluster at ${asked}`)
  }
}

/** The first of these under which the server answers with a certificate that its authority issued for that name. */
async function reachable(urls: readonly string[], ca: string, clock: Clock): Promise<string> {
  const reasons: string[] = []
  for (const url of new Set(urls)) {
    const transport = httpsTransport({ server: url, ca, clock, timeoutMs: 10_000 })
    try {
      await transport({ method: 'GET', path: '/healthz', query: new URLSearchParams(), headers: {} })
      return url
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error))
    } finally {
      transport.close()
    }
  }
  throw new Error(reasons.join('\n'))
}

/** A server as a person names it: `HOST`, `HOST:PORT`, `[2001:db8::1]:6443`, `2001:db8::1`, or a URL. Undefined when it is none. */
export function parseServer(text: string): string | undefined {
  const bare = text.trim().replace(/^https:\/\//, '').replace(/\/$/, '')
  const host = bare.split(':').length > 2 && !bare.startsWith('[') ? `[${bare}]` : bare
  if (!/^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?$/i.test(host)) return undefined
  const withPort = /:\d+$/.test(host) && !host.endsWith(']') ? host : `${host}:6443`
  return URL.canParse(`https://${withPort}`) ? new URL(`https://${withPort}`).origin : undefined
}

