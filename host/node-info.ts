import { readFile, readdir, statfs } from 'node:fs/promises'
import { availableParallelism, release } from 'node:os'
import { readIfExists } from './files.ts'
import { goArchitecture } from './oci-image.ts'

/** What the machine is and how it does, from /proc, /sys and the file system that holds `directory`. */
export function createNodeInfo({ directory }: { readonly directory: string }) {
  const line = async (path: string): Promise<string> => ((await readIfExists(path).catch(() => undefined)) ?? '').trim()
  return {
    async info() {
      const [machineID, productUUID, bootID, os] = await Promise.all([
        line('/etc/machine-id'), line('/sys/class/dmi/id/product_uuid'), line('/proc/sys/kernel/random/boot_id'), line('/etc/os-release'),
      ])
      const osImage = /^PRETTY_NAME="?([^"\n]*)/m.exec(os)?.[1] ?? 'Linux'
      return { machineID, systemUUID: productUUID || machineID, bootID, kernelVersion: release(), osImage, architecture: goArchitecture(process.arch) }
    },
    async capacity() {
      const [memory, disk] = [await memoryInfo(), await statfs(directory)]
      return { cpus: availableParallelism(), memoryBytes: memory['MemTotal'] ?? 0, ephemeralBytes: disk.blocks * disk.bsize, hugePages: await hugePages() }
    },
    async usage() {
      const [memory, disk, load, maxPids, stat] = [
        await memoryInfo(), await statfs(directory), await line('/proc/loadavg'), await line('/proc/sys/kernel/pid_max'), await line('/proc/stat'),
      ]
      return {
        memoryAvailableBytes: memory['MemAvailable'] ?? 0,
        diskAvailableBytes: disk.bavail * disk.bsize, diskCapacityBytes: disk.blocks * disk.bsize, inodesFree: disk.ffree, inodes: disk.files,
        pids: Number(/\d+\/(\d+)/.exec(load)?.[1] ?? 0), maxPids: Number(maxPids || 0),
        cpuNanoSeconds: cpuTime(stat),
      }
    },
    async resolvConf(): Promise<string> {
      const text = await line('/etc/resolv.conf')
      // systemd-resolved's stub on loopback is of no use inside a pod; behind it stands the true list.
      return /^nameserver\s+127\.0\.0\.53/m.test(text) ? (await line('/run/systemd/resolve/resolv.conf')) || text : text
    },
    async hosts(): Promise<string> { return (await readIfExists('/etc/hosts')) ?? '' },
  }
}

async function memoryInfo(): Promise<Record<string, number>> {
  const text = await readFile('/proc/meminfo', 'utf8')
  return Object.fromEntries([...text.matchAll(/^(\w+):\s+(\d+) kB$/gm)].map(([, name, kib]) => [name!, Number(kib) * 1024]))
}

/** Bytes by page size, in Kubernetes' spelling: `2048kB` → `2Mi`. */
async function hugePages(): Promise<Record<string, number>> {
  const base = '/sys/kernel/mm/hugepages'
  const sizes = await readdir(base).catch(() => [])
  const entries = await Promise.all(sizes.map(async (name): Promise<[string, number]> => {
    const kib = Number(/(\d+)kB/.exec(name)?.[1] ?? 0)
    const count = Number(await readFile(`${base}/${name}/nr_hugepages`, 'utf8').catch(() => '0'))
    return [kib >= 1048576 ? `${kib / 1048576}Gi` : `${kib / 1024}Mi`, count * kib * 1024]
  }))
  return Object.fromEntries(entries)
}

/** Busy time of all processors together. The fourth and fifth column are idle and waiting; a tick is 10 ms. */
function cpuTime(stat: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (/^cpu\s+(.*)$/m.exec(stat)?.[1] ?? '').split(' ').map(Number)
  return (user + nice + system + irq + softirq) * 10_000_000
}
