import { describe, expect, test } from 'vitest'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import { containerHash } from './containers.ts'
import { plan } from './plan.ts'
import type { Action, World } from './plan.ts'
import type { ContainerView, PodView, SandboxView } from './view.ts'

const pod = (spec: Partial<Pod['spec']> = {}, metadata: Partial<Pod['metadata']> = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', uid: 'u1', ...metadata }, spec: { restartPolicy: 'Always', containers: [{ name: 'c' }], ...spec },
})
const box = (more: Partial<SandboxView> = {}): SandboxView => ({ id: 's0', attempt: 0, ready: true, createdAt: 0, ips: ['10.0.0.1'], ...more })
const one = (name: string, state: ContainerView['state'], more: Partial<ContainerView> = {}): ContainerView => ({
  id: `${name}-id`, name, sandboxId: 's0', attempt: 0, state, createdAt: 0, startedAt: 0, finishedAt: 0, exitCode: 0, reason: '', message: '', image: '', imageID: '',
  hash: containerHash({ name }), backoff: 0, gracePeriod: 30, preStop: undefined, logPath: `/logs/${name}`, ...more,
})
const view = (sandboxes: SandboxView[] = [], containers: ContainerView[] = []): PodView => ({ uid: 'u1', name: 'web', namespace: 'shop', sandboxes, containers })
const world = (more: Partial<World>): World => ({ now: 1000, pod: pod(), view: view(), busy: new Set(), failures: new Map(), probes: () => ({}), volumesReady: true, tidied: false, rejected: false, ...more })
const words = (action: Action): string => [action.type, ...('name' in action ? [action.name] : 'id' in action ? [action.id] : 'key' in action ? [action.key] : [])].join(' ')
const decide = (more: Partial<World>): string[] => plan(world(more)).actions.map(words)

const deleted = { deletionTimestamp: '2030-01-01T00:00:00Z', deletionGracePeriodSeconds: 7 }
const init = { initContainers: [{ name: 'i1' }, { name: 'i2' }] }
const sidecar = { initContainers: [{ name: 's', restartPolicy: 'Always' }] }

describe('on the way up', () => {
  test.each<[string, Partial<World>, string[]]>([
    ['volumes come first', { volumesReady: false }, ['mountVolumes']],
    ['then the sandbox', {}, ['createSandbox']],
    ['nothing twice', { busy: new Set(['sandbox']) }, []],
    ['then the container', { view: view([box()]) }, ['start c']],
    ['containers start one after the other', { view: view([box()]), pod: pod({ containers: [{ name: 'a' }, { name: 'b' }] }), busy: new Set(['start/a']) }, []],
    ['init containers before all', { view: view([box()]), pod: pod(init) }, ['start i1']],
    ['the next one after the first', { view: view([box()], [one('i1', 'exited')]), pod: pod(init) }, ['start i2']],
    ['the rest while none is left', { view: view([box()], [one('i1', 'exited'), one('i2', 'exited')]), pod: pod(init) }, ['start c']],
    ['a failed one again', { view: view([box()], [one('i1', 'exited', { exitCode: 1 })]), pod: pod(init) }, ['start i1']],
    ['init containers not again once the pod has begun', { view: view([box()], [one('c', 'running')]), pod: pod(init) }, []],
    ['a sidecar lets the rest through while it runs', { view: view([box()], [one('s', 'running')]), pod: pod(sidecar) }, ['start c']],
    ['but not before its start-up probe', { view: view([box()], [one('s', 'running')]), pod: pod({ initContainers: [{ name: 's', restartPolicy: 'Always', startupProbe: {} }] }) }, []],
    ['a sidecar that ends is started again beside the rest', { view: view([box()], [one('s', 'exited'), one('c', 'running')]), pod: pod(sidecar) }, ['start s']],
    ['a container that was made and never started goes', { view: view([box()], [one('c', 'created')]) }, ['removeContainer c-id']],
    ['nothing is to be done when all is well', { view: view([box()], [one('c', 'running')]) }, []],
  ])('%s', (_, more, expected) => { expect(decide(more)).toEqual(expected) })
})

