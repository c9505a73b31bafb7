import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createExec } from '../../host/exec.ts'
import { buildImage, busyboxFiles } from '../../host/oci-image.ts'
import { pauseImage } from '../../host/pause-image.ts'
import { criRuntime } from '../runtime/cri.ts'
import { isRuntimeNotFound } from '../runtime/runtime.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** A private containerd for a test: own root, state, socket, cgroup and streaming port; gone without a trace after `stop`. */
export interface TestContainerd {
  readonly directory: string
  readonly socket: string
  readonly cgroupRoot: string
  readonly runtime: Runtime
  stop(): Promise<void>
}

export const testImages = { pause: 'k8ts.test/pause:1', busybox: 'k8ts.test/busybox:1' } as const

/** Why the machine cannot run real containers, or undefined: the reason a test gives for skipping. */
export function whyNoContainerd(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root'
  for (const file of ['/usr/bin/containerd', '/usr/bin/ctr', '/bin/busybox', '/usr/lib/cni/bridge']) {
    if (!existsSync(file)) return `needs ${file}`
  }
  return undefined
}

const exec = createExec()
let counter = 0

export async function startContainerd(): Promise<TestContainerd> {
  const directory = await mkdtemp(join(tmpdir(), 'k8ts-agent-'))
  const id = `${process.pid}-${counter++}`
  const cgroupRoot = `/k8ts-test-${id}`
  const socket = join(directory, 'containerd.sock')
  await mkdir(join(directory, 'cni'), { recursive: true })
  const streamPort = await freePort()
  await writeFile(join(directory, 'config.toml'), config(directory, streamPort))
  // A subnet of its own for each process, so that tests that run side by side do not share a bridge.
  const third = process.pid % 250
  await writeFile(join(directory, 'cni', '10-test.conflist'), JSON.stringify(network(`k8t${id}`.slice(0, 15), `10.213.${third}.0/24`, directory)))
  const daemon = await exec.spawn('containerd', ['--config', join(directory, 'config.toml')], { logFile: join(directory, 'containerd.log') })
  const runtime = criRuntime(socket)
  try {
    await untilServing(runtime)
    await importImages(directory, socket)
  } catch (error) {
    const said = await readFile(join(directory, 'containerd.log'), 'utf8').catch(() => '')
    daemon.kill('SIGKILL')
    throw new Error(`containerd did not start: ${error}\n${said.slice(-2000)}`)
  }
  return {
    directory, socket, cgroupRoot, runtime,
    async stop() {
      await removePods(runtime).catch((error: unknown) => console.error('Remove pods: failed', error))
      runtime.close()
      daemon.kill('SIGTERM')
      await daemon.exited
      await exec.run('ip', ['link', 'delete', `k8t${id}`.slice(0, 15)], { okCodes: [0, 1] })
      await unmountBelow(directory)
      await removeCgroups(cgroupRoot)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function removePods(runtime: Runtime): Promise<void> {
  await Promise.all((await runtime.listPodSandbox()).map(async ({ id }) => {
    // An agent that has just been stopped may still be at it: what is gone is gone.
    await runtime.stopPodSandbox(id).catch(() => undefined)
    await runtime.removePodSandbox(id).catch((error: unknown) => { if (!isRuntimeNotFound(error)) throw error })
  }))
}

async function untilServing(runtime: Runtime): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await runtime.version()
      return
    } catch (error) {
      if (attempt > 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

async function importImages(directory: string, socket: string): Promise<void> {
  const { stdout } = await exec.run('/bin/busybox', ['--list'])
  const applets = stdout.split('\n').filter((applet) => applet && applet !== 'busybox')
  const images = [
    pauseImage(testImages.pause),
    buildImage({ name: testImages.busybox, files: await busyboxFiles('/bin/busybox', applets), config: { Cmd: ['sh'] } }),
  ]
  for (const [index, image] of images.entries()) {
    const file = join(directory, `image-${index}.tar`)
    await writeFile(file, image)
    await exec.run('ctr', ['-a', socket, '-n', 'k8s.io', 'images', 'import', file])
    await rm(file)
  }
}

const config = (directory: string, streamPort: number): string => `version = 2
root = "${directory}/root"
state = "${directory}/state"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = "${directory}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${testImages.pause}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "${streamPort}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${directory}/cni"
`

const network = (bridge: string, subnet: string, directory: string) => ({
  cniVersion: '0.4.0',
  name: bridge,
  plugins: [
    { type: 'bridge', bridge, isGateway: true, ipMasq: false, ipam: { type: 'host-local', dataDir: `${directory}/ipam`, ranges: [[{ subnet }]], routes: [{ dst: '0.0.0.0/0' }] } },
  ],
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function unmountBelow(directory: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map((line) => line.split(' ')[4]).filter((path) => path?.startsWith(`${directory}/`))
  for (const mount of mounts.reverse()) await exec.run('umount', ['-l', mount!], { okCodes: [0, 32] })
}

async function removeCgroups(root: string): Promise<void> {
  await exec.run('sh', ['-c', `find /sys/fs/cgroup -depth -type d -path "*${root}*" -exec rmdir {} + 2>/dev/null || true`])
}
