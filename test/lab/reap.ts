import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { endLeftovers } from '../../cli/leftovers.ts'
import { layoutUnder, paths } from '../../cli/layout.ts'
import { createExec } from '../../host/exec.ts'
import { createNetworkNamespaces } from '../../host/netns.ts'
import { reapTestNamespaces } from '../../host/testing/namespaces.ts'

const exec = createExec()

/** Everything that is mounted below a directory, unmounted, the innermost first. */
export const unmountBelow = async (path: string): Promise<void> => {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map(line => line.split(' ')[4]).filter(mount => mount?.startsWith(`${path}/`))
  for (const mount of mounts.reverse()) await exec.run('umount', ['--lazy', mount!], { okCodes: [0, 32] })
}

/** Takes away what labs left whose process was killed: shims with their pods, the pods' namespaces, the nodes', mounts and files. */
export const reapLabs = async (parent: string, prefix: string): Promise<void> => {
  const dead = (await readdir(parent)).filter(name => {
    const pid = new RegExp(`^k8ts-${prefix}-(\\d+)-`).exec(name)?.[1]
    return pid !== undefined && !existsSync(`/proc/${pid}`)
  })
  for (const name of dead) {
    for (const node of await readdir(join(parent, name))) await reapNode(join(parent, name, node))
  }
  await reapTestNamespaces(prefix)
  for (const name of dead) {
    await unmountBelow(join(parent, name))
    await rm(join(parent, name), { recursive: true, force: true })
  }
}

const reapNode = async (directory: string): Promise<void> => {
  const { containerd, cni } = paths(layoutUnder(directory))
  await endLeftovers(containerd.socket)
  const namespaces = createNetworkNamespaces({ exec })
  for (const file of await readdir(cni.dataDir).catch(() => [])) {
    if (!file.endsWith('.json')) continue
    const { attachments } = JSON.parse(await readFile(join(cni.dataDir, file), 'utf8')) as { attachments: { netns: string }[] }
    for (const { netns } of attachments) await namespaces.delete(netns)
  }
}
