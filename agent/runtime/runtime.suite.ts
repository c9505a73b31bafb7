import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { labels } from '../pods/labels.ts'
import { isRuntimeNotFound } from './runtime.ts'
import type { ContainerConfig, PodSandboxConfig, Runtime } from './runtime.ts'

export interface SuiteSubject {
  readonly runtime: Runtime
  readonly image: string
  readonly cgroupParent: string
  readonly logDirectory: string
  stop(): Promise<void>
}

/** What the agent relies on, of every runtime. */
export function runtimeSuite(name: string, start: () => Promise<SuiteSubject>): void {
  describe(name, () => {
    let subject: SuiteSubject
    let counter = 0
    beforeAll(async () => { subject = await start() }, 60_000)
    afterAll(() => subject.stop(), 60_000)

    const sandboxConfig = (): PodSandboxConfig => {
      const uid = `u${++counter}`
      return {
        metadata: { name: uid, uid, namespace: 'default', attempt: 0 }, hostname: uid, logDirectory: `${subject.logDirectory}/${uid}`,
        labels: { [labels.podUid]: uid, [labels.podName]: uid, [labels.podNamespace]: 'default' },
        linux: { cgroupParent: `${subject.cgroupParent}/pod${uid}`, securityContext: { namespaceOptions: { network: 'POD', pid: 'CONTAINER', ipc: 'POD' } } },
      }
    }
    const containerConfig = (sandbox: PodSandboxConfig): ContainerConfig => ({
      metadata: { name: 'c', attempt: 0 }, image: { image: subject.image }, command: ['sleep', '1000'], labels: { ...sandbox.labels, [labels.containerName]: 'c' },
      annotations: { note: 'kept' }, logPath: 'c/0.log', linux: {},
    })
    async function running(): Promise<{ sandbox: string; container: string; config: PodSandboxConfig }> {
      const config = sandboxConfig()
      const sandbox = await subject.runtime.runPodSandbox(config)
      const container = await subject.runtime.createContainer(sandbox, containerConfig(config), config)
      await subject.runtime.startContainer(container)
      return { sandbox, container, config }
    }

    test('a sandbox is ready with an address, and found by its labels', async () => {
      const { runtime } = subject
      const config = sandboxConfig()
      const id = await runtime.runPodSandbox(config)
      expect(await runtime.podSandboxStatus(id)).toMatchObject({ id, state: 'SANDBOX_READY', metadata: config.metadata, network: { ip: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/) } })
      expect((await runtime.listPodSandbox({ labelSelector: { [labels.podUid]: config.metadata.uid } })).map((each) => each.id)).toEqual([id])
      expect(await runtime.listPodSandbox({ labelSelector: { [labels.podUid]: 'nobody' } })).toEqual([])
    })

    test('a container goes from created over running to exited, and keeps what it was given', async () => {
      const { runtime } = subject
      const config = sandboxConfig()
      const sandbox = await runtime.runPodSandbox(config)
      const id = await runtime.createContainer(sandbox, containerConfig(config), config)
      expect(await runtime.containerStatus(id)).toMatchObject({ state: 'CONTAINER_CREATED', startedAt: 0, annotations: { note: 'kept' }, logPath: `${config.logDirectory}/c/0.log` })
      await runtime.startContainer(id)
      expect(await runtime.containerStatus(id)).toMatchObject({ state: 'CONTAINER_RUNNING', finishedAt: 0, exitCode: 0 })
      await runtime.stopContainer(id, 0)
      expect(await runtime.containerStatus(id)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 137, reason: 'Error' })
      expect(await runtime.listContainers({ labelSelector: { [labels.podUid]: config.metadata.uid } })).toMatchObject([{ id, podSandboxId: sandbox, state: 'CONTAINER_EXITED' }])
      await runtime.removeContainer(id)
      await expect(runtime.containerStatus(id)).rejects.toSatisfy(isRuntimeNotFound)
    })

    test('a stopped sandbox takes its containers with it and stays to be asked about', async () => {
      const { runtime } = subject
      const { sandbox, container } = await running()
      await runtime.stopPodSandbox(sandbox)
      await runtime.stopPodSandbox(sandbox)
      expect((await runtime.podSandboxStatus(sandbox)).state).toBe('SANDBOX_NOTREADY')
      expect((await runtime.containerStatus(container)).state).toBe('CONTAINER_EXITED')
      await runtime.removePodSandbox(sandbox)
      await runtime.removePodSandbox(sandbox)
      await expect(runtime.podSandboxStatus(sandbox)).rejects.toSatisfy(isRuntimeNotFound)
      expect(await runtime.listContainers({ id: container })).toEqual([])
    })

    test('tells of an exit at once', async () => {
      const { runtime } = subject
      const { container } = await running()
      const over = new AbortController()
      const seen = (async () => {
        for await (const { id, topic } of runtime.events(over.signal)) if (id === container && topic === '/tasks/exit') return topic
        return undefined
      })()
      // The stream has no moment at which it says that it listens: once a listing has answered, it does.
      for (let n = 0; n < 5; n++) await runtime.listContainers()
      await runtime.stopContainer(container, 0)
      expect(await seen).toBe('/tasks/exit')
      over.abort()
    })

    test('runs commands in a container', async () => {
      const { container } = await running()
      expect((await subject.runtime.execSync(container, ['true'], 5)).exitCode).toBe(0)
    })

    test('knows its images, and not others', async () => {
      const { runtime, image } = subject
      expect(await runtime.imageStatus(image)).toMatchObject({ id: expect.stringMatching(/^sha256:/), repoTags: [image] })
      expect(await runtime.imageStatus('k8ts.test/none:1')).toBeUndefined()
      expect((await runtime.listImages()).some(({ repoTags }) => repoTags.includes(image))).toBe(true)
    })
  })
}
