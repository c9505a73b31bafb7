import { isMissingCommand, type Exec } from '../../host/exec.ts'

/** A program the cluster needs, and the distribution's package that has it. */
export interface Needed {
  readonly command: string
  readonly package: string
}

/** Order: what others depend on comes first, as apt prints them in this order to the person who waits. */
export const neededPrograms: readonly Needed[] = [
  { command: 'containerd', package: 'containerd' },
  { command: 'runc', package: 'runc' },
  { command: 'ip', package: 'iproute2' },
  { command: 'nft', package: 'nftables' },
  { command: 'iptables', package: 'iptables' },
  { command: 'conntrack', package: 'conntrack' },
  { command: 'socat', package: 'socat' },
]

/** Beside these, where Services go through the kernel's load balancer. */
export const ipvsPrograms: readonly Needed[] = [
  { command: 'ipvsadm', package: 'ipvsadm' },
  { command: 'ipset', package: 'ipset' },
]

/** For people, not for the cluster: the demo's image is made of busybox, and `kubectl` is how one talks to the cluster. */
export const handyPrograms: readonly Needed[] = [
  { command: 'busybox', package: 'busybox-static' },
  { command: 'kubectl', package: 'kubernetes-client' },
]

const searched = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
/** sbin is not in everybody's PATH. */
export const searchPath = (path: string | undefined): string => [...new Set([...(path ?? '').split(':').filter(Boolean), ...searched])].join(':')

export async function missing(exec: Exec, programs: readonly Needed[]): Promise<Needed[]> {
  const found = await Promise.all(programs.map(({ command }) => exec.run('sh', ['-c', `command -v ${command}`], { okCodes: [0, 1, 127] }).then(({ code }) => code === 0)))
  return programs.filter((_, index) => !found[index])
}

/** Installs what is missing with apt; throws one sentence that names what could not be had. */
export async function installMissing(exec: Exec, programs: readonly Needed[], say: (text: string) => void): Promise<string> {
  const lacking = await missing(exec, programs)
  if (lacking.length === 0) return 'all there'
  const packages = [...new Set(lacking.map((program) => program.package))]
  // A machine just made is often busy installing its updates: then apt waits its turn.
  const apt = (args: string[]) => exec.run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], { env: { DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: 900_000 })
  try {
    say('apt-get update')
    await apt(['update', '-qq']).catch(() => undefined) // a stale list may still do
    say(`apt-get install ${packages.join(' ')}`)
    const install = () => apt(['install', '-qq', '--yes', '--no-install-recommends', ...packages])
    await install().catch(async (error: unknown) => {
      if (isMissingCommand(error)) throw error
      // An installation that was broken off stands in the way of every other.
      say('dpkg --configure -a')
      await exec.run('dpkg', ['--configure', '-a'], { env: { DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: 600_000 }).catch(() => undefined)
      await install()
    })
  } catch (error) {
    const why = isMissingCommand(error) ? 'there is no apt-get here' : lastLine(error)
    throw new Error(`Cannot install ${packages.join(', ')}: ${why}. Install ${lacking.map(({ command }) => command).join(', ')} by hand and run k8ts up again`)
  }
  const still = await missing(exec, programs)
  if (still.length) throw new Error(`Installed ${packages.join(', ')}, but ${still.map(({ command }) => command).join(', ')} is still missing`)
  return `installed ${packages.join(' ')}`
}

/** The same for what is only handy: says what could not be had, and goes on. */
export async function installHandy(exec: Exec, programs: readonly Needed[], say: (text: string) => void): Promise<string> {
  return installMissing(exec, programs, say).catch(async (error: unknown) => {
    const lacking = (await missing(exec, programs)).map(({ command }) => command)
    return `without ${lacking.join(' and ')} (${lastLine(error)})`
  })
}

const lastLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).trim().split('\n').findLast((line) => line.trim()) ?? 'unknown reason'
