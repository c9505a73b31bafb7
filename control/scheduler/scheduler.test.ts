import { pino } from 'pino'
import { Registry } from 'prom-client'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Client } from '../../api/client/client.ts'
import { createClient } from '../../api/client/create-client.ts'
import { unavailable } from '../../api/errors.ts'
import type { ApiError } from '../../api/errors.ts'
import { serviceAccounts } from '../../api/kinds/core-v1/service-account.ts'
import { events } from '../../api/kinds/core-v1/event.ts'
import { namespaces } from '../../api/kinds/core-v1/namespace.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import { pods } from '../../api/kinds/core-v1/pod.ts'
import { systemMaster } from '../../api/transport.ts'
import type { ApiRequest } from '../../api/transport.ts'
import { trackActivity } from '../../cli/embed/activity.ts'
import { eventually } from '../../cli/embed/eventually.ts'
import { systemClock } from '../../host/clock.ts'
import type { ManualClock } from '../../host/manual-clock.ts'
import { createManualClock } from '../../host/manual-clock.ts'
import { createApiServer } from '../server/api-server.ts'
import { createMemoryLog } from '../store/memory.ts'
import { createObjectStore } from '../store/object-store.ts'
import { createWatchCache } from '../store/watch-cache.ts'
import { startScheduler } from './scheduler.ts'
import type { Scheduler } from './scheduler.ts'
import type { NodeWords, PodWords } from './testing.ts'
import { makeNode, makePod } from './testing.ts'

interface Bench {
  readonly client: Client
  readonly clock: ManualClock
  readonly scheduler: Scheduler
  readonly metrics: Registry
  readonly writes: string[]
  refuse: (request: ApiRequest) => ApiError | undefined
  addNode(name: string, words?: NodeWords): Promise<void>
  addPod(name: string, words?: PodWords): Promise<void>
  nodeOf(name: string): Promise<string | undefined>
  /** Waits until the pod has a node, or is said to have none. */
  settled(name: string): Promise<string>
  eventsOf(name: string): Promise<string[]>
  eventually<T>(attempt: () => T | Promise<T>): Promise<T>
}

/** The scheduler above the real API server over a store in memory, with time in the test's hand. */
async function startBench(): Promise<Bench> {
  const over = new AbortController()
  const log = pino({ level: 'silent' })
  const clock = createManualClock({ start: '2026-01-01T00:00:00Z', settle: () => activity.settle() })
  const storage = createMemoryLog()
  const cache = createWatchCache({ log: storage, clock })
  const server = createApiServer({ store: createObjectStore({ log: storage, cache }), clock, log, metrics: new Registry(), disableAdmissionPlugins: ['ServiceAccount'] })
  const hold: Pick<Bench, 'refuse'> = { refuse: () => undefined }
  const writes: string[] = []
  const activity = trackActivity(async (request) => {
    if (request.method !== 'GET' && !request.path.includes('/events')) writes.push(`${request.method} ${request.path}`)
    const refusal = hold.refuse(request)
    if (refusal) throw refusal
    return server.transport(request)
  }, systemClock)
  await server.ready
  const client = createClient(activity.transport, { user: systemMaster })
  await client.create(namespaces, { metadata: { name: 'default' } }).catch(() => {})
  await client.create(serviceAccounts, { metadata: { name: 'default', namespace: 'default' } })
  const metrics = new Registry()
  const scheduler = await startScheduler({ client, clock, log, signal: over.signal, metrics })
  onTestFinished(async () => {
    await scheduler.stop()
    over.abort()
    await server.close()
    await cache.close()
    await storage.close()
  })
  const get = (name: string) => client.get(pods, { namespace: 'default', name })
  const wait = <T>(attempt: () => T | Promise<T>): Promise<T> => eventually({ cluster: clock, real: systemClock }, attempt)
  return {
    client, clock, scheduler, metrics, writes, eventually: wait,
    get refuse() { return hold.refuse },
    set refuse(refuse) { hold.refuse = refuse },
    async addNode(name, words) {
      const node = makeNode(name, words)
      await client.create(nodes, node)
      // A new node is tainted until its agent has reported; here it has.
      await client.patch(nodes, { name }, { type: 'merge', patch: { spec: { taints: words?.spec?.taints ?? null } } })
    },
    async addPod(name, words) {
      const { metadata: { uid, ...metadata }, spec } = makePod(name, words)
      await client.create(pods, { metadata, spec })
    },
    nodeOf: async (name) => (await get(name)).spec.nodeName,
    settled: (name) => wait(async () => {
      const { spec, status } = await get(name)
      const message = status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')?.message
      const outcome = spec.nodeName ?? message
      if (!outcome) throw new Error(`nothing is said of ${name} yet`)
      return outcome
    }),
    async eventsOf(name) {
      const { items } = await client.list(events, { namespace: 'default' })
      return items.filter(({ involvedObject }) => involvedObject.name === name).map(({ type, reason, message }) => `${type} ${reason} ${message}`)
    },
  }
}

let bench: Bench
beforeEach(async () => { bench = await startBench() })

