import { join } from 'node:path'
import { askHealth } from './health.ts'
import { everyAddress, nodeIPs } from './addresses.ts'
import type { Config } from './config.ts'
import { ensureDirectories } from './directories.ts'
import { prepareContainerd, containerdReady } from './install/containerd.ts'
import { handyPrograms, installHandy, installMissing, missing, neededPrograms } from './install/packages.ts'
import { prepareKernel } from './install/kernel.ts'
import { ensureKeys } from './keys.ts'
import { paths, type Layout } from './layout.ts'
import { alone } from './lock.ts'
import type { Machine } from './machine.ts'
import { ensurePlugin, isNetworkReadable } from './network.ts'
import { readsOf, servicesOf, type PartName } from './parts.ts'
import { takenPorts, type Port } from './ports.ts'
import type { ServiceManager } from './services/services.ts'
import { ensurePrograms, removeOldPrograms } from './programs.ts'
import { linkKubeconfig } from './up/link-kubeconfig.ts'
import { openAdmin, readyz, waitForNode } from './up/node-ready.ts'
import { settle, type Asked } from './up/settle.ts'
import { startPart } from './up/start-part.ts'

export interface UpOptions {
  readonly layout: Layout
  readonly asked: Asked
  /** Install nothing; say what is missing. */
  readonly offline: boolean
  /** The machine's own cluster, not one in a directory of its own: may write ~/.kube/config. */
  readonly own: boolean
}

/** From nothing to a Ready node. Every step looks first and changes only what is not right yet, so it can be run at any time. */
export async function up(options: UpOptions, machine: Machine): Promise<void> {
  const { layout, own } = options
  const { steps } = machine
  requireRoot()
  await ensureDirectories(layout)
  await alone(layout, {}, async () => {
    const config = await prepare(options, machine)
    await start(config, machine, await programOf(machine))
    const { kubeconfig } = paths(config)
    const linked = own && (await linkKubeconfig(kubeconfig))
    steps.note('\nThe cluster is up after {elapsed}. Try:\n')
    if (!linked) steps.note(`  export KUBECONFIG=${kubeconfig}`)
    steps.note('  kubectl get nodes -o wide\n  ./k8ts demo\n  ./k8ts status\n')
  })
}

function requireRoot(): void {
  if (process.platform !== 'linux') throw new Error(`k8ts runs containers and needs Linux; this is ${process.platform}`)
  if (process.getuid?.() !== 0) throw new Error('k8ts up needs root: it starts containers and writes kernel rules. Run it with sudo')
}

/** Everything on the machine that must be there before the first part starts. */
async function prepare({ layout, asked, offline, own }: UpOptions, machine: Machine): Promise<Config> {
  const { exec, clock, steps } = machine
  await steps.step('Programs', (say) => (offline ? refuseMissing(machine) : installMissing(exec, neededPrograms, say)))
  if (own && !offline) await steps.step('Handy programs', (say) => installHandy(exec, handyPrograms, say))
  await steps.step('Kernel', () => prepareKernel(exec))
  const config = await steps.step('Configuration', () => settle(layout, asked))
  await steps.step('Keys and certificates', () => ensureKeys(config, clock))
  await prepareContainerd(machine, config)
  return config
}

async function refuseMissing({ exec }: Machine): Promise<string> {
  const lacking = await missing(exec, neededPrograms)
  if (lacking.length) throw new Error(`Missing: ${lacking.map((program) => `${program.command} (package ${program.package})`).join(', ')}. Install them, or leave out --offline`)
  return 'all there'
}

/** What the parts run: the joined program; where it cannot be made (nobody may write here), the sources, which are slower. */
async function programOf({ home, steps }: Machine): Promise<string> {
  let main = join(home, 'cli', 'main.ts')
  await steps.step('Program', async () => {
    try {
      const programs = await ensurePrograms(home)
      main = programs.main
      if (programs.made) await removeOldPrograms(home, main)
      return programs.made ? 'joined anew' : 'as it is'
    } catch (error) {
      return `from the sources, for joining them failed: ${error instanceof Error ? error.message : String(error)}`
    }
  })
  return main
}

/** The parts as background services, until the node is Ready. */
async function start(config: Config, machine: Machine, main: string): Promise<void> {
  const { clock, steps } = machine
  const services = servicesOf(config, await readsOf(config), { ...machine, main })
  const manager = machine.manager(config)
  await refuseTakenPorts(config, manager, machine)
  await ensurePlugin(config, machine.home)
  // Only the agent knows the network; it writes it anew when it starts.
  if (!(await isNetworkReadable(config))) await manager.stop(services.agent.name)
  const admin = await openAdmin(config, clock)
  const part = (title: string, name: PartName, sign: string, deadlineMs: number, look: () => Promise<true | undefined>) =>
    steps.step(title, (say) => startPart(sign, { manager, service: services[name], clock, deadlineMs, say }, look))
  try {
    // The control plane and the container runtime start side by side.
    await allEnded([
      part('Container runtime', 'containerd', 'The container runtime being ready', 60_000, () => containerdReady(machine, config)),
      part('Control plane', 'server', 'The control plane answering', 180_000, () => readyz(admin)),
    ])
    await part('Node agent', 'agent', 'The node agent becoming healthy', 180_000, () => askHealth(config.healthPort, clock))
    await steps.step(`Node ${config.nodeName} is Ready`, (say) => waitForNode(admin, config, { clock, say }))
  } finally {
    admin.close()
  }
}

/** Waits for all of them before it tells of the first that failed: nothing may go on in the background when the command ends. */
async function allEnded(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).filter((outcome) => outcome.status === 'rejected')
  if (failed.length) throw new Error(failed.map(({ reason }) => (reason instanceof Error ? reason.message : String(reason))).join('\n'))
}

/** A part that runs has its ports; one that does not must be able to get them. */
async function refuseTakenPorts(config: Config, manager: ServiceManager, { exec }: Machine): Promise<void> {
  const { apiPort, kubeletPort, healthPort } = config
  const runs = async (part: PartName) => (await manager.status(`k8ts-${part}`)).running
  const [server, agent] = await Promise.all([runs('server'), runs('agent')])
  const wanted: Port[] = [
    ...(server ? [] : [{ host: everyAddress(config), port: apiPort, flag: '--api-port' }]),
    ...(agent ? [] : [...nodeIPs(config).map((host) => ({ host, port: kubeletPort, flag: '--kubelet-port' })), { host: '127.0.0.1', port: healthPort, flag: '--health-port' }]),
  ]
  const taken = await takenPorts(exec, wanted)
  if (taken.length) throw new Error(taken.join('\n'))
}
