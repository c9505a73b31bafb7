import { describe, expect, test } from 'vitest'
import { configMaps } from '../api/kinds/core-v1/config-map.ts'
import { leases } from '../api/kinds/coordination-v1/lease.ts'
import { pods } from '../api/kinds/core-v1/pod.ts'
import type { Pod } from '../api/types/core-v1/pod.ts'
import { startFakeAgent } from './testing/fake-agent.ts'

const only = (pod: Pod | undefined) => pod!.status!.containerStatuses![0]!
const condition = (pod: Pod | undefined, type: string) => {
  const { status, reason, message } = pod!.status!.conditions!.find((each) => each.type === type)!
  return [status, reason, message].filter((word) => word !== undefined && word !== '')
}

describe('a pod bound to the node', () => {
  test('runs, and says so in every field', async () => {
    await using fake = await startFakeAgent()
    const pod = await fake.run('web')
    expect(pod.status).toMatchObject({ phase: 'Running', hostIP: '192.0.2.1', podIP: expect.stringMatching(/^10\.88\./), qosClass: 'BestEffort', startTime: expect.any(String) })
    expect(only(pod)).toMatchObject({ name: 'c', ready: true, started: true, restartCount: 0, image: 'web:1', containerID: expect.stringMatching(/^containerd:\/\/[0-9a-f]{64}$/), state: { running: { startedAt: '2030-01-01T00:00:00Z' } } })
    for (const type of ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled']) expect(condition(pod, type)).toEqual(['True'])
    const told = await fake.events('web')
    for (const sentence of ['Pulling: Pulling image "web:1"', 'Created: Container created', 'Started: Container started']) expect(told).toContain(sentence)
  })

  test('keeps its containers, their ids and restart counts when the agent restarts', async () => {
    await using fake = await startFakeAgent()
    await fake.run('web', {}, { readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 5 } })
    fake.runtime.exit({ pod: 'web' }, 1)
    await fake.clock.advance('10s')
    const before = await fake.pod('web')
    expect(only(before)).toMatchObject({ restartCount: 1, ready: true })
    await fake.restart()
    await fake.clock.advance(10)
    expect((await fake.pod('web'))!.status).toEqual(before!.status)
    expect(fake.runtime.containers().filter(({ state }) => state === 'CONTAINER_RUNNING')).toHaveLength(1)
  })

  test('that is refused becomes Failed with the reason', async () => {
    await using fake = await startFakeAgent({ machineOptions: { capacity: { cpus: 1 } } })
    const pod = await fake.run('big', {}, { resources: { requests: { cpu: '1500m' } } })
    expect(pod.status).toMatchObject({ phase: 'Failed', reason: 'OutOfcpu', message: 'Pod was rejected: Node didn\'t have enough resource: cpu, requested: 1500, used: 0, capacity: 1000' })
    expect((await fake.run('elsewhere', { nodeSelector: { disk: 'ssd' } })).status).toMatchObject({ phase: 'Failed', reason: 'NodeAffinity' })
    expect(fake.runtime.containers()).toEqual([])
  })
})

