import { afterAll } from 'vitest'
import { bootTestVm, vmUnavailable } from '../lab/vm/boot.ts'
import type { Exec } from '../../host/exec.ts'
import type { Environment } from './flow-cluster.ts'

const refusing: Exec = { run: () => Promise.reject(new Error('There is no virtual machine')), spawn: () => Promise.reject(new Error('There is no virtual machine')) }

/** A virtual machine of this test file's own, whose kernel has all three protocols. */
export async function bootEnvironment(): Promise<{ readonly environment: Environment; readonly unavailable: string | undefined }> {
  const unavailable = await vmUnavailable()
  const vm = unavailable ? undefined : await bootTestVm()
  afterAll(() => vm?.close())
  // Nodes that look at their rules all at once would load these at once, and busybox takes a module for loaded while it is being loaded.
  await vm?.sh('modprobe -a sctp ip_vs_rr iptable_nat iptable_filter ip6table_nat ip6table_filter')
  return { unavailable, environment: { exec: vm ? patient(vm.exec) : refusing, families: ['ipv4', 'ipv6'], protocols: ['TCP', 'UDP', 'SCTP'] } }
}

/** What ends within a minute anywhere else takes several in an emulated machine on a busy one. */
const patient = (exec: Exec): Exec => ({
  ...exec, run: (command, args, options) => exec.run(command, args, { ...options, ...(options?.timeoutMs !== undefined && { timeoutMs: 10 * options.timeoutMs }) }),
})
