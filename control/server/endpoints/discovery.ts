import { noSuchResource } from '../../../api/errors.ts'
import { aggregatedDiscovery, aggregatedMediaType, coreVersions, groupList, groupOf, resourceList } from '../../../api/discovery/discovery.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import type { RequestContext } from '../context.ts'
import type { KindTable } from '../kind-table.ts'
import { valueResponse } from '../respond.ts'
import type { Endpoint } from './endpoints.ts'
import { nowhere } from './nowhere.ts'

/** `/api`, `/apis` and below: what is served, classic or (for those who ask) aggregated. */
export function discovery(table: KindTable, serverAddress: string): Readonly<Record<string, Endpoint>> {
  const endpoints: Record<string, Endpoint> = {
    '/api': (context) => aggregated(context, 'core') ?? valueResponse(context, 200, coreVersions(table.all, serverAddress)),
    '/api/*': (context) => {
      const [, , version = '', ...rest] = context.request.path.replace(/\/$/, '').split('/')
      return valueResponse(context, 200, found(rest.length > 0 ? undefined : resourceList(table.all, '', version)))
    },
    '/apis': (context) => aggregated(context, 'groups') ?? valueResponse(context, 200, groupList(table.all)),
    '/apis/*': (context) => {
      const [, , group = '', version, ...rest] = context.request.path.replace(/\/$/, '').split('/')
      if (!table.hasGroup(group)) return nowhere(table, context.request.path)
      return valueResponse(context, 200, found(rest.length > 0 ? undefined : version ? resourceList(table.all, group, version) : groupOf(table.all, group)))
    },
  }
  const aggregated = (context: RequestContext, part: 'core' | 'groups'): ApiResponse | undefined => {
    const version = aggregatedVersion(context.request.headers['accept'])
    if (!version) return undefined
    const response = valueResponse(context, 200, aggregatedDiscovery(table.all, part, version))
    return { ...response, headers: { ...response.headers, 'content-type': aggregatedMediaType(version), vary: 'Accept' } }
  }
  return endpoints
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