describe('a container that ends', () => {
  test('is started again at once, then after 10 s, 20 s and so on', async () => {
    await using fake = await startFakeAgent()
    await fake.run('web')
    fake.runtime.exit({ pod: 'web' }, 3)
    await fake.clock.advance(1)
    expect(only(await fake.pod('web'))).toMatchObject({ restartCount: 1, state: { running: {} }, lastState: { terminated: { exitCode: 3, reason: 'Error' } } })
    for (const [seconds, count] of [[10, 2], [20, 3], [40, 4]] as const) {
      fake.runtime.exit({ pod: 'web' }, 3)
      await fake.clock.advance(1)
      const waiting = await fake.pod('web')
      expect(only(waiting)).toMatchObject({ ready: false, state: { waiting: { reason: 'CrashLoopBackOff', message: `back-off ${seconds}s restarting failed container=c pod=web_default(${waiting!.metadata.uid})` } } })
      expect(condition(waiting, 'Ready')).toEqual(['False', 'ContainersNotReady', 'containers with unready status: [c]'])
      await fake.clock.advance((seconds - 1) * 1000)
      expect(only(await fake.pod('web')).restartCount).toBe(count - 1)
      await fake.clock.advance(1100)
      expect(only(await fake.pod('web')).restartCount).toBe(count)
    }
    const pod = await fake.pod('web')
    expect(await fake.events('web')).toContain(`BackOff: Back-off restarting failed container c in pod web_default(${pod!.metadata.uid})`)
    expect(fake.runtime.containers().length).toBeLessThanOrEqual(2)
  })

  test('after ten good minutes is started again without waiting', async () => {
    await using fake = await startFakeAgent()
    await fake.run('web')
    for (let i = 0; i < 2; i++) {
      fake.runtime.exit({ pod: 'web' }, 1)
      await fake.clock.advance('11s')
    }
    await fake.clock.advance('11m')
    fake.runtime.exit({ pod: 'web' }, 1)
    await fake.clock.advance(10)
    expect(only(await fake.pod('web'))).toMatchObject({ restartCount: 3, state: { running: {} } })
  })

  test.each([
    ['Never', 0, 'Succeeded', 'Completed', 'PodCompleted'], ['Never', 4, 'Failed', 'Error', 'PodFailed'], ['OnFailure', 0, 'Succeeded', 'Completed', 'PodCompleted'],
  ])('under restartPolicy %s with code %i makes the pod %s', async (restartPolicy, code, phase, reason, why) => {
    await using fake = await startFakeAgent()
    await fake.run('job', { restartPolicy })
    fake.runtime.exit({ pod: 'job' }, code)
    await fake.clock.advance(1)
    const pod = await fake.pod('job')
    expect(pod!.status!.phase).toBe(phase)
    expect(only(pod).state!.terminated).toMatchObject({ exitCode: code, reason })
    expect(condition(pod, 'Ready')).toEqual(['False', why])
    expect(fake.runtime.containers()).toHaveLength(1)
  })

  test('leaves a message that is still known after the pod is tidied and the agent restarted', async () => {
    await using fake = await startFakeAgent()
    fake.runtime.behaviour = () => ({ exitAfter: 100, exitCode: 1 })
    await fake.run('job', { restartPolicy: 'Never' })
    const file = fake.runtime.container({ pod: 'job' }).config.mounts!.find(({ containerPath }) => containerPath === '/dev/termination-log')!.hostPath
    await fake.machine.files.write(file, 'out of luck')
    await fake.clock.advance('1s')
    expect(only(await fake.pod('job')).state!.terminated!.message).toBe('out of luck')
    await fake.restart()
    expect(only(await fake.pod('job')).state!.terminated!.message).toBe('out of luck')
  })
})

describe('init containers', () => {
  const initContainers = [{ name: 'one', image: 'i' }, { name: 'two', image: 'i' }]

  test('run one after the other, then the rest', async () => {
    await using fake = await startFakeAgent()
    const pod = await fake.run('web', { initContainers })
    expect(pod.status!.phase).toBe('Pending')
    expect(condition(pod, 'Initialized')).toEqual(['False', 'ContainersNotInitialized', 'containers with incomplete status: [one two]'])
    expect(only(pod).state).toEqual({ waiting: { reason: 'PodInitializing' } })
    fake.runtime.exit({ pod: 'web', container: 'one' }, 0)
    await fake.clock.advance(1)
    expect(condition(await fake.pod('web'), 'Initialized')[2]).toBe('containers with incomplete status: [two]')
    fake.runtime.exit({ pod: 'web', container: 'two' }, 0)
    await fake.clock.advance(1)
    const running = await fake.pod('web')
    expect(running!.status!.phase).toBe('Running')
    expect(running!.status!.initContainerStatuses!.map(({ ready }) => ready)).toEqual([true, true])
  })

  test('that fail for good fail the pod', async () => {
    await using fake = await startFakeAgent()
    await fake.run('web', { initContainers, restartPolicy: 'Never' })
    fake.runtime.exit({ pod: 'web', container: 'one' }, 1)
    await fake.clock.advance(1)
    expect((await fake.pod('web'))!.status!.phase).toBe('Failed')
  })

  test('with restartPolicy Always go on running beside the others and end last', async () => {
    await using fake = await startFakeAgent()
    const pod = await fake.run('web', { initContainers: [{ name: 'side', image: 'i', restartPolicy: 'Always' }] })
    expect(pod.status!.phase).toBe('Running')
    expect(pod.status!.initContainerStatuses![0]).toMatchObject({ ready: true, started: true, state: { running: {} } })
    fake.runtime.exit({ pod: 'web', container: 'side' }, 0)
    await fake.clock.advance(1)
    expect((await fake.pod('web'))!.status!.initContainerStatuses![0]!.restartCount).toBe(1)
  })
})