describe('when something is wrong', () => {
  test.each<[string, Partial<World>, string[]]>([
    ['a sandbox without an address is replaced', { view: view([box({ ips: [] })]) }, ['stopSandbox s0']],
    ['what still runs in a dead sandbox is ended first', { view: view([box({ ready: false })], [one('c', 'running')]) }, ['kill c']],
    ['a dead sandbox is replaced', { view: view([box({ ready: false })], [one('c', 'exited')]) }, ['createSandbox']],
    ['of two sandboxes neither stays', { view: view([box({ id: 's1', attempt: 1 }), box()]) }, ['stopSandbox s1', 'stopSandbox s0']],
    ['a container whose image changed is ended', { view: view([box()], [one('c', 'running', { hash: 'other' })]) }, ['kill c']],
    ['so is one that liveness gave up', { view: view([box()], [one('c', 'running')]), probes: () => ({ liveness: 'failure' }) }, ['kill c']],
    ['old dead containers go, the newest stays for its log', { view: view([box()], [one('c', 'running', { id: 'c2' }), one('c', 'exited', { id: 'c1' }), one('c', 'exited', { id: 'c0' })]) }, ['removeContainer c0']],
    ['old sandboxes go when nothing refers to them', { view: view([box({ id: 's1' }), box({ ready: false })], [one('c', 'running', { sandboxId: 's1' })]) }, ['removeSandbox s0']],
  ])('%s', (_, more, expected) => { expect(decide(more)).toEqual(expected) })

  test('a failed action waits for its time', () => {
    const failures = new Map([['sandbox', { retryAt: 3000, count: 1, reason: 'x', message: 'y' }]])
    expect(plan(world({ failures }))).toMatchObject({ actions: [], wakeAt: 3000 })
    expect(plan(world({ failures, now: 3000 })).actions).toHaveLength(1)
  })

  test('back-off: the reason is told, and when to look again', () => {
    const at = view([box()], [one('c', 'exited', { exitCode: 1, backoff: 20, finishedAt: 500, attempt: 3 })])
    const decided = plan(world({ view: at }))
    expect(decided).toMatchObject({ actions: [], wakeAt: 20_500 })
    expect(decided.waiting.get('c')).toEqual({ reason: 'CrashLoopBackOff', message: 'back-off 20s restarting failed container=c pod=web_shop(u1)' })
    expect(plan(world({ view: at, now: 20_500 })).actions).toEqual([{ type: 'start', name: 'c', sandbox: 's0', attempt: 4, backoff: 40 }])
  })
})

describe('on the way down', () => {
  const going = pod({}, deleted)
  test.each<[string, Partial<World>, string[]]>([
    ['what is being built is given up', { pod: going, busy: new Set(['start/c', 'sandbox']) }, ['abort start/c', 'abort sandbox']],
    ['containers first', { pod: going, view: view([box()], [one('c', 'running')]) }, ['kill c']],
    ['then the sandbox', { pod: going, view: view([box()], [one('c', 'exited')]) }, ['stopSandbox s0']],
    ['then volumes and cgroup', { pod: going, view: view([box({ ready: false })], [one('c', 'exited')]) }, ['tidy']],
    ['then the object', { pod: going, view: view([box({ ready: false })], [one('c', 'exited')]), tidied: true }, ['finish']],
    ['then what the runtime remembers', { pod: undefined, view: view([box({ ready: false })], [one('c', 'exited')]), tidied: true }, ['removeContainer c-id']],
    ['and the sandbox', { pod: undefined, view: view([box({ ready: false })]), tidied: true }, ['removeSandbox s0']],
    ['and the pod is forgotten', { pod: undefined, tidied: true }, ['forget']],
    ['sidecars end after the others', { pod: pod(sidecar, deleted), view: view([box()], [one('s', 'running'), one('c', 'running')]) }, ['kill c']],
    ['and then themselves', { pod: pod(sidecar, deleted), view: view([box()], [one('s', 'running'), one('c', 'exited')]) }, ['kill s']],
    ['a pod that is over keeps its containers for their logs', { pod: pod({ restartPolicy: 'Never' }), view: view([box({ ready: false })], [one('c', 'exited')]), tidied: true }, []],
    ['a refused pod starts nothing', { rejected: true, tidied: true }, []],
    ['an init container that failed for good ends the pod', { pod: pod({ ...init, restartPolicy: 'Never' }), view: view([box()], [one('i1', 'exited', { exitCode: 1 })]) }, ['stopSandbox s0']],
  ])('%s', (_, more, expected) => { expect(decide(more)).toEqual(expected) })

  test('a shorter grace period overtakes a kill under way', () => {
    const at = { pod: going, view: view([box()], [one('c', 'running')]) }
    expect(plan(world({ ...at, busy: new Set(['kill/c-id/7']) })).actions).toEqual([])
    expect(plan(world({ ...at, busy: new Set(['kill/c-id/30']) })).actions).toMatchObject([{ type: 'kill', grace: 7, again: true }])
  })

  test('a deadline that passes ends the pod; until then it is a time to look again', () => {
    const dated = { ...pod({ activeDeadlineSeconds: 10 }), status: { startTime: '1970-01-01T00:00:00Z' } }
    const at = { pod: dated, view: view([box()], [one('c', 'running')]) }
    expect(plan(world(at))).toMatchObject({ actions: [], wakeAt: 10_000 })
    expect(plan(world({ ...at, now: 10_000 })).actions.map(words)).toEqual(['kill c'])
  })
})
