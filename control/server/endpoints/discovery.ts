import { createHash } from 'node:crypto'
import { noSuchResource } from '../../../api/errors.ts'
import { aggregatedDiscovery, aggregatedMediaType, coreVersions, groupList, resourceList } from '../../../api/discovery/discovery.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import type { APIGroup } from '../../../api/types/meta-v1/discovery.ts'
import type { DiscoveredGroup, RemoteDiscovery } from '../aggregation/remote-discovery.ts'
import type { RequestContext } from '../context.ts'
import type { KindTable } from '../kind-table.ts'
import { plainAccepted } from '../media-type.ts'
import { valueResponse } from '../respond.ts'
import type { Endpoint } from './endpoints.ts'
import { nowhere } from './nowhere.ts'

/** `/api`, `/apis` and below: what is served here and behind APIServices, classic or (for those who ask) aggregated. */
export function discovery(table: KindTable, remote: RemoteDiscovery, serverAddress: string): Readonly<Record<string, Endpoint>> {
  const groups = (): readonly APIGroup[] => merged(groupList(table.all).groups as APIGroup[], remote.groups(), ({ name }) => name)
  const endpoints: Record<string, Endpoint> = {
    '/api': (context) => {
      const version = aggregatedVersion(context.request.headers['accept'])
      return version ? aggregated(context, version, aggregatedDiscovery(table.all, 'core', version)) : valueResponse(context, 200, coreVersions(table.all, serverAddress))
    },
    '/api/*': (context) => {
      const [, , version = '', ...rest] = partsOf(context)
      return valueResponse(context, 200, found(rest.length > 0 ? undefined : resourceList(table.all, '', version)))
    },
    '/apis': async (context) => {
      const version = aggregatedVersion(context.request.headers['accept'])
      if (!version) return valueResponse(context, 200, { kind: 'APIGroupList', apiVersion: 'v1', groups: groups().map(({ kind: _, apiVersion: __, ...group }) => group) })
      const document = aggregatedDiscovery(table.all, 'groups', version)
      return aggregated(context, version, { ...document, items: merged(document.items as readonly DiscoveredGroup[], await remote.discovered(), ({ metadata }) => metadata.name) })
    },
    '/apis/*': (context) => {
      const [, , group = '', version, ...rest] = partsOf(context)
      const known = groups().find(({ name }) => name === group)
      if (!known) return nowhere(table, context.request.path)
      return valueResponse(context, 200, found(rest.length > 0 ? undefined : version ? resourceList(table.all, group, version) : { ...known, kind: 'APIGroup', apiVersion: 'v1' }))
    },
  }
  return endpoints
}

const partsOf = ({ request }: RequestContext): string[] => request.path.replace(/\/$/, '').split('/')

/** Clients keep the document and ask whether it is still true by its tag. */
function aggregated(context: RequestContext, version: 'v2' | 'v2beta1', document: object): ApiResponse {
  const etag = `"${createHash('sha512').update(JSON.stringify(document)).digest('hex').toUpperCase()}"`
  const headers = { 'cache-control': 'no-cache, private', 'content-type': aggregatedMediaType(version), etag, vary: 'Accept' }
  if (context.request.headers['if-none-match'] === etag) return { status: 304, headers, body: { kind: 'empty' } }
  return { ...valueResponse({ ...context, accepted: plainAccepted }, 200, document), headers }
}

interface Grouped { readonly versions: readonly { readonly version: string }[] }

/** One group may have versions here and elsewhere; those of this server come first. */
function merged<G extends Grouped>(local: readonly G[], remote: readonly G[], nameOf: (group: G) => string | undefined): readonly G[] {
  if (remote.length === 0) return local
  const groups = new Map(local.map((group) => [nameOf(group), group]))
  for (const group of remote) {
    const here = groups.get(nameOf(group))
    groups.set(nameOf(group), here ? { ...here, versions: [...here.versions, ...group.versions.filter(({ version }) => !here.versions.some((known) => known.version === version))] } : group)
  }
  return [...groups.values()]
}

/** The paths of the documents, for `/`. */
export const discoveryPaths = ({ all }: KindTable): readonly string[] => [...new Set(all.flatMap(({ group, version }) =>
  group === '' ? [`/api/${version}`] : [`/apis/${group}`, `/apis/${group}/${version}`]))]

function found<T>(document: T | undefined): T {
  if (document === undefined) throw noSuchResource()
  return document
}

/** The version of the aggregated document a client would rather have than the classic one; undefined: none. */
function aggregatedVersion(accept: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const clause of (accept ?? '').split(',')) {
    const [type, ...parameters] = clause.split(';').map((part) => part.trim())
    if (type !== 'application/json') continue
    if (!parameters.includes('as=APIGroupDiscoveryList') || !parameters.includes('g=apidiscovery.k8s.io')) return undefined
    if (parameters.includes('v=v2')) return 'v2'
    if (parameters.includes('v=v2beta1')) return 'v2beta1'
  }
  return undefined
}