describe('images', () => {
  test('that cannot be pulled show ErrImagePull, then ImagePullBackOff, and recover', async () => {
    await using fake = await startFakeAgent()
    let broken = true
    fake.runtime.onPull = (image) => { if (broken) throw new Error(`failed to resolve ${image}`) }
    const pod = await fake.run('web', {}, { image: 'nowhere/x:1' })
    expect(only(pod).state!.waiting).toEqual({ reason: 'ErrImagePull', message: 'failed to resolve docker.io/nowhere/x:1' })
    await fake.clock.advance('3s')
    expect(only(await fake.pod('web')).state!.waiting!.reason).toBe('ImagePullBackOff')
    expect(await fake.events('web')).toEqual(expect.arrayContaining(['Failed: Error: ErrImagePull', 'BackOff: Back-off pulling image "nowhere/x:1"', 'Failed: Error: ImagePullBackOff']))
    broken = false
    await fake.clock.advance('10s')
    expect((await fake.pod('web'))!.status!.phase).toBe('Running')
  })

  test.each([['Never', 'web:1', 'ErrImageNeverPull'], ['IfNotPresent', 'Bad Name', 'InvalidImageName']])('policy %s with %s gives %s', async (imagePullPolicy, image, reason) => {
    await using fake = await startFakeAgent()
    expect(only(await fake.run('web', {}, { image, imagePullPolicy })).state!.waiting!.reason).toBe(reason)
  })
})

describe('probes', () => {
  test('readiness decides whether the pod is ready', async () => {
    await using fake = await startFakeAgent()
    let status = 503
    fake.machine.network.http = async () => ({ status, body: '' })
    await fake.run('web', {}, { readinessProbe: { httpGet: { port: 80 }, periodSeconds: 2, failureThreshold: 1 } })
    expect(condition(await fake.pod('web'), 'Ready')[0]).toBe('False')
    expect(await fake.events('web')).toContain('Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503')
    status = 200
    await fake.clock.advance('2s')
    expect(condition(await fake.pod('web'), 'Ready')).toEqual(['True'])
  })

  test('liveness that fails restarts the container', async () => {
    await using fake = await startFakeAgent()
    fake.runtime.onExec = (container) => ({ exitCode: container.attempt === 0 ? 1 : 0, stdout: 'sick' })
    await fake.run('web', {}, { livenessProbe: { exec: { command: ['true'] }, periodSeconds: 1, failureThreshold: 2 } })
    await fake.clock.advance('3s')
    expect(only(await fake.pod('web'))).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 143 } } })
    expect(await fake.events('web')).toEqual(expect.arrayContaining(['Unhealthy: Liveness probe failed: sick', 'Killing: Container c failed liveness probe, will be restarted']))
  })

  test('the others wait for the start-up probe', async () => {
    await using fake = await startFakeAgent()
    let up = false
    let asked = 0
    fake.machine.network.tcp = async () => { if (!up) throw new Error('connection refused') }
    fake.runtime.onExec = () => ({ exitCode: asked++ < 0 ? 1 : 0 })
    await fake.run('web', {}, { startupProbe: { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 30 }, livenessProbe: { exec: { command: ['x'] }, periodSeconds: 1 } })
    await fake.clock.advance('5s')
    expect(asked).toBe(0)
    expect(only(await fake.pod('web'))).toMatchObject({ started: false, ready: false })
    up = true
    await fake.clock.advance('2s')
    expect(asked).toBeGreaterThan(0)
    expect(only(await fake.pod('web'))).toMatchObject({ started: true, ready: true })
  })
})

