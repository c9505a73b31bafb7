import { rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { systemClock as clock } from '../../host/clock.ts'
import { createExec } from '../../host/exec.ts'
import { until } from '../../cli/wait.ts'

export interface Answer {
  readonly code: number
  /** Standard output and error, as they came. */
  readonly output: string
}

/** A virtual machine with a shell on its second serial line. */
export interface Vm {
  /** Runs a bash script as root. Rejects only when no answer comes in time. */
  run(script: string, timeoutMs?: number): Promise<Answer>
  /** Resolves when the shell answers again after the script took the machine down. */
  reboot(script?: string): Promise<void>
  close(): Promise<void>
}

export interface VmOptions {
  /** Where build.sh put the images; the console's text is written there. */
  readonly directory: string
  readonly cpus?: number
  readonly memoryMiB?: number
}

const bootMs = 600_000

/** Boots it in software, which needs no rights and no hardware but is slow; changes of the disks go when it ends. */
export async function bootVm({ directory, cpus = 2, memoryMiB = 3072 }: VmOptions): Promise<Vm> {
  const at = (name: string) => join(directory, name)
  const socketPath = at('shell.sock')
  await rm(socketPath, { force: true })
  const disk = (name: string) => ['-drive', `file=${at(name)},if=virtio,format=raw,snapshot=on,cache=unsafe`]
  const qemu = await createExec().spawn('qemu-system-x86_64', [
    '-accel', 'tcg,thread=multi', '-cpu', 'Nehalem', '-smp', String(cpus), '-m', String(memoryMiB),
    '-display', 'none', '-kernel', at('vmlinuz'), '-initrd', at('initrd.img'),
    '-append', 'root=/dev/vda rw console=ttyS0 systemd.show_status=no',
    ...disk('root.img'), ...disk('k8ts.img'),
    // A card with an address and a default route, behind which there is nothing.
    '-nic', 'user,restrict=on,model=virtio-net-pci', '-device', 'virtio-rng-pci',
    '-serial', `file:${at('console.log')}`, '-serial', `unix:${socketPath},server=on,wait=off`,
  ], { logFile: at('qemu.log') })

  const line = await openLine(socketPath)
  const vm: Vm = {
    run: (script, timeoutMs = 60_000) => line.run(script, timeoutMs),
    async reboot(script = 'systemctl reboot --no-block') {
      const bootId = (timeoutMs: number) => line.run('cat /proc/sys/kernel/random/boot_id', timeoutMs)
      const before = (await bootId(30_000)).output
      await line.run(script, 1_000).catch(() => undefined) // a power cut does not answer
      await until('The machine starting again', async () => {
        const { output } = await bootId(5_000)
        return output.trim() && output !== before ? true : undefined
      }, { clock, deadlineMs: bootMs, everyMs: 500 })
    },
    async close() {
      line.close()
      qemu.kill('SIGTERM')
      await qemu.exited
    },
  }
  try {
    await until('The machine starting', () => line.run('true', 5_000), { clock, deadlineMs: bootMs, everyMs: 500 })
    return vm
  } catch (error) {
    await vm.close()
    throw error
  }
}

/** Scripts go out in base64, answers come back between two marks that no earlier, half-read answer has. */
export async function openLine(path: string) {
  const socket = await until('QEMU opening the serial line', () => open(path), { clock, deadlineMs: 10_000 })
  let received = ''
  let wake = () => {}
  let number = 0
  socket.setEncoding('utf8').on('data', (text: string) => { received += text; wake() })

  async function run(script: string, timeoutMs: number): Promise<Answer> {
    const id = `${process.pid}-${++number}`
    const seconds = Math.ceil(timeoutMs / 1000)
    received = ''
    socket.write(`\nprintf '\\n<%s>\\n' ${id}; timeout -k 5 ${seconds} bash -c "$(base64 -d <<'E'\n${Buffer.from(script).toString('base64')}\nE\n)" </dev/null 2>&1; printf '\\n<%s %s>\\n' ${id} $?\n`)
    const deadline = clock.now() + timeoutMs + 5_000
    for (;;) {
      const [, output, code] = new RegExp(`\n<${id}>\n([^]*)\n<${id} (\\d+)>\n`).exec(received) ?? []
      if (output !== undefined) return { output, code: Number(code) }
      if (clock.now() > deadline) throw new Error(`No answer to: ${script.trim().split('\n')[0]}`)
      await new Promise<void>((resolve) => {
        const cancel = clock.after(1_000, resolve)
        wake = () => { cancel(); resolve() }
      })
    }
  }
  return { run, close: () => void socket.destroy() }
}

const open = (path: string): Promise<Socket> => new Promise((resolve, reject) => {
  const socket = connect(path)
  socket.once('connect', () => resolve(socket))
  socket.once('error', reject)
})
