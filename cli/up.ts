import { lstat, readlink, symlink } from 'node:fs/promises'
import { homedir, hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { loadKubeconfig } from '../api/client/kubeconfig.ts'
import { createClient } from '../api/client/create-client.ts'
import { httpsTransport } from '../api/client/https.ts'
import { nodes } from '../api/kinds/core-v1/node.ts'
import { isNotFound } from '../api/errors.ts'
import type { Node } from '../api/types/core-v1/node.ts'
import { ensureDir, lockFile } from '../host/files.ts'
import { openNetlinkLinks } from '../host/netlink/netlink-links.ts'
import { chooseNodeAddress } from '../host/node-address.ts'
import { configDefaults, loadConfig, problemsOf, saveConfig, type Config } from './config.ts'
import { askHealth } from './health.ts'
import { prepareContainerd, waitForContainerd } from './install/containerd.ts'
import { handyPrograms, installMissing, missing, neededPrograms } from './install/packages.ts'
import { prepareKernel } from './install/kernel.ts'
import { ensureKeys } from './keys.ts'
import { paths, type Layout } from './layout.ts'
import type { Machine } from './machine.ts'
import { servicesOf } from './parts.ts'
import { until } from './wait.ts'

export interface UpOptions {
  readonly layout: Layout
  /** What the person asked for on the command line; wins over what an earlier `up` wrote. */
  readonly asked: Partial<Omit<Config, keyof Layout>>
  /** Install nothing; say what is missing. */
  readonly offline: boolean
  /** The machine's own cluster, not one in a directory of its own: may write ~/.kube/config. */
  readonly own: boolean
}

/** From nothing to a Ready node. Every step looks first and changes only what is not right yet, so it can be run at any time. */
export async function up({ layout, asked, offline, own }: UpOptions, machine: Machine): Promise<void> {
  const { exec, clock, steps } = machine
  requireRoot()
  for (const directory of [layout.dataDir, layout.runDir, layout.logDir]) await ensureDir(directory)
  const lock = await lockFile(join(layout.runDir, 'up.lock'), { waitMs: 0 })
  if (!lock) throw new Error('Another k8ts up or down is at work on this machine; wait for it to end')
  try {
    const say = steps.note
    await steps.step('Programs', () => installMissing(exec, offline ? [] : [...neededPrograms, ...(own ? handyPrograms : [])], (text) => say(`    ${text} …`)))
    if (offline) await steps.step('Nothing is missing', () => refuseMissing(machine))
    await steps.step('Kernel', () => prepareKernel(exec))
    const config = await steps.step('Configuration', () => settle(layout, asked))
    const p = paths(config)
    await steps.step('Keys and certificates', () => ensureKeys(config, clock))
    const services = servicesOf(config, machine)
    const manager = machine.manager(config)

    await prepareContainerd(machine, config)
    // The control plane and the container runtime start side by side; the agent waits for neither.
    await Promise.all([
      steps.step('Container runtime', async () => {
        const did = await manager.ensure(services.containerd)
        await waitForContainerd(machine, config)
        return did
      }),
      steps.step('Control plane', async () => {
        const did = await manager.ensure(services.server)
        await until('The control plane answering /readyz', async () => ((await readyz(config, machine)) ? true : undefined), { clock, deadlineMs: 60_000 })
        return did
      }),
    ])
    await steps.step('Node agent', async () => {
      const did = await manager.ensure(services.agent)
      await until('The node agent becoming healthy', () => askHealth(config.healthPort), { clock, deadlineMs: 120_000 })
      return did
    })
    await steps.step(`Node ${config.nodeName} is Ready`, async () => void (await waitForNode(config, machine)))
    const linked = own && (await linkKubeconfig(p.kubeconfig))
    say(`\nThe cluster is up after {elapsed}. Try:\n`)
    if (!linked) say(`  export KUBECONFIG=${p.kubeconfig}`)
    say(`  kubectl get nodes -o wide\n  ./k8ts demo\n  ./k8ts status\n`)
  } finally {
    await lock.release()
  }
}

function requireRoot(): void {
  if (process.platform !== 'linux') throw new Error(`k8ts runs containers and needs Linux; this is ${process.platform}`)
  if (process.getuid?.() !== 0) throw new Error('k8ts up needs root: it starts containers and writes kernel rules. Run it with sudo')
}

async function refuseMissing({ exec }: Machine): Promise<void> {
  const lacking = await missing(exec, neededPrograms)
  if (lacking.length) throw new Error(`Missing: ${lacking.map((program) => `${program.command} (package ${program.package})`).join(', ')}. Install them, or leave out --offline`)
}

/** The configuration of this member: what is asked, else what was, else what fits the machine. Refuses what would break a running cluster. */
async function settle(layout: Layout, asked: UpOptions['asked']): Promise<Config> {
  const before = await loadConfig(layout)
  const config: Config = {
    ...configDefaults,
    nodeName: hostname().toLowerCase(),
    nodeIP: before?.nodeIP ?? '',
    ...before,
    ...asked,
    ...layout,
  }
  const nodeIP = asked.nodeIP ?? (await addressOfThisMachine(before?.nodeIP))
  const settled = { ...config, nodeIP }
  const problems = problemsOf(settled)
  for (const fixed of ['clusterCIDR', 'serviceCIDR', 'nodeName'] as const) {
    if (before && before[fixed] !== settled[fixed]) problems.push(`${fixed} is ${before[fixed]} since the cluster was made; run k8ts down --purge first to change it`)
  }
  if (problems.length) throw new Error(`Cannot set up this machine: ${problems.join('; ')}`)
  await saveConfig(settled)
  return settled
}

async function addressOfThisMachine(before: string | undefined): Promise<string> {
  const links = openNetlinkLinks()
  try {
    const view = { links: await links.list(), addresses: await links.addresses(), routes: await links.routes() }
    if (before && view.addresses.some(({ address }) => address === before)) return before
    const found = chooseNodeAddress(view)
    if (!found) throw new Error('This machine has no address that others could reach; name one with --node-ip')
    return found.address
  } finally {
    links.close()
  }
}

async function readyz(config: Config, { clock }: Machine): Promise<boolean> {
  const transport = httpsTransport({ ...(await loadKubeconfig(paths(config).kubeconfig)), clock, timeoutMs: 5_000 })
  try {
    const { status } = await transport({ method: 'GET', path: '/readyz', query: new URLSearchParams(), headers: {} })
    return status === 200
  } finally {
    transport.close()
  }
}

async function waitForNode(config: Config, { clock }: Machine): Promise<Node> {
  const transport = httpsTransport({ ...(await loadKubeconfig(paths(config).kubeconfig)), clock })
  const client = createClient(transport)
  try {
    return await until(`Node ${config.nodeName} becoming Ready`, async () => {
      const node = await client.get(nodes, { name: config.nodeName }).catch((error: unknown) => {
        if (isNotFound(error)) throw new Error('the agent has not registered it; see ./k8ts logs agent')
        throw error
      })
      const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready')
      if (ready?.status === 'True') return node
      throw new Error(ready?.message ?? 'its status is not known yet; see ./k8ts logs agent')
    }, { clock, deadlineMs: 120_000, everyMs: 50 })
  } finally {
    transport.close()
  }
}

/** Makes plain `kubectl` work where nothing else is set up; an existing ~/.kube/config is never touched. */
async function linkKubeconfig(target: string): Promise<boolean> {
  const link = join(homedir(), '.kube', 'config')
  const present = await lstat(link).catch(() => undefined)
  if (present) return present.isSymbolicLink() && (await readlink(link)) === target
  await ensureDir(dirname(link), 0o755)
  await symlink(target, link)
  return true
}
