import { compareVersions } from '../../../api/discovery/versions.ts'
import type { APIGroup, APIResource, APIResourceList } from '../../../api/types/meta-v1/discovery.ts'
import { dial } from '../agent-connection.ts'
import type { Tools } from '../tools.ts'
import { aggregator, identityHeaders } from './aggregation.ts'
import type { Aggregation, RemoteVersion } from './aggregation.ts'
import { targetOf } from './pass-on.ts'

/** A group's entry in `apidiscovery.k8s.io` APIGroupDiscoveryList. */
export interface DiscoveredGroup { readonly metadata: { readonly name?: string }; readonly versions: readonly DiscoveredVersion[] }
interface DiscoveredVersion { readonly version: string; readonly resources: readonly unknown[]; readonly freshness: 'Current' | 'Stale' }

/** What the groups that other servers answer for add to discovery. */
export interface RemoteDiscovery {
  /** For `/apis` and `/apis/GROUP`: known from the APIServices alone, whether their servers answer or not. */
  groups(): readonly APIGroup[]
  /** For the aggregated form: what the servers say, or said last (`Stale`). */
  discovered(): Promise<readonly DiscoveredGroup[]>
}

/** An answer is good for so long. */
const fresh = 10_000
const patience = 3_000
const longest = 8 * 1024 * 1024

interface Known { readonly at: number; readonly resources: readonly APIResource[]; readonly current: boolean }

export function createRemoteDiscovery(tools: Tools, aggregation: Aggregation): RemoteDiscovery {
  const known = new Map<string, Known>()
  const learn = async (remote: RemoteVersion): Promise<Known> => {
    const before = known.get(remote.name)
    if (before && remote.available && tools.clock.now() - before.at < fresh) return before
    const resources = remote.available ? await ask(tools, remote).catch(() => undefined) : undefined
    const now = { at: tools.clock.now(), resources: resources ?? before?.resources ?? [], current: resources !== undefined }
    known.set(remote.name, now)
    return now
  }
  return {
    groups: () => grouped(aggregation.all()).map(([name, versions]) => {
      const entries = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }))
      return { kind: 'APIGroup', apiVersion: 'v1', name, versions: entries, preferredVersion: entries[0]! } as APIGroup
    }),
    discovered: async () => Promise.all(grouped(aggregation.all()).map(async ([name, versions]) => ({
      metadata: { name, creationTimestamp: null },
      versions: await Promise.all(versions.map(async (remote) => {
        const { resources, current } = await learn(remote)
        return { version: remote.version, resources: discoveredResources(remote, resources), freshness: current ? 'Current' as const : 'Stale' as const }
      })),
    }))),
  }
}

function grouped(remotes: readonly RemoteVersion[]): [string, RemoteVersion[]][] {
  const groups = Map.groupBy(remotes, ({ group }) => group)
  return [...groups].map(([name, versions]) => [name, versions.sort((a, b) => priority(b) - priority(a) || compareVersions(a.version, b.version))])
}
const priority = ({ object }: RemoteVersion): number => object.spec.versionPriority

async function ask(tools: Tools, remote: RemoteVersion): Promise<readonly APIResource[]> {
  const target = await targetOf(tools, remote)
  if (!target) throw new Error('nowhere to ask')
  const over = new AbortController()
  const stop = tools.clock.after(patience, () => over.abort(), { unref: true })
  try {
    const headers = { accept: 'application/json', ...identityHeaders(aggregator) }
    const outcome = await dial(target, { method: 'GET', path: `/apis/${remote.group}/${remote.version}`, headers, signal: AbortSignal.any([over.signal, tools.ending]) })
    if (outcome.kind === 'upgrade') throw new Error('not an answer')
    const parts: Buffer[] = []
    let length = 0
    for await (const part of outcome.response) {
      parts.push(part as Buffer)
      if ((length += (part as Buffer).length) > longest) throw new Error('too long')
    }
    const list = JSON.parse(Buffer.concat(parts).toString()) as Partial<APIResourceList>
    if (outcome.response.statusCode !== 200 || !Array.isArray(list.resources)) throw new Error('not a list of resources')
    return list.resources
  } finally {
    stop()
  }
}

/** The classic list in the aggregated form: subresources under what they belong to. */
function discoveredResources({ group, version }: RemoteVersion, resources: readonly APIResource[]): unknown[] {
  const kindOf = (of: APIResource) => ({ group: of.group || group, version: of.version || version, kind: of.kind })
  return resources.filter(({ name }) => !name.includes('/')).map((of) => {
    const subresources = resources.filter(({ name }) => name.startsWith(`${of.name}/`))
      .map((sub) => ({ subresource: sub.name.slice(of.name.length + 1), responseKind: kindOf(sub), verbs: sub.verbs }))
    return {
      resource: of.name, responseKind: kindOf(of), scope: of.namespaced ? 'Namespaced' : 'Cluster', singularResource: of.singularName, verbs: of.verbs,
      ...(of.shortNames?.length && { shortNames: of.shortNames }), ...(of.categories?.length && { categories: of.categories }), ...(subresources.length > 0 && { subresources }),
    }
  })
}