describe('deletion', () => {
  test('does not wait for an image that does not come', async () => {
    await using fake = await startFakeAgent()
    fake.runtime.onPull = () => new Promise(() => {})
    await fake.run('web')
    await fake.client.delete(pods, { namespace: 'default', name: 'web' })
    await fake.clock.advance(100)
    expect(await fake.pod('web')).toBeUndefined()
  })

  test('stops containers with TERM, removes them, then the object', async () => {
    await using fake = await startFakeAgent()
    await fake.run('web')
    await fake.client.delete(pods, { namespace: 'default', name: 'web' })
    await fake.clock.advance(10)
    expect(await fake.pod('web')).toBeUndefined()
    expect(fake.runtime.containers()).toEqual([])
    expect(await fake.runtime.listPodSandbox()).toEqual([])
    expect(await fake.machine.files.list('/var/log/pods')).toEqual([])
    expect(await fake.machine.files.list('/var/lib/kubelet/pods')).toEqual([])
  })

  test('waits the grace period, no longer, and a shorter one overtakes it', async () => {
    await using fake = await startFakeAgent()
    fake.runtime.behaviour = () => ({ ignoresTerm: true })
    for (const name of ['slow', 'hurried']) {
      await fake.run(name, { terminationGracePeriodSeconds: 30 })
      await fake.client.delete(pods, { namespace: 'default', name })
    }
    await fake.clock.advance('5s')
    await fake.client.delete(pods, { namespace: 'default', name: 'hurried' }, { gracePeriodSeconds: 3 })
    await fake.clock.advance('4s')
    expect(await fake.pod('hurried')).toBeUndefined()
    expect(await fake.pod('slow')).toBeDefined()
    await fake.clock.advance('22s')
    expect(await fake.pod('slow')).toBeUndefined()
  })

  test('with a preStop hook gives it its time first', async () => {
    await using fake = await startFakeAgent()
    await fake.run('web', {}, { lifecycle: { preStop: { sleep: { seconds: 5 } } } })
    await fake.client.delete(pods, { namespace: 'default', name: 'web' })
    await fake.clock.advance('4s')
    expect(fake.runtime.container({ pod: 'web' }).state).toBe('CONTAINER_RUNNING')
    await fake.clock.advance('2s')
    expect(await fake.pod('web')).toBeUndefined()
  })

  test('while the agent is away is made good when it is back', async () => {
    await using fake = await startFakeAgent()
    await fake.run('web')
    await fake.agent.stop()
    await fake.client.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 0 })
    await fake.restart()
    await fake.clock.advance('1s')
    expect(fake.runtime.containers()).toEqual([])
    expect(await fake.runtime.listPodSandbox()).toEqual([])
  })
})

describe('config', () => {
  const fromConfigMap = { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'cm', key: 'a' } } }] }

  test('that is missing holds the container back until it is there', async () => {
    await using fake = await startFakeAgent()
    const pod = await fake.run('web', {}, fromConfigMap)
    expect(only(pod).state!.waiting).toEqual({ reason: 'CreateContainerConfigError', message: 'configmap "cm" not found' })
    await fake.client.create(configMaps, { metadata: { name: 'cm', namespace: 'default' }, data: { a: '1' } })
    await fake.clock.advance(10)
    expect((await fake.pod('web'))!.status!.phase).toBe('Running')
    expect(fake.runtime.container({ pod: 'web' }).config.envs).toContainEqual({ key: 'A', value: '1' })
  })

  test('in a volume that is missing is an Event, and changes show in the running pod', async () => {
    await using fake = await startFakeAgent()
    const spec = { volumes: [{ name: 'v', configMap: { name: 'cm' } }] }
    const pod = await fake.run('web', spec, { volumeMounts: [{ name: 'v', mountPath: '/etc/cm' }] })
    expect(only(pod).state!.waiting!.reason).toBe('ContainerCreating')
    expect(await fake.events('web')).toContain('FailedMount: MountVolume.SetUp failed for volume "v" : configmap "cm" not found')
    await fake.client.create(configMaps, { metadata: { name: 'cm', namespace: 'default' }, data: { a: '1' } })
    await fake.clock.advance(10)
    expect((await fake.pod('web'))!.status!.phase).toBe('Running')
    const path = fake.runtime.container({ pod: 'web' }).config.mounts!.find(({ containerPath }) => containerPath === '/etc/cm')!.hostPath
    expect(String(await fake.machine.files.read(`${path}/a`))).toBe('1')
    for (const a of ['3', '2']) await fake.client.patch(configMaps, { namespace: 'default', name: 'cm' }, { type: 'merge', patch: { data: { a } } })
    await fake.clock.advance(10)
    expect(String(await fake.machine.files.read(`${path}/a`))).toBe('2')
  })
})

test('a sandbox that dies is made anew, with its containers', async () => {
  await using fake = await startFakeAgent()
  const before = await fake.run('web')
  fake.runtime.killSandbox('web')
  await fake.clock.advance('1s')
  const after = await fake.pod('web')
  expect(after!.status).toMatchObject({ phase: 'Running' })
  expect(only(after)).toMatchObject({ restartCount: 1, ready: true })
  expect(after!.status!.podIP).not.toBe(before.status!.podIP)
  expect(await fake.events('web')).toContain('SandboxChanged: Pod sandbox changed, it will be killed and re-created.')
})

