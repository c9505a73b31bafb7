import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kill } from 'node:process'
import { createInterface } from 'node:readline'
import { createExec, type ExecResult, type Spawned } from '../../host/exec.ts'
import { createTestNamespaces } from '../../host/testing/namespaces.ts'
import { removeCgroups } from '../lab/reap.ts'
import { home } from '../lab/up-lab.ts'

/**
 * Machines as a box of Vagrant is when it has just been started, without the virtual machine: a bare Debian as the root of mount, process and
 * network namespaces, the checkout in /opt/k8ts, and two cards:
 *
 *     eth0 10.0.2.15, default route → NAT, the same on every machine (slirp4netns, the NAT of QEMU)
 *     eth1 192.168.56.10, .11, …     → the private network
 */
export interface BareMachines {
  start(name: string): Promise<BareMachine>
  close(): Promise<void>
}

export interface BareMachine {
  readonly privateIP: string
  /** A group of its own for the pods: machines that are none share those of this one. */
  readonly cgroup: string
  /** Runs a shell script as root. */
  sh(script: string, env?: Readonly<Record<string, string>>): Promise<ExecResult>
  write(path: string, text: string): Promise<void>
}

const packages = 'ca-certificates,iproute2,procps,kmod'
/** What a machine needs to reach this machine's mirrors and registries as this machine does. */
const borrowed = ['/etc/resolv.conf', '/etc/ssl/certs', '/etc/apt/apt.conf.d', '/root/.npmrc', '/usr/etc/npmrc', '/etc/npmrc']

export async function createBareMachines(): Promise<BareMachines> {
  const exec = createExec()
  const directory = await mkdtemp(join(tmpdir(), `k8ts-bare-${process.pid}-`))
  const base = join(directory, 'base')
  const namespaces = createTestNamespaces('bare')
  const running: { end(): Promise<void> }[] = []
  const close = async () => {
    for (const machine of running.splice(0).reverse()) await machine.end()
    await namespaces.close()
    await exec.run('umount', ['--lazy', '--recursive', directory], { okCodes: [0, 1, 32] })
    await rm(directory, { recursive: true, force: true })
  }
  try {
    // In memory: dpkg writes every file through to the disk.
    await exec.run('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', directory])
    await exec.run('sh', ['-ec', `
      mirror=$(cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null |
        sed -n 's/^URIs: *\\([^ ]*\\).*/\\1/p; s/^deb \\(\\[[^]]*\\] *\\)\\{0,1\\}\\([^ ]*\\) .*/\\2/p' | head -n 1)
      debootstrap --variant=minbase --include=${packages} bookworm ${base} $mirror
      mkdir -p ${base}/opt/k8ts
      cd ${home}; git ls-files -z --cached --others --exclude-standard | tar --null -cT - | tar -xC ${base}/opt/k8ts
      for path in ${borrowed.join(' ')}; do
        if [ -d $path ]; then mkdir -p ${base}$path; elif [ -e $path ]; then mkdir -p $(dirname ${base}$path); touch ${base}$path; fi
      done`], { timeoutMs: 1_800_000 })
    const lan = await namespaces.create('lan')
    await lan.sh('ip link add br0 type bridge; ip link set br0 up')

    return {
      close,
      async start(name) {
        const number = running.length
        const privateIP = `192.168.56.${10 + number}`
        const cgroup = `k8ts-bare-${process.pid}-${name}`
        const node = await namespaces.create(name)
        const root = join(directory, name)
        for (const part of ['root', 'upper', 'work']) await mkdir(join(root, part), { recursive: true })
        await exec.run('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${base},upperdir=${root}/upper,workdir=${root}/work`, `${root}/root`])
        const nat = await exec.spawn('slirp4netns', ['--netns-type=path', '--mtu=1500', node.path, 'eth0'])
        const ended: Spawned[] = [nat]
        running.push({
          async end() {
            for (const process of ended.reverse()) {
              process.kill('SIGKILL')
              await process.exited
            }
            await removeCgroups(cgroup)
          },
        })
        await node.sh(`
          for try in $(seq 300); do ip link show eth0 >/dev/null 2>&1 && break; sleep 0.1; done
          ip address add 10.0.2.15/24 dev eth0; ip link set eth0 up; ip route add default via 10.0.2.2
          ip link add eth1 type veth peer name ${name} netns ${lan.name}
          ip address add ${privateIP}/24 dev eth1; ip link set eth1 up`)
        await lan.sh(`ip link set ${name} master br0 up`)

        // The first process of the machine: all others end with it, and those that lost their parent are buried by it.
        const machine = await node.exec.spawn('unshare', ['--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child', 'sh', '-ec', `
          hostname ${name}; cd ${root}/root
          mount -t proc proc proc; mount -t sysfs sysfs sys; mount --rbind /sys/fs/cgroup sys/fs/cgroup; mount --rbind /dev dev
          mount -t tmpfs tmpfs run; mount -t tmpfs tmpfs tmp
          for path in ${borrowed.join(' ')}; do [ ! -e $path ] || mount --bind $path .$path; done
          mkdir -p .before; pivot_root . .before; umount --lazy /.before
          echo ready; while sleep 3600; do :; done`])
        ended.push(machine)
        await said(machine, 'ready')
        const first = (await readFile(`/proc/${machine.pid}/task/${machine.pid}/children`, 'utf8')).trim()
        // nsenter became unshare; the one it started is the machine's first.
        ended.push({ ...machine, kill: () => { kill(Number(first), 'SIGKILL'); return true } })
        const enter = (args: readonly string[], env: Readonly<Record<string, string>> = {}, input?: string) =>
          exec.run('nsenter', ['--target', first, '--mount', '--pid', '--net', '--uts', '--ipc', 'env', '-i', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root',
            ...Object.entries(env).map(([key, value]) => `${key}=${value}`), ...args], { timeoutMs: 1_200_000, ...(input !== undefined && { input }) })
        return {
          privateIP, cgroup,
          sh: (script, env) => enter(['sh', '-ec', script], env),
          write: async (path, text) => void await enter(['sh', '-ec', 'mkdir -p "$(dirname "$0")"; umask 077; cat >"$0"', path], {}, text),
        }
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function said(process: Spawned, word: string): Promise<void> {
  let errors = ''
  process.stderr!.on('data', (text: Buffer) => { errors += String(text) })
  for await (const line of createInterface({ input: process.stdout! })) if (line === word) return
  throw new Error(`The machine did not start: ${errors}`)
}
