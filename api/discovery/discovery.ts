import type { Kind, Subresource } from '../kinds/kind.ts'
import type { APIGroup, APIGroupList, APIResource, APIResourceList, APIVersions } from '../types/meta-v1/discovery.ts'
import { groupVersionOf, groupsOf } from './versions.ts'
import type { Group, GroupVersion } from './versions.ts'

/*
 * What the server serves, derived from the kinds: the classic documents, one request a group version, and the aggregated
 * ones (`apidiscovery.k8s.io`), two requests for everything. All are cheap to make; callers keep their bytes.
 */

/** `/api`. The address is where clients reach the server: `10.0.0.1:6443`. */
export const coreVersions = (kinds: readonly Kind[], serverAddress: string): APIVersions => ({
  kind: 'APIVersions', versions: groupsOf(kinds).filter(({ name }) => name === '').flatMap(({ versions }) => versions.map(({ version }) => version)),
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
}) as APIVersions

/** `/apis` */
export const groupList = (kinds: readonly Kind[]): APIGroupList => ({
  kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(kinds).filter(({ name }) => name !== '').map(groupEntry) as APIGroup[],
})

/** `/apis/GROUP`; undefined when there is no such group. */
export function groupOf(kinds: readonly Kind[], name: string): APIGroup | undefined {
  const group = groupsOf(kinds).find((candidate) => candidate.name === name && name !== '')
  return group && { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) }
}

/** `/api/v1` and `/apis/GROUP/VERSION`; undefined when nothing is served there. */
export function resourceList(kinds: readonly Kind[], group: string, version: string): APIResourceList | undefined {
  const of = groupsOf(kinds).find(({ name }) => name === group)?.versions.find((candidate) => candidate.version === version)
  if (!of) return undefined
  const resources = of.kinds.flatMap((kind) => [resourceEntry(kind), ...subresourceEntries(kind)])
  return { kind: 'APIResourceList', ...(group && { apiVersion: 'v1' }), groupVersion: groupVersionOf(of), resources: resources.sort(byName) } as APIResourceList
}

/** `/api` (`core`) or `/apis` (`groups`) for those who accept `as=APIGroupDiscoveryList`. */
export function aggregatedDiscovery(kinds: readonly Kind[], part: 'core' | 'groups', version: 'v2' | 'v2beta1'): APIGroupDiscoveryList {
  const groups = groupsOf(kinds).filter(({ name }) => (name === '') === (part === 'core'))
  return {
    kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {},
    items: groups.map(({ name, versions }) => ({ metadata: { ...(name && { name }), creationTimestamp: null }, versions: versions.map(versionDiscovery) })),
  }
}

export const aggregatedMediaType = (version: 'v2' | 'v2beta1'): string => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`

function groupEntry({ name, versions }: Group): Pick<APIGroup, 'name' | 'versions' | 'preferredVersion'> {
  const entries = versions.map((of) => ({ groupVersion: groupVersionOf(of), version: of.version }))
  return { name, versions: entries, preferredVersion: entries[0]! }
}

function resourceEntry(kind: Kind): APIResource {
  return {
    name: kind.resource, singularName: kind.singular, namespaced: kind.namespaced, kind: kind.kind, verbs: sorted(kind.verbs),
    ...(kind.shortNames?.length && { shortNames: [...kind.shortNames] }), ...(kind.categories?.length && { categories: [...kind.categories] }),
  }
}

function subresourceEntries(kind: Kind): APIResource[] {
  return Object.entries(kind.subresources ?? {}).map(([name, subresource]) => {
    const of = subresourceKind(kind, subresource)
    const foreign = of.group !== kind.group || of.version !== kind.version
    return {
      name: `${kind.resource}/${name}`, singularName: '', namespaced: kind.namespaced,
      ...(foreign && { group: of.group, version: of.version }), kind: of.kind, verbs: sorted(subresource.verbs),
    }
  })
}

/** The group, version and kind of what a subresource reads and writes: the parent's unless it says otherwise. */
export function subresourceKind(kind: Kind, { type, group, version, kind: own }: Subresource): { group: string; version: string; kind: string } {
  if (type === 'scale') return { group: group ?? 'autoscaling', version: version ?? 'v1', kind: own ?? 'Scale' }
  return { group: group ?? kind.group, version: version ?? kind.version, kind: own ?? kind.kind }
}

/** `apidiscovery.k8s.io` APIGroupDiscoveryList. */
export interface APIGroupDiscoveryList {
  readonly kind: 'APIGroupDiscoveryList'
  readonly apiVersion: string
  readonly metadata: object
  readonly items: readonly { readonly metadata: object; readonly versions: readonly APIVersionDiscovery[] }[]
}

interface APIVersionDiscovery {
  readonly version: string
  readonly resources: readonly APIResourceDiscovery[]
  readonly freshness: 'Current'
}

interface ResponseKind { readonly group: string; readonly version: string; readonly kind: string }

interface APIResourceDiscovery {
  readonly resource: string
  readonly responseKind: ResponseKind
  readonly scope: 'Namespaced' | 'Cluster'
  readonly singularResource: string
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly subresources?: readonly { readonly subresource: string; readonly responseKind: ResponseKind; readonly verbs: readonly string[] }[]
}

const versionDiscovery = ({ version, kinds }: GroupVersion): APIVersionDiscovery => ({ version, resources: kinds.map(resourceDiscovery), freshness: 'Current' })

function resourceDiscovery(kind: Kind): APIResourceDiscovery {
  const subresources = Object.entries(kind.subresources ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, subresource]) => ({
    subresource: name, responseKind: subresourceKind(kind, subresource), verbs: sorted(subresource.verbs),
  }))
  return {
    resource: kind.resource, responseKind: { group: kind.group, version: kind.version, kind: kind.kind }, scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular, verbs: sorted(kind.verbs),
    ...(kind.shortNames?.length && { shortNames: kind.shortNames }), ...(kind.categories?.length && { categories: kind.categories }), ...(subresources.length > 0 && { subresources }),
  }
}

const sorted = (verbs: readonly string[]): string[] => [...verbs].sort()
const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