test('what others write into the status is seen, and put right where it is ours', async () => {
  await using fake = await startFakeAgent()
  const key = { namespace: 'default', name: 'gated' }
  const write = (status: object, type: 'strategic' | 'merge' = 'strategic') => fake.client.patch(pods, key, { type, patch: { status } }, { subresource: 'status' })
  const ready = async () => (await fake.pod('gated'))!.status!.conditions!.find(({ type }) => type === 'Ready')!.status
  await fake.run('gated', { readinessGates: [{ conditionType: 'example.com/lb' }] })
  expect(await ready()).toBe('False')
  for (const status of ['True', 'False', 'True']) {
    await write({ conditions: [{ type: 'example.com/lb', status }] })
    await fake.clock.settle()
    expect(await ready()).toBe(status)
  }
  await write({ phase: 'Pending', podIP: '1.2.3.4', podIPs: [{ ip: '1.2.3.4' }] }, 'merge')
  await fake.clock.settle()
  const { phase, podIP } = (await fake.pod('gated'))!.status!
  expect(phase).toBe('Running')
  expect(podIP).not.toBe('1.2.3.4')
})

test('a pod past its deadline is ended', async () => {
  await using fake = await startFakeAgent()
  fake.runtime.behaviour = () => ({ ignoresTerm: true })
  await fake.run('job', { activeDeadlineSeconds: 60, terminationGracePeriodSeconds: 20 })
  await fake.clock.advance('70s')
  const ending = (await fake.pod('job'))!.status!
  expect([ending.phase, ending.reason]).toEqual(['Running', undefined])
  await fake.clock.advance('20s')
  expect(await fake.events('job')).toContain('DeadlineExceeded: Pod was active on the node longer than the specified deadline')
  expect((await fake.pod('job'))!.status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' })
  expect(fake.runtime.containers()[0]!.state).toBe('CONTAINER_EXITED')
})

describe('the node', () => {
  test('is registered, ready, and renews its lease', async () => {
    await using fake = await startFakeAgent({ nodeLabels: { zone: 'a' } })
    const node = await fake.node()
    expect(node.metadata.labels).toMatchObject({ 'kubernetes.io/hostname': 'node-a', 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64', zone: 'a' })
    expect(node.status!.conditions!.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' })
    expect(node.status).toMatchObject({ capacity: { cpu: '4', pods: '110' }, addresses: [{ type: 'InternalIP', address: '192.0.2.1' }, { type: 'Hostname', address: 'node-a' }], nodeInfo: { containerRuntimeVersion: 'fake://1.0.0', kubeletVersion: 'v1.36.0' } })
    await fake.clock.advance('1m')
    const lease = await fake.client.get(leases, { namespace: 'kube-node-lease', name: 'node-a' })
    expect(Date.parse(lease.spec.renewTime!)).toBeGreaterThan(fake.clock.now() - 11_000)
  })

  test('is not ready while the network is not, and pods wait', async () => {
    let missing: string | undefined = 'no pod network yet'
    await using fake = await startFakeAgent({ network: { ready: () => missing } })
    expect((await fake.node()).status!.conditions!.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'KubeletNotReady', message: 'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:no pod network yet' })
    expect((await fake.run('web')).status!.phase).toBe('Pending')
    expect(await fake.events('web')).toContain('NetworkNotReady: network is not ready: no pod network yet')
    missing = undefined
    await fake.clock.advance('3s')
    expect((await fake.pod('web'))!.status!.phase).toBe('Running')
  })

  test('writes its status only when it changes, or after five minutes', async () => {
    await using fake = await startFakeAgent()
    const first = (await fake.node()).metadata.resourceVersion
    await fake.clock.advance('4m')
    expect((await fake.node()).metadata.resourceVersion).toBe(first)
    await fake.clock.advance('2m')
    expect((await fake.node()).metadata.resourceVersion).not.toBe(first)
  })

  test('whose runtime is down says so, and comes back', async () => {
    await using fake = await startFakeAgent()
    fake.runtime.up = false
    await fake.clock.advance('11s')
    expect((await fake.node()).status!.conditions!.find(({ type }) => type === 'Ready')!.status).toBe('False')
    fake.runtime.up = true
    await fake.clock.advance('2s')
    expect((await fake.node()).status!.conditions!.find(({ type }) => type === 'Ready')!.status).toBe('True')
  })
})
