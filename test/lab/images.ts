import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createExec, type Exec } from '../../host/exec.ts'
import { buildImage, busyboxFiles } from '../../host/oci-image.ts'
import type { TarEntry } from '../../host/tar.ts'
import { layoutUnder, paths, type Layout } from '../../cli/layout.ts'
import type { UpLab } from './up-lab.ts'

/** The image the tests' containers run: this machine's busybox with all its applets, socat for TLS that checks certificates, and two scripts for UDP, which busybox has nothing for. */
export const busyboxImage = 'k8ts.test/busybox:1'

const exec = createExec()
let archive: Promise<Buffer> | undefined

async function busyboxArchive(): Promise<Buffer> {
  const binary = ['/bin/busybox', '/usr/bin/busybox'].find(existsSync)
  if (!binary) throw new Error('Cannot build the test image: there is no busybox')
  const applets = (await exec.run(binary, ['--list'])).stdout.split('\n').filter((name) => name && name !== 'busybox')
  return buildImage({ name: busyboxImage, files: [...(await busyboxFiles(binary, applets)), ...(await programFiles('/usr/bin/perl', '/usr/bin/socat')), ...udpScripts], config: { Cmd: ['sh'] } })
}

/**
 * `udp-echo PORT` answers every datagram with the host's name; `udp-ask ADDRESS PORT` sends one and prints the answer, or
 * ends by SIGALRM after 5 s. Plain system calls (AF_INET 2, SOCK_DGRAM 2, UDP 17, `struct sockaddr_in`): the image has no Perl modules.
 */
const udpScripts: TarEntry[] = Object.entries({
  'udp-echo': 'chomp(my $name = `hostname`); socket(S, 2, 2, 17); bind(S, pack("Sna4x8", 2, $ARGV[0], "\\0" x 4)) or die $!; while (1) { my $peer = recv(S, my $asked, 2048, 0); send(S, $name, 0, $peer) }',
  'udp-ask': 'socket(S, 2, 2, 17); connect(S, pack("SnC4x8", 2, $ARGV[1], split(/\\./, $ARGV[0]))); alarm 5; send(S, "hi", 0) or die $!; defined recv(S, my $answer, 2048, 0) or die $!; print "$answer\\n"',
}).map(([name, script]) => ({ path: `bin/${name}`, mode: 0o755, data: Buffer.from(`#!/usr/bin/perl\n${script}\n`) }))

/** Programs with the shared libraries they name, at the paths where the loader looks for them. */
async function programFiles(...programs: readonly string[]): Promise<TarEntry[]> {
  const named = await Promise.all(programs.map(async (program) => [program, ...((await exec.run('ldd', [program])).stdout.match(/(?<=\s)\/\S+(?= \(0x)/g) ?? [])]))
  const files = [...new Set(named.flat())].map((path) => path.slice(1))
  const directories = new Set(files.flatMap(parentsOf))
  return [
    ...[...directories].filter((path) => path !== 'bin').map((path) => ({ path, directory: true as const })),
    ...(await Promise.all(files.map(async (path) => ({ path, data: await readFile(`/${path}`), mode: 0o755 })))),
  ]
}

const parentsOf = (path: string): string[] => (dirname(path) === '.' ? [] : [...parentsOf(dirname(path)), dirname(path)])

/** Gives the lab's container runtime the test image. */
export const importImages = (lab: UpLab): Promise<void> => importImagesInto(lab.node.exec, layoutUnder(join(lab.directory, 'k8ts')))

/** Gives one container runtime the test image. */
export async function importImagesInto(exec: Exec, layout: Layout): Promise<void> {
  const file = join(layout.dataDir, 'busybox.tar')
  await writeFile(file, await (archive ??= busyboxArchive()))
  await exec.run('ctr', ['--address', paths(layout).containerd.socket, '--namespace', 'k8s.io', 'images', 'import', file])
  await rm(file)
}