describe('the scheduler', () => {
  test('gives a pod a node, and says so', async () => {
    await bench.addNode('n1')
    await bench.addPod('web-0')
    expect(await bench.settled('web-0')).toBe('n1')
    const pod = await bench.client.get(pods, { namespace: 'default', name: 'web-0' })
    expect(pod.status?.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }])
    await bench.eventually(async () => expect(await bench.eventsOf('web-0')).toEqual(['Normal Scheduled Successfully assigned default/web-0 to n1']))
  })

  test('equal pods go round the nodes', async () => {
    for (const name of ['n1', 'n2', 'n3']) await bench.addNode(name)
    for (let i = 0; i < 6; i++) await bench.addPod(`p${i}`)
    const places = await Promise.all(Array.from({ length: 6 }, (_, i) => bench.settled(`p${i}`)))
    expect(places.toSorted()).toEqual(['n1', 'n1', 'n2', 'n2', 'n3', 'n3'])
  })

  test('says why a pod goes nowhere, once, and places it when a node comes', async () => {
    await bench.addPod('web-0')
    expect(await bench.settled('web-0')).toBe('no nodes available to schedule pods')
    const { status, metadata } = await bench.client.get(pods, { namespace: 'default', name: 'web-0' })
    expect(status?.conditions).toMatchObject([{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', observedGeneration: metadata.generation }])
    await bench.eventually(async () => expect(await bench.eventsOf('web-0')).toEqual(['Warning FailedScheduling no nodes available to schedule pods']))
    const before = bench.writes.length
    await bench.clock.advance('60s')
    expect(bench.writes.length).toBe(before)
    await bench.addNode('n1')
    await bench.eventually(async () => expect(await bench.nodeOf('web-0')).toBe('n1'))
  })

  test('a cordoned node that is opened again', async () => {
    await bench.addNode('n1')
    await bench.client.patch(nodes, { name: 'n1' }, { type: 'merge', patch: { spec: { unschedulable: true } } })
    await bench.clock.settle()
    await bench.addPod('web-0')
    expect(await bench.settled('web-0')).toMatch(/^0\/1 nodes are available: 1 node\(s\) were unschedulable\./)
    await bench.client.patch(nodes, { name: 'n1' }, { type: 'merge', patch: { spec: { unschedulable: null } } })
    await bench.eventually(async () => expect(await bench.nodeOf('web-0')).toBe('n1'))
  })

  test('a pod that makes room', async () => {
    await bench.addNode('n1')
    await bench.addPod('a', { requests: { cpu: '2' } })
    expect(await bench.settled('a')).toBe('n1')
    await bench.addPod('b', { requests: { cpu: '2' } })
    expect(await bench.settled('b')).toBe('0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.')
    await bench.client.delete(pods, { namespace: 'default', name: 'a' }, { gracePeriodSeconds: 0 })
    await bench.eventually(async () => expect(await bench.nodeOf('b')).toBe('n1'))
  })

  test('more pods at once than there is room for: no node is given twice', async () => {
    await bench.addNode('n1')
    await bench.addNode('n2')
    await Promise.all(Array.from({ length: 6 }, (_, i) => bench.addPod(`p${i}`, { requests: { cpu: '1' } })))
    await Promise.all(Array.from({ length: 6 }, (_, i) => bench.settled(`p${i}`)))
    const places = await Promise.all(Array.from({ length: 6 }, (_, i) => bench.nodeOf(`p${i}`)))
    expect(places.filter((place) => place === 'n1').length).toBe(2)
    expect(places.filter((place) => place === 'n2').length).toBe(2)
  })

  test('leaves pods of another scheduler, gated ones and placed ones alone', async () => {
    await bench.addNode('n1')
    await bench.addPod('other', { spec: { schedulerName: 'mine' } })
    await bench.addPod('gated', { spec: { schedulingGates: [{ name: 'wait.example.com/here' }] } })
    await bench.addPod('fixed', { spec: { nodeName: 'elsewhere' } })
    await bench.clock.advance('5s')
    expect(bench.writes.filter((write) => write.includes('/binding'))).toEqual([])
    await bench.client.patch(pods, { namespace: 'default', name: 'gated' }, { type: 'merge', patch: { spec: { schedulingGates: null } } })
    await bench.eventually(async () => expect(await bench.nodeOf('gated')).toBe('n1'))
  })

  test('a binding that is lost is tried again after a pause', async () => {
    await bench.addNode('n1')
    let refused = 0
    bench.refuse = ({ path }) => (path.endsWith('/binding') && refused++ < 2 ? unavailable('not now') : undefined)
    await bench.addPod('web-0')
    await bench.eventually(async () => expect(await bench.nodeOf('web-0')).toBe('n1'))
    expect(refused).toBe(3)
    expect(bench.clock.now() - Date.parse('2026-01-01T00:00:00Z')).toBeGreaterThanOrEqual(3_000)
  })

  test('counts what it does', async () => {
    await bench.addNode('n1')
    await bench.addPod('a')
    await bench.addPod('b', { requests: { cpu: '9' } })
    await Promise.all([bench.settled('a'), bench.settled('b')])
    const text = await bench.metrics.metrics()
    expect(text).toContain('scheduler_schedule_attempts_total{result="scheduled",profile="default-scheduler"} 1')
    expect(text).toContain('scheduler_schedule_attempts_total{result="unschedulable",profile="default-scheduler"} 1')
    expect(text).toContain('scheduler_pending_pods{queue="unschedulable"} 1')
    expect(text).toContain('scheduler_queue_incoming_pods_total{queue="active",event="PodAdd"} 2')
    expect(text).toContain('scheduler_cache_size{type="nodes"} 1')
  })

  test('stops, and the next one takes over', async () => {
    await bench.addNode('n1')
    await bench.scheduler.stop()
    await bench.addPod('web-0')
    await bench.clock.advance('5s')
    expect(await bench.nodeOf('web-0')).toBeUndefined()
    const over = new AbortController()
    const next = await startScheduler({ client: bench.client, clock: bench.clock, log: pino({ level: 'silent' }), signal: over.signal, metrics: bench.metrics })
    await bench.eventually(async () => expect(await bench.nodeOf('web-0')).toBe('n1'))
    await next.stop()
  })
})
