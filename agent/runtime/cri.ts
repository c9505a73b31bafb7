import * as grpc from '@grpc/grpc-js'
import { fromJSON } from '@grpc/proto-loader'
import eventsDescriptor from './containerd-events.json' with { type: 'json' }
import criDescriptor from './cri-v1.json' with { type: 'json' }
import { runtimeEvents } from './runtime-events.ts'
import { grpcMethod } from './grpc-call.ts'
import type { Container, ContainerStats, ContainerStatus, ExecSyncResponse, FilesystemUsage, Image, PodSandbox, PodSandboxStatus, Runtime, RuntimeCondition, VersionResponse } from './runtime.ts'

/** Long enough for a slow disk, short enough that a dead runtime shows; pulls and stops have their own. */
const callSeconds = 120

/** A `Runtime` over a CRI server's unix socket, e.g. `/run/containerd/containerd.sock`. Connects lazily and reconnects by itself. */
export function criRuntime(socket: string): Runtime {
  const loaded = grpc.loadPackageDefinition({ ...definition(criDescriptor), ...definition(eventsDescriptor) }) as any
  const credentials = grpc.credentials.createInsecure()
  const options: grpc.ClientOptions = {
    'grpc.max_receive_message_length': 16 * 1024 * 1024,
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 2000,
    'grpc.use_local_subchannel_pool': 1,
  }
  const service = new loaded.runtime.v1.RuntimeService(`unix:${socket}`, credentials, options)
  const images = new loaded.runtime.v1.ImageService(`unix:${socket}`, credentials, options)
  const events = new loaded.containerd.services.events.v1.Events(`unix:${socket}`, credentials, options)
  const call = grpcMethod(service, callSeconds)
  const imageCall = grpcMethod(images, callSeconds)

  return {
    version: () => call<VersionResponse>('version', { version: 'v1' }),
    async status() {
      const { status } = await call<{ status: { conditions: RuntimeCondition[] } | null }>('status', {})
      return { conditions: status?.conditions ?? [] }
    },
    async runPodSandbox(config, runtimeHandler = '') {
      return (await call<{ podSandboxId: string }>('runPodSandbox', { config, runtimeHandler })).podSandboxId
    },
    async stopPodSandbox(id) { await call('stopPodSandbox', { podSandboxId: id }) },
    async removePodSandbox(id) { await call('removePodSandbox', { podSandboxId: id }) },
    async podSandboxStatus(id) {
      return (await call<{ status: PodSandboxStatus }>('podSandboxStatus', { podSandboxId: id })).status
    },
    async listPodSandbox(filter) { return (await call<{ items: PodSandbox[] }>('listPodSandbox', { filter })).items },
    async createContainer(sandbox, config, sandboxConfig) {
      const encoded = { ...config, envs: config.envs?.map(({ key, value }) => ({ key, value: Buffer.from(value) })) }
      return (await call<{ containerId: string }>('createContainer', { podSandboxId: sandbox, config: encoded, sandboxConfig })).containerId
    },
    async startContainer(id) { await call('startContainer', { containerId: id }) },
    async stopContainer(id, timeout) { await call('stopContainer', { containerId: id, timeout }, { seconds: timeout + callSeconds }) },
    async removeContainer(id) { await call('removeContainer', { containerId: id }) },
    async listContainers(filter) { return (await call<{ containers: Container[] }>('listContainers', { filter })).containers },
    async containerStatus(id) {
      return (await call<{ status: ContainerStatus }>('containerStatus', { containerId: id })).status
    },
    async updateContainerResources(id, linux) { await call('updateContainerResources', { containerId: id, linux }) },
    async reopenContainerLog(id) { await call('reopenContainerLog', { containerId: id }) },
    execSync: (id, cmd, timeout) =>
      call<ExecSyncResponse>('execSync', { containerId: id, cmd, timeout }, { seconds: timeout > 0 ? timeout + 5 : callSeconds * 10 }),
    async exec(request) { return (await call<{ url: string }>('exec', request)).url },
    async attach(request) { return (await call<{ url: string }>('attach', request)).url },
    async portForward(sandbox, port) { return (await call<{ url: string }>('portForward', { podSandboxId: sandbox, port })).url },
    async listContainerStats() { return (await call<{ stats: ContainerStats[] }>('listContainerStats', { filter: {} })).stats },
    async listImages() { return (await imageCall<{ images: Image[] }>('listImages', {})).images },
    async imageStatus(image) {
      return (await imageCall<{ image: Image | null }>('imageStatus', { image: { image } })).image ?? undefined
    },
    async pullImage(image, auth, sandboxConfig, signal) {
      return (await imageCall<{ imageRef: string }>('pullImage', { image: { image }, auth, sandboxConfig }, { seconds: 3600, signal })).imageRef
    },
    async removeImage(image) { await imageCall('removeImage', { image: { image } }) },
    async imageFsInfo() { return (await imageCall<{ imageFilesystems: FilesystemUsage[] }>('imageFsInfo', {})).imageFilesystems },
    events: (signal) => runtimeEvents(events, service, signal),
    close() { service.close(); images.close(); events.close() },
  }
}

const definition = (descriptor: object): grpc.GrpcObject | any =>
  fromJSON(descriptor as Parameters<typeof fromJSON>[0], { longs: Number, enums: String, defaults: true })
