import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Exec } from '../host/exec.ts'
import { installMissing, ipvsPrograms, neededPrograms, type Needed } from './install/packages.ts'
import { unpackPackage } from './install/unpack-package.ts'
import type { Steps } from './steps.ts'

/** Beyond what a cluster needs: peers to test against, and tools the tests look with. */
const testPrograms: readonly Needed[] = [
  ...neededPrograms,
  { command: 'busybox', package: 'busybox-static' },
  { command: 'curl', package: 'curl' },
  { command: 'ping', package: 'iputils-ping' },
  { command: 'dig', package: 'bind9-dnsutils' },
  { command: 'dnsperf', package: 'dnsperf' },
  { command: 'pgrep', package: 'procps' },
  { command: 'sysctl', package: 'procps' },
  { command: '/usr/lib/cni/bridge', package: 'containernetworking-plugins' },
  // For what this machine's kernel lacks: see test/lab/vm.
  { command: 'qemu-system-x86_64', package: 'qemu-system-x86' },
  ...ipvsPrograms,
  { command: 'vagrant', package: 'vagrant' },
  { command: '/usr/share/vagrant-plugins/plugins.d/vagrant-libvirt.json', package: 'vagrant-libvirt' },
]

export interface TestOptions {
  readonly home: string
  readonly exec: Exec
  readonly steps: Steps
  /** Patterns for vitest; none: everything. */
  readonly only: readonly string[]
}

/** Installs what the tests need and runs them all: types first, then every test. Resolves to the exit code. */
export async function runTests({ home, exec, steps, only }: TestOptions): Promise<number> {
  await steps.step('Programs for the tests', (say) => installMissing(exec, testPrograms, say))
  let oldKubectl: string | undefined
  await steps.step('The oldest kubectl of the distribution', async () => {
    // Ubuntu has none: then the tests that want it say so.
    oldKubectl = await oldestKubectl(exec, join(home, '.runtime')).catch(() => undefined)
    return oldKubectl ? 'there' : 'there is none'
  })
  // A machine without a kubectl of its own is tested with the distribution's.
  const env = oldKubectl ? { KUBECTL_OLDEST: oldKubectl, PATH: `${process.env.PATH}:${dirname(oldKubectl)}` } : {}
  const show = async (command: string, args: string[]) => {
    const run = await exec.spawn(command, args, { cwd: home, env })
    run.stdout?.pipe(process.stdout, { end: false })
    run.stderr?.pipe(process.stderr, { end: false })
    run.stdin?.end()
    return (await run.exited).code ?? 1
  }
  const types = await steps.step('Types', () => show(process.execPath, [join(home, 'node_modules/typescript/bin/tsc'), '-p', home]))
  const tests = await show(process.execPath, [join(home, 'node_modules/vitest/vitest.mjs'), 'run', '--root', home, ...only])
  return types || tests
}

/**
 * Debian's `kubernetes-client` beside whatever kubectl the machine has: the package is unpacked, not installed, as both
 * would want /usr/bin/kubectl. Resolves to its path.
 */
async function oldestKubectl(exec: Exec, runtimeDir: string): Promise<string> {
  const directory = join(runtimeDir, 'kubernetes-client')
  const kubectl = join(directory, 'usr/bin/kubectl')
  if (existsSync(kubectl)) return kubectl
  await unpackPackage(exec, { name: 'kubernetes-client', directory })
  return kubectl
}
