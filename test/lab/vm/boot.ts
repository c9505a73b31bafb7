import { join } from 'node:path'
import { missing } from '../../../cli/install/packages.ts'
import { within } from '../../../cli/wait.ts'
import { systemClock as clock } from '../../../host/clock.ts'
import { createExec, type Exec } from '../../../host/exec.ts'
import { testKernel } from './kernel.ts'
import { rootFileSystem } from './root.ts'
import { createVmExec } from './vm-exec.ts'

/** A small virtual machine with a whole Linux kernel of its own, and the programs of this machine. See README.md. */
export interface TestVm {
  /** Runs commands inside, as root. Paths and environment are the machine's own; a `logFile` is not to be had. */
  readonly exec: Exec
  /** Runs a shell script inside and gives its output. */
  sh(script: string): Promise<string>
  close(): Promise<void>
}

const cache = join(import.meta.dirname, '../../../.runtime/vm')
/** Five seconds on a quiet machine; more than two minutes were seen on a busy one. */
const bootDeadlineMs = 300_000

/** Boots one. Rejects with the last lines of its console when it does not come up. It ends with this process at the latest. */
export async function bootTestVm({ cpus = 2, memoryMiB = 512 }: { cpus?: number; memoryMiB?: number } = {}): Promise<TestVm> {
  const host = createExec()
  const kernel = await testKernel(host, cache)
  const root = await rootFileSystem(host, kernel, cache)
  // The kernel ends QEMU when our thread goes, however it goes; the server inside also ends when the line does.
  const qemu = await host.spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64',
    '-machine', 'pc', '-cpu', 'max', '-accel', 'tcg,thread=multi', '-smp', String(cpus), '-m', String(memoryMiB),
    '-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none',
    '-kernel', kernel.image, '-initrd', root,
    // QEMU keeps the code it has translated by its address: programs that lie elsewhere each time cost three to four times as much.
    // And the kernel takes its timer for broken when the host is so busy that no tick comes while it looks.
    '-append', 'console=ttyS0 quiet panic=-1 mitigations=off nokaslr norandmaps no_timer_check',
    // Node's pipes are sockets: standard error carries the console, besides QEMU's own words.
    '-chardev', 'socket,id=console,fd=2', '-serial', 'chardev:console',
    '-chardev', 'stdio,id=server,signal=off', '-device', 'virtio-serial-pci', '-device', 'virtserialport,chardev=server',
  ])
  let console = ''
  qemu.stderr!.setEncoding('utf8').on('data', (text: string) => { console = (console + text).slice(-20_000) })
  const exec = createVmExec(qemu.stdin!, qemu.stdout!)
  const close = async () => {
    qemu.kill('SIGKILL')
    await qemu.exited
  }
  void qemu.exited.then(() => exec.lost(`the virtual machine has ended; its console said last:\n${lastLines(console)}`))
  try {
    await within(bootDeadlineMs, clock, exec.ready)
  } catch (error) {
    await close()
    throw new Error(`The virtual machine did not come up (${(error as Error).message.split(';')[0]}). Its console said last:\n${lastLines(console)}`)
  }
  return { exec, close, sh: async (script) => (await exec.run('sh', ['-ec', script])).stdout }
}

const lastLines = (text: string): string => text.replaceAll('\r', '').trim().split('\n').slice(-20).join('\n')

/** Why no such machine can be had here, for the skip of a test; `undefined` when it can. Fetches the kernel once. */
export async function vmUnavailable(): Promise<string | undefined> {
  if (process.arch !== 'x64') return `the virtual machine is for x86-64, this is ${process.arch}`
  const host = createExec()
  try {
    const lacking = await missing(host, ['qemu-system-x86_64', 'setpriv', 'busybox', 'ldd'].map((command) => ({ command, package: command })))
    if (lacking.length) return `the virtual machine needs ${lacking.map(({ command }) => command).join(', ')}`
    await rootFileSystem(host, await testKernel(host, cache), cache)
    return undefined
  } catch (error) {
    return `no virtual machine: ${(error as Error).message.split('\n')[0]}`
  }
}
