import { lstat, readFile, readlink, rm, unlink } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createIptables } from '../host/iptables.ts'
import { createNft } from '../host/nft.ts'
import { lockFile, ensureDir } from '../host/files.ts'
import { createIptablesBackend } from '../proxy/iptables/backend.ts'
import { createNftablesBackend } from '../proxy/nftables/backend.ts'
import { loadConfig, type Config } from './config.ts'
import { endLeftovers, removeContainers } from './containers.ts'
import { paths, type Layout } from './layout.ts'
import type { Machine } from './machine.ts'
import { podNetworkOf } from './network.ts'
import { partNames } from './parts.ts'

/**
 * Stops everything and takes containers, links and rules away. State stays, so that `up` brings the same cluster back;
 * with `purge` it goes too. Works on a machine that is half set up, half torn down, or not set up at all.
 */
export async function down({ layout, purge }: { layout: Layout; purge: boolean }, machine: Machine): Promise<void> {
  const { exec, steps } = machine
  if (process.getuid?.() !== 0) throw new Error('k8ts down needs root. Run it with sudo')
  await ensureDir(layout.runDir)
  const lock = await lockFile(join(layout.runDir, 'up.lock'), { waitMs: 0 })
  if (!lock) throw new Error('Another k8ts up or down is at work on this machine; wait for it to end')
  try {
    const config = await loadConfig(layout).catch((error: unknown) => {
      if (!purge) throw error
      return undefined // a broken configuration must not stand in the way of getting rid of it
    })
    const manager = machine.manager(layout)
    await steps.step('Stopping the node agent and the control plane', async () => {
      await Promise.all((['agent', 'server'] as const).map((part) => manager.remove(`k8ts-${part}`)))
    })
    await steps.step('Removing containers', () => removeContainers(paths(layout).containerd.socket))
    await steps.step('Removing kernel rules and links', async () => {
      await createNftablesBackend({ nft: createNft({ exec }), clusterCIDRs: [] }).cleanup().catch(ignoreMissingTool)
      await createIptablesBackend({ iptables: createIptables({ exec }), clusterCIDRs: [] }).cleanup().catch(ignoreMissingTool)
      if (config) await podNetworkOf(config, machine).cleanup()
    })
    await steps.step('Stopping the container runtime', async () => {
      await manager.remove('k8ts-containerd')
      await endLeftovers(paths(layout).containerd.socket)
    })
    await steps.step('Unmounting', async () => {
      await unmountBelow(layout, machine)
      if (config) await removeCgroups(config, machine)
    })
    if (purge) await steps.step('Removing all state', () => removeState(layout, config))
    for (const part of partNames) if ((await manager.status(`k8ts-${part}`)).running) throw new Error(`k8ts-${part} is still running`)
  } finally {
    await lock.release()
    await rm(layout.runDir, { recursive: true, force: true })
  }
}

const ignoreMissingTool = (error: unknown): void => {
  // Without the tool there are no rules of ours either.
  if (!(error instanceof Error) || !('reason' in error) || error.reason !== 'missing') throw error
}

async function unmountBelow(layout: Layout, { exec }: Machine): Promise<void> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map((line) => line.split(' ')[4]?.replaceAll('\\040', ' ') ?? '')
  const ours = mounts.filter((path) => path.startsWith(`${layout.dataDir}/`) || path.startsWith(`${layout.runDir}/`))
  for (const mount of ours.reverse()) await exec.run('umount', ['--lazy', mount], { okCodes: [0, 32] })
}

/** Groups that hold no process any more; deepest first. */
async function removeCgroups(config: Config, { exec }: Machine): Promise<void> {
  const group = config.cgroupRoot === '/' ? '/kubepods' : join('/', config.cgroupRoot)
  const script = 'for root in /sys/fs/cgroup /sys/fs/cgroup/*; do [ -d "$root$1" ] && find "$root$1" -depth -type d -exec rmdir {} + 2>/dev/null; done; true'
  await exec.run('sh', ['-c', script, 'sh', group])
}

async function removeState(layout: Layout, config: Config | undefined): Promise<void> {
  const link = join(homedir(), '.kube', 'config')
  const present = await lstat(link).catch(() => undefined)
  if (present?.isSymbolicLink() && (await readlink(link)) === paths(layout).kubeconfig) await unlink(link)
  await rm(layout.dataDir, { recursive: true, force: true })
  await rm(layout.logDir, { recursive: true, force: true })
  if (config) for (const directory of [config.podLogsDir, config.containerLogsDir]) if (directory) await rm(directory, { recursive: true, force: true })
}
