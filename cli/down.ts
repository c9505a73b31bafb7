import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { removeServiceRules } from './agent/backends.ts'
import { configDefaults, loadConfig, type Config } from './config.ts'
import { removeContainers } from './containers.ts'
import { ensureDirectories, removeOurs } from './directories.ts'
import { removeLogLinks, removeState } from './down/remove-state.ts'
import { paths, type Layout } from './layout.ts'
import { endLeftovers, findPodTraces, removePodTraces } from './leftovers.ts'
import { alone } from './lock.ts'
import type { Machine } from './machine.ts'
import { stopNodes } from './nodes/nodes.ts'
import { podNetworkOf } from './network.ts'
import { partNames } from './parts.ts'
import type { ServiceManager } from './services/services.ts'

/**
 * Stops everything and takes containers, links and rules away. State stays, so that `up` brings the same cluster back;
 * with `purge` it goes too. Works on a machine that is half set up, half torn down, or not set up at all.
 */
export async function down({ layout, purge }: { layout: Layout; purge: boolean }, machine: Machine): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('k8ts down needs root. Run it with sudo')
  await ensureDirectories(layout)
  await alone(layout, { last: true }, async () => {
    const config = await configOrWhatIsLikely(layout, machine)
    // Within one of them there are no others.
    if (config.role === 'server') await machine.steps.step('Stopping the other nodes of this machine', () => stopNodes(config, machine, purge))
    await stopEverything(config, machine)
    if (purge) await machine.steps.step('Removing all state', () => removeState(config))
    await removeOurs(layout, 'runDir', /^up\.lock$/)
  })
  // Empty ones that were made only to look into them go again.
  for (const part of ['runDir', 'dataDir', 'logDir'] as const) await removeOurs(layout, part, purge ? undefined : /./)
}

/** A configuration that is broken or gone must not stand in the way of ending what runs. */
async function configOrWhatIsLikely(layout: Layout, { steps }: Machine): Promise<Config> {
  const likely: Config = { ...configDefaults, nodeName: '', nodeIP: '', ...layout }
  try {
    return (await loadConfig(layout)) ?? likely
  } catch (error) {
    steps.note(`  ! ${(error as Error).message}. Going on with what is usual`)
    return likely
  }
}

async function stopEverything(config: Config, machine: Machine): Promise<void> {
  const { exec, clock, steps } = machine
  const manager = machine.manager(config)
  const { containerd } = paths(config)
  await steps.step('Stopping the node agent and the control plane', async () => {
    await Promise.all((['agent', 'server'] as const).map((part) => manager.remove(`k8ts-${part}`)))
  })
  const traces = await findPodTraces(config)
  const network = podNetworkOf(config, machine)
  await steps.step('Removing containers', async () => {
    // The agent is gone, and the runtime wants its pods disconnected. Where nobody can listen it still does, only slower.
    const listens = await network.listen().then(() => true, () => false)
    return removeContainers(containerd.socket, clock).finally(() => listens && network.stop())
  })
  await steps.step('Stopping the container runtime', async () => {
    await manager.stop('k8ts-containerd')
    await endLeftovers(containerd, clock)
    await manager.remove('k8ts-containerd')
  })
  await steps.step('Removing kernel rules and links', async () => {
    await removeServiceRules(exec)
    await network.cleanup()
    await removePodTraces(traces, exec)
  })
  await steps.step('Unmounting', async () => {
    await unmountBelow(config, machine)
    await removeCgroups(config, manager, machine)
    await removeLogLinks(config)
  })
  for (const part of partNames) if ((await manager.status(`k8ts-${part}`)).running) throw new Error(`k8ts-${part} is still running`)
}

async function unmountBelow({ dataDir, runDir }: Layout, { exec }: Machine): Promise<void> {
  // The kernel writes blanks and backslashes in octal.
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))
  const ours = mounts.filter((path) => path.startsWith(`${dataDir}/`) || path.startsWith(`${runDir}/`))
  for (const mount of ours.reverse()) await exec.run('umount', ['--lazy', mount], { okCodes: [0, 32] })
}

/**
 * Groups that hold no process any more; deepest first. systemd leaves the group of a unit whose children outlived it,
 * and those are our containers' keepers.
 */
async function removeCgroups(config: Config, manager: ServiceManager, { exec }: Machine): Promise<void> {
  const pods = config.cgroupRoot === '/' ? '/kubepods' : join('/', config.cgroupRoot)
  const units = manager.kind === 'systemd' ? partNames.map((part) => `/system.slice/k8ts-${part}.service`) : []
  const script = 'for root in /sys/fs/cgroup /sys/fs/cgroup/*; do for group; do [ -d "$root$group" ] && find "$root$group" -depth -type d -exec rmdir {} + 2>/dev/null; done; done; true'
  await exec.run('sh', ['-c', script, 'sh', pods, ...units])
}
