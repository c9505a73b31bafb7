import type { Exec } from '../../host/exec.ts'
import { createSysctl, type Sysctl } from '../../host/sysctl.ts'

/** Modules that most kernels load by need and some only when asked; one built in, or not there, is no error here. */
const modules = ['br_netfilter', 'overlay', 'nf_conntrack']

/**
 * Loads what containers need and sets the two switches without which packets of pods are not seen or not forwarded.
 * Nothing of it outlives a reboot, so the agent does it too.
 */
export async function prepareKernel(exec: Exec, sysctl: Sysctl = createSysctl()): Promise<void> {
  await Promise.all(modules.map((module) => exec.run('modprobe', ['--quiet', module]).catch(() => undefined)))
  await sysctl.set('net/ipv4/ip_forward', '1')
  await sysctl.set('net/bridge/bridge-nf-call-iptables', '1').catch(() => {
    throw new Error('This kernel has no br_netfilter: traffic between pods of one node would bypass Services')
  })
}
