import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { endLeftovers, findPodTraces, removePodTraces } from '../../cli/leftovers.ts'
import { layoutUnder, paths, type Layout } from '../../cli/layout.ts'
import { mostNodes, planNodes } from '../../cli/nodes/plan.ts'
import { createExec } from '../../host/exec.ts'
import { lockFile } from '../../host/files.ts'
import { reapTestNamespaces, removeNamespacesOf } from '../../host/testing/namespaces.ts'

const exec = createExec()

/** Everything that is mounted below a directory, unmounted, the innermost first. */
export const unmountBelow = async (path: string): Promise<void> => {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map(line => line.split(' ')[4]).filter(mount => mount?.startsWith(`${path}/`))
  for (const mount of mounts.reverse()) await exec.run('umount', ['--lazy', mount!], { okCodes: [0, 32] })
}

/** Groups below one of this name in every hierarchy, the deepest first. */
export const removeCgroups = async (name: string): Promise<void> => {
  await exec.run('sh', ['-c', 'for root in /sys/fs/cgroup /sys/fs/cgroup/*; do [ -d "$root/$1" ] && find "$root/$1" -depth -type d -exec rmdir {} + 2>/dev/null; done; true', 'sh', name])
}

/** Takes away what labs left whose process was killed: daemons, shims with their pods, namespaces, mounts, groups and files. */
export const reapLabs = async (parent: string, prefix: string): Promise<void> => {
  const lock = await lockFile(join(parent, 'k8ts-reap.lock')) // tests begin side by side
  try {
    const dead = (await readdir(parent)).filter(name => isOfTheDead(name, prefix)).map(name => join(parent, name))
    const firsts = (await Promise.all(dead.map(async directory => (await readdir(directory)).map(name => layoutUnder(join(directory, name)))))).flat()
    const plans = firsts.map(otherNodes)
    const nodes = [...firsts, ...plans.flatMap(({ others }) => others.map(({ layout }) => layout))]
    const traces = await Promise.all(nodes.map(findPodTraces))
    await reapTestNamespaces(prefix) // and the daemons in them, which would start pods again
    const ofNodes = new Set(plans.flatMap(plan => [plan.switch, ...plan.others.map(({ namespace }) => namespace)]))
    await removeNamespacesOf(name => ofNodes.has(name))
    for (const [index, node] of nodes.entries()) {
      await endLeftovers(paths(node).containerd)
      await removePodTraces(traces[index]!, exec)
    }
    for (const directory of dead) {
      await unmountBelow(directory)
      await rm(directory, { recursive: true, force: true })
    }
    for (const name of await cgroups()) if (isOfTheDead(name, prefix)) await removeCgroups(name)
  } finally {
    await lock?.release()
  }
}

/** What `up --nodes` would have made for a cluster of this layout: named after its directory, not after a process. */
const otherNodes = (layout: Layout) => planNodes({ ...layout, nodeName: '', nodes: mostNodes, nodeNetwork: '10.213.0.0/24', cgroupRoot: '/' })

const isOfTheDead = (name: string, prefix: string): boolean => {
  const pid = new RegExp(`^k8ts-${prefix}-(\\d+)-`).exec(name)?.[1]
  return pid !== undefined && !existsSync(`/proc/${pid}`)
}

const cgroups = async (): Promise<Set<string>> => {
  const root = '/sys/fs/cgroup'
  const list = (path: string) => readdir(path).catch(() => [])
  const top = await list(root)
  return new Set([...top, ...(await Promise.all(top.map(name => list(join(root, name))))).flat()])
}
