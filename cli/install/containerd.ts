import { readFile } from 'node:fs/promises'
import { criRuntime } from '../../agent/runtime/cri.ts'
import { RuntimeError } from '../../agent/runtime/runtime.ts'
import { ensureDir, readIfExists, removeIfExists, writeAtomic, writeIfChanged } from '../../host/files.ts'
import { pauseImage } from '../../host/pause-image.ts'
import type { Config } from '../config.ts'
import { paths } from '../layout.ts'
import type { Machine } from '../machine.ts'
import { cniDirectories } from '../network.ts'
import { HopelessError } from '../wait.ts'
import { containerdConfig } from './containerd-config.ts'

/** Under this name the runtime knows the image of the pods' sandboxes; it is made on the machine, not pulled. */
export const pauseImageName = 'k8ts.local/pause:1'

/** Writes the configuration and the directories of our containerd. */
export async function prepareContainerd({ exec }: Machine, config: Config): Promise<void> {
  const p = paths(config)
  const cni = cniDirectories(config)
  for (const directory of [p.containerd.root, p.containerd.state, cni.confDir, cni.binDir]) await ensureDir(directory, 0o711)
  const snapshotter = snapshotterOf((await readIfExists(p.containerd.config)) ?? '') ?? ((await overlayWorks(exec, p.containerd.root)) ? 'overlayfs' : 'native')
  await writeIfChanged(p.containerd.config, containerdConfig({ paths: p, cni, pauseImage: pauseImageName, restrictOomScore: !(await mayLowerOomScore()), snapshotter }))
}

/** Resolves when our containerd answers and has the pause image; rejects with why not yet. */
export async function containerdReady(machine: Machine, config: Config): Promise<true> {
  const runtime = criRuntime(paths(config).containerd.socket)
  try {
    await runtime.version().catch((error: unknown) => {
      // It answers, so it has loaded what it could.
      if (error instanceof RuntimeError && error.reason === 'unimplemented') throw new HopelessError('containerd runs, but without its CRI plugin')
      throw error
    })
    if (!(await runtime.imageStatus(pauseImageName))) await importImage(machine, config, pauseImage(pauseImageName))
    return true
  } finally {
    runtime.close()
  }
}

/** Gives the runtime an image as an OCI archive. */
export async function importImage({ exec }: Pick<Machine, 'exec'>, config: Config, archive: Uint8Array): Promise<void> {
  const p = paths(config)
  const file = `${p.containerd.root}/import-${process.pid}.tar`
  await writeAtomic(file, archive, { sync: false })
  try {
    await exec.run('ctr', ['--address', p.containerd.socket, '--namespace', 'k8s.io', 'images', 'import', file], { timeoutMs: 120_000 })
  } finally {
    await removeIfExists(file)
  }
}

/** Bit 24 of the effective capabilities, CAP_SYS_RESOURCE. */
async function mayLowerOomScore(): Promise<boolean> {
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1] ?? '0'
  return ((BigInt(`0x${effective}`) >> 24n) & 1n) === 1n
}

/** Once chosen it stays: images unpacked by the one are not there for the other. */
const snapshotterOf = (config: string): 'overlayfs' | 'native' | undefined => /^ *snapshotter = "(overlayfs|native)"$/m.exec(config)?.[1] as 'overlayfs' | 'native' | undefined

/** Overlay on overlay (a machine that is itself a container) is refused by the kernel. */
async function overlayWorks(exec: Machine['exec'], directory: string): Promise<boolean> {
  const script = 'd=$(mktemp -d "$1/probe.XXXXXX") && mkdir "$d/l" "$d/u" "$d/w" "$d/m" || exit 100; mount -t overlay overlay -o "lowerdir=$d/l,upperdir=$d/u,workdir=$d/w" "$d/m"; r=$?; umount "$d/m" 2>/dev/null; rm -rf "$d"; exit $r'
  const { code, stderr } = await exec.run('sh', ['-c', script, 'sh', directory], { okCodes: Array.from({ length: 256 }, (_, index) => index) })
  if (code === 100) throw new Error(`Cannot keep images in ${directory}: ${stderr.trim()}`)
  return code === 0
}
