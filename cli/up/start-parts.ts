import { everyAddress } from '../addresses.ts'
import type { Config } from '../config.ts'
import { askHealth } from '../health.ts'
import { containerdReady, prepareContainerd } from '../install/containerd.ts'
import type { Machine } from '../machine.ts'
import { ensurePlugin, isNetworkReadable } from '../network.ts'
import { partsOf, readsOf, servicesOf, type PartName } from '../parts.ts'
import { takenPorts, type Port } from '../ports.ts'
import type { ServiceManager } from '../services/services.ts'
import { openMember, readyz, waitForNode } from './node-ready.ts'
import { startPart } from './start-part.ts'

/** The parts of a server or a worker as background services, until its node is Ready. `main` is the program they run. */
export async function startParts(config: Config, machine: Machine, main: string): Promise<void> {
  const { clock, steps } = machine
  await prepareContainerd(machine, config)
  const services = servicesOf(config, await readsOf(config), { ...machine, main })
  const manager = machine.manager(config)
  await refuseTakenPorts(config, manager, machine)
  await ensurePlugin(config, machine.home)
  // Only the agent knows the network; it writes it anew when it starts.
  if (!(await isNetworkReadable(config))) await manager.stop(services.agent.name)
  const member = await openMember(config, clock)
  const part = (title: string, name: PartName, sign: string, deadlineMs: number, look: () => Promise<true | undefined>) =>
    steps.step(title, (say) => startPart(sign, { manager, service: services[name], clock, deadlineMs, say }, look))
  try {
    // The control plane and the container runtime start side by side.
    await allEnded([
      part('Container runtime', 'containerd', 'The container runtime being ready', 60_000, () => containerdReady(machine, config)),
      ...(partsOf(config).includes('server') ? [part('Control plane', 'server', 'The control plane answering', 180_000, () => readyz(member))] : []),
    ])
    await part('Node agent', 'agent', 'The node agent becoming healthy', 180_000, () => askHealth(config.healthPort, clock))
    await steps.step(`Node ${config.nodeName} is Ready`, (say) => waitForNode(member, config, { clock, say }))
  } finally {
    member.close()
  }
}

/** Waits for all of them before it tells of the first that failed: nothing may go on in the background when the command ends. */
async function allEnded(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).filter((outcome) => outcome.status === 'rejected')
  if (failed.length) throw new Error(failed.map(({ reason }) => (reason instanceof Error ? reason.message : String(reason))).join('\n'))
}

/** A part that runs has its ports; one that does not must be able to get them. */
async function refuseTakenPorts(config: Config, manager: ServiceManager, { exec }: Machine): Promise<void> {
  const { apiPort, kubeletPort, healthPort, clusterDNS, dnsPort } = config
  const host = everyAddress(config)
  const runs = async (part: PartName) => !partsOf(config).includes(part) || (await manager.status(`k8ts-${part}`)).running
  const [server, agent] = await Promise.all([runs('server'), runs('agent')])
  const wanted: Port[] = [
    ...(server ? [] : [{ host, port: apiPort, flag: '--api-port' }]),
    ...(agent ? [] : [{ host, port: kubeletPort, flag: '--kubelet-port' }, { host: '127.0.0.1', port: healthPort, flag: '--health-port' }, ...(clusterDNS ? [{ host, port: dnsPort, flag: '--dns-port' }] : [])]),
  ]
  const taken = await takenPorts(exec, wanted)
  if (taken.length) throw new Error(taken.join('\n'))
}
