import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createExec, type ExecResult } from '../../host/exec.ts'
import { createTestNamespaces } from '../../host/testing/namespaces.ts'
import { removeCgroups } from '../lab/reap.ts'
import { home } from '../lab/up-lab.ts'
import { bootBareRoot, type FirstProcess } from './boot-bare-root.ts'

/**
 * Machines as a box of Vagrant is when it has just been started, without the virtual machine: a bare Debian with systemd as the first process of
 * mount, process, cgroup and network namespaces, the checkout in /opt/k8ts, and two cards:
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
  /** Runs a shell script as root. */
  sh(script: string, env?: Readonly<Record<string, string>>): Promise<ExecResult>
  /** Ends everything that runs on it at once, as a power cut does, and starts it again. What is in its network namespace stays. */
  restart(): Promise<void>
}

const packages = 'ca-certificates,iproute2,procps,kmod,systemd,systemd-sysv'
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
      ln -s /dev/null ${base}/etc/systemd/system/getty.target # the terminals are this machine's
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
        running.push({
          async end() {
            await first?.end()
            nat.kill('SIGKILL')
            await nat.exited
            await removeCgroups(cgroup)
          },
        })
        await node.sh(`
          for try in $(seq 300); do ip link show eth0 >/dev/null 2>&1 && break; sleep 0.1; done
          ip address add 10.0.2.15/24 dev eth0; ip link set eth0 up; ip route add default via 10.0.2.2
          ip link add eth1 type veth peer name ${name} netns ${lan.name}
          ip address add ${privateIP}/24 dev eth1; ip link set eth1 up`)
        await lan.sh(`ip link set ${name} master br0 up`)
        let first: FirstProcess | undefined = await bootBareRoot(node.exec, { root: join(root, 'root'), name, cgroup, borrowed })
        return {
          privateIP,
          sh: (script, env = {}) => exec.run('nsenter', ['--target', first!.pid, '--mount', '--pid', '--net', '--uts', '--ipc', '--cgroup', 'env', '-i',
            'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', ...Object.entries(env).map(([key, value]) => `${key}=${value}`), 'sh', '-ec', script], { timeoutMs: 1_200_000 }),
          async restart() {
            await first?.end()
            first = undefined
            await removeCgroups(cgroup)
            first = await bootBareRoot(node.exec, { root: join(root, 'root'), name, cgroup, borrowed })
          },
        }
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
