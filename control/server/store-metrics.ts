import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Kind } from '../../api/kinds/kind.ts'
import type { Tools } from './tools.ts'

/** What is stored, under the original's two names, and which server this is. Nothing is counted before somebody asks. */
export function storeMetrics(registry: Registry, { kinds, resources }: Pick<Tools, 'kinds' | 'resources'>, version: string): void {
  const registers = [registry]
  /** A resource that was seen stays, with 0 when nothing is left of it. */
  const seen = new Set<string>()
  const objects = new Gauge({ name: 'apiserver_resource_objects', help: 'Stored objects.', labelNames: ['group', 'resource'], registers: [] })
  new Gauge({
    name: 'apiserver_storage_objects', help: 'Stored objects, by resource.group.', labelNames: ['resource'], registers,
    collect() {
      const counted = new Set<string>()
      // Old versions come last: what they show is counted then.
      for (const kind of [...kinds.all.filter(isOwn), ...kinds.all.filter((one) => !isOwn(one))]) {
        const { group, resource, storage, verbs } = kind
        if (counted.has(storage) || !verbs.includes('list')) continue
        counted.add(storage)
        const name = group ? `${resource}.${group}` : resource
        const count = resources.cache(kind).peekAll().length
        if (count === 0 && !seen.has(name)) continue
        seen.add(name)
        this.set({ resource: name }, count)
        objects.set({ group, resource }, count)
      }
    },
  })
  // Registries collect in the order of registration: the counting gauge is the first.
  registry.registerMetric(objects)
  const [, major = '1', minor = '0'] = /^v(\d+)\.(\d+)/.exec(version) ?? []
  const build = { major, minor, git_version: version, git_tree_state: 'clean', platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}` }
  new Gauge({ name: 'kubernetes_build_info', help: 'Which server this is.', labelNames: Object.keys(build), registers }).set(build, 1)
}

const isOwn = ({ storedAs }: Kind): boolean => storedAs === undefined
