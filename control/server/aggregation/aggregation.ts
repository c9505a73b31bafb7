import { apiServices } from '../../../api/kinds/apiregistration-v1/api-service.ts'
import type { APIService } from '../../../api/types/apiregistration-v1.ts'
import type { UserInfo } from '../../../api/transport.ts'
import type { PeerTls } from '../agent-connection.ts'
import { derived } from '../derived.ts'
import type { Tools } from '../tools.ts'

/** How this server shows itself to those it passes requests on to, and what they must know to believe it. PEM texts. */
export interface AggregationIdentity {
  /** The client certificate: signed by `requestHeaderCA`. */
  readonly key: string
  readonly cert: string
  readonly requestHeaderCA: string
  /** Common names of certificates by which `X-Remote-User` is believed. */
  readonly allowedNames: readonly string[]
  /** The authority of the cluster's own client certificates. */
  readonly clientCA: string
}

/** A group and version that another server answers for. */
export interface RemoteVersion {
  /** Of the APIService: `v1beta1.metrics.k8s.io`. */
  readonly name: string
  readonly group: string
  readonly version: string
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number }
  readonly tls: PeerTls
  /** Its last check went well. */
  readonly available: boolean
  readonly object: APIService
}

/** The groups that are answered elsewhere: APIServices with a service. */
export interface Aggregation {
  readonly identity: AggregationIdentity | undefined
  load(): Promise<void>
  all(): readonly RemoteVersion[]
  find(group: string, version: string): RemoteVersion | undefined
}

/** Follows the APIServices; synchronous, for it is asked on the way of every request. */
export function createAggregation(tools: Pick<Tools, 'resources'>, identity: AggregationIdentity | undefined): Aggregation {
  const index = derived(tools, [apiServices], (objects) => {
    const remote = (objects as readonly APIService[]).flatMap((object) => remoteOf(object, identity))
    return { all: remote, byVersion: new Map(remote.map((of) => [`${of.group}/${of.version}`, of])) }
  })
  return {
    identity,
    load: () => index.load(),
    all: () => index.get().all,
    find(group, version) {
      const { byVersion } = index.get()
      return byVersion.size === 0 ? undefined : byVersion.get(`${group}/${version}`)
    },
  }
}

function remoteOf(object: APIService, identity: AggregationIdentity | undefined): RemoteVersion[] {
  const { group = '', version = '', service, caBundle, insecureSkipTLSVerify } = object.spec
  if (!service || group === '') return []
  const { namespace = '', name = '', port = 443 } = service
  const tls: PeerTls = {
    ...(identity && { key: identity.key, cert: identity.cert }), ...(caBundle && { ca: Buffer.from(caBundle, 'base64').toString() }),
    servername: `${name}.${namespace}.svc`, ...(insecureSkipTLSVerify && { rejectUnauthorized: false }),
  }
  return [{ name: object.metadata.name, group, version, service: { namespace, name, port }, tls, available: isAvailable(object), object }]
}

const isAvailable = ({ status }: APIService): boolean => status?.conditions?.some(({ type, status: is }) => type === 'Available' && is === 'True') ?? false

/** As whom this server asks those behind it on its own account. */
export const aggregator: UserInfo = Object.freeze({ name: 'system:kube-aggregator', groups: Object.freeze(['system:masters']) })

/** Who asks, in the headers by which a server behind this one knows (`--requestheader-*-headers` in their usual names). */
export function identityHeaders(user: UserInfo): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { 'x-remote-user': utf8(user.name), ...(user.uid && { 'x-remote-uid': utf8(user.uid) }), 'x-remote-group': user.groups.map(utf8) }
  for (const [key, values] of Object.entries(user.extra ?? {})) headers[`x-remote-extra-${escapeKey(key)}`] = values.map(utf8)
  return headers
}

/** Node writes a header's characters as a byte each; names go as the bytes of their UTF-8, as Go sends them. */
const utf8 = (text: string): string => Buffer.from(text).toString('latin1')

/** Header names know few characters; all others are percent-encoded, capitals too, for names are read in any case. */
const escapeKey = (key: string): string => [...Buffer.from(key)].map((byte) => {
  const character = String.fromCharCode(byte)
  return /[a-z0-9!#$&'*+.^_`|~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}).join('')
