import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { criRuntime } from '../../agent/runtime/cri.ts'
import type { Runtime } from '../../agent/runtime/runtime.ts'
import { removeContainers } from '../../cli/containers.ts'
import { endLeftovers } from '../../cli/leftovers.ts'
import { containerdConfig } from '../../cli/install/containerd-config.ts'
import type { Paths } from '../../cli/layout.ts'
import { until } from '../../cli/wait.ts'
import { systemClock } from '../../host/clock.ts'
import type { Exec } from '../../host/exec.ts'
import { pauseImage } from '../../host/pause-image.ts'

/** A private containerd. */
export interface NodeRuntime {
  readonly runtime: Runtime
  /** Every pod removed, the daemon ended. */
  stop(): Promise<void>
}

const image = 'k8ts.test/pause:1'

/** Starts containerd with `exec` (which decides in whose network), with everything of it below the paths given. */
export const startNodeRuntime = async (exec: Exec, paths: Paths): Promise<NodeRuntime> => {
  for (const path of [paths.containerd.root, paths.containerd.state, dirname(paths.containerd.socket), paths.cni.confDir, paths.cni.binDir]) await mkdir(path, { recursive: true })
  await writeFile(paths.containerd.config, containerdConfig({ paths, cni: paths.cni, pauseImage: image, restrictOomScore: true, snapshotter: 'overlayfs' }))
  const log = join(paths.containerd.root, 'containerd.log')
  const daemon = await exec.spawn('containerd', ['--config', paths.containerd.config], { logFile: log })
  const { socket } = paths.containerd
  const runtime = criRuntime(socket)
  const stop = async (): Promise<void> => {
    runtime.close()
    await removeContainers(socket)
    daemon.kill('SIGTERM')
    await daemon.exited
    await endLeftovers(paths.containerd)
  }
  try {
    await until('containerd answering', () => runtime.version(), { clock: systemClock, deadlineMs: 30_000 })
    const archive = join(paths.containerd.root, 'pause.tar')
    await writeFile(archive, pauseImage(image))
    await exec.run('ctr', ['--address', socket, '--namespace', 'k8s.io', 'images', 'import', archive])
    await rm(archive)
    return { runtime, stop }
  } catch (error) {
    const said = await readFile(log, 'utf8').catch(() => '')
    await stop().catch(() => {})
    throw new Error(`containerd did not start: ${String(error)}\n${said.slice(-2000)}`)
  }
}
