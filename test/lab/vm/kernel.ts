import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackPackage } from '../../../cli/install/unpack-package.ts'
import type { Exec } from '../../../host/exec.ts'

/** A kernel with its modules, as files. */
export interface TestKernel {
  readonly image: string
  readonly release: string
  /** `lib/modules/<release>`. */
  readonly modulesDir: string
}

/** Debian's kernel for virtual machines: small, with everything of netfilter. */
const metaPackage = 'linux-image-cloud-amd64'

/** The kernel below `directory`, fetched and unpacked (not installed) where it is not there yet. */
export async function testKernel(exec: Exec, directory: string): Promise<TestKernel> {
  const unpacked = join(directory, metaPackage)
  if (!existsSync(unpacked)) {
    await unpackPackage(exec, { name: await realPackage(exec), directory: unpacked, async prepare(incoming) {
      await exec.run('busybox', ['depmod', '-b', incoming, releaseIn(incoming)])
    } })
  }
  const release = releaseIn(unpacked)
  return { release, image: join(unpacked, 'boot', `vmlinuz-${release}`), modulesDir: join(unpacked, 'lib/modules', release) }
}

/** The meta package only names the one of today. */
async function realPackage(exec: Exec): Promise<string> {
  const { stdout } = await exec.run('apt-cache', ['depends', '--important', metaPackage])
  const found = /Depends: (linux-image-\S+)/.exec(stdout)?.[1]
  if (!found) throw new Error(`the distribution has no package ${metaPackage}`)
  return found
}

const releaseIn = (directory: string): string => {
  const [release] = readdirSync(join(directory, 'lib/modules'))
  if (!release) throw new Error(`${directory} has no kernel modules`)
  return release
}

/**
 * The modules that may be loaded by hand or by the kernel itself: the network's, and what it takes to talk to the host.
 * Paths below `lib/modules/<release>`.
 */
export async function moduleFiles({ modulesDir }: TestKernel): Promise<string[]> {
  const all = (await readFile(join(modulesDir, 'modules.dep'), 'utf8')).split('\n').map((line) => line.split(':')[0]!).filter(Boolean)
  return [...all.filter((path) => wanted.test(path)), 'modules.dep', 'modules.alias', 'modules.builtin']
}

const wanted = /^kernel\/(net\/(802|8021q|bridge|core|ipv4|ipv6|llc|netfilter|sctp|sched|xfrm)\/|drivers\/(virtio\/|char\/virtio_console|net\/(dummy|veth|vxlan|macvlan|ifb|tun)\b)|lib\/|crypto\/(hmac|sha1|sha256|crc32c|md5|cmac)|arch\/x86\/crypto\/crc32c)/
