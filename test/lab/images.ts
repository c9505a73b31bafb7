import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createExec } from '../../host/exec.ts'
import { buildImage, busyboxFiles } from '../../host/oci-image.ts'
import { layoutUnder, paths } from '../../cli/layout.ts'
import type { UpLab } from './up-lab.ts'

/** The image the tests' containers run: this machine's busybox with all its applets. */
export const busyboxImage = 'k8ts.test/busybox:1'

let archive: Promise<Buffer> | undefined

async function busyboxArchive(): Promise<Buffer> {
  const exec = createExec()
  const binary = ['/bin/busybox', '/usr/bin/busybox'].find(existsSync)
  if (!binary) throw new Error('Cannot build the test image: there is no busybox')
  const applets = (await exec.run(binary, ['--list'])).stdout.split('\n').filter((name) => name && name !== 'busybox')
  return buildImage({ name: busyboxImage, files: await busyboxFiles(binary, applets), config: { Cmd: ['sh'] } })
}

/** Gives the lab's container runtime the test image. */
export async function importImages(lab: UpLab): Promise<void> {
  const file = join(lab.directory, 'busybox.tar')
  await writeFile(file, await (archive ??= busyboxArchive()))
  await lab.node.exec.run('ctr', ['--address', paths(layoutUnder(join(lab.directory, 'k8ts'))).containerd.socket, '--namespace', 'k8s.io', 'images', 'import', file])
  await rm(file)
}
