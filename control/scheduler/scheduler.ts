import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Client } from '../../api/client/client.ts'
import type { Informers } from '../../api/client/informers.ts'
import { createInformers } from '../../api/client/informers.ts'
import type { Recorder } from '../../api/client/recorder.ts'
import { createRecorder } from '../../api/client/recorder.ts'
import { isConflict, isNotFound } from '../../api/errors.ts'
import { namespaces } from '../../api/kinds/core-v1/namespace.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import { pods } from '../../api/kinds/core-v1/pod.ts'
import type { Clock } from '../../host/clock.ts'
import { notScheduled } from './condition.ts'
import { explain } from './explain.ts'
import { createMetrics } from './metrics.ts'
import type { Waiting } from './pending.ts'
import { createPending } from './pending.ts'
import { podInfoOf } from './pod-info.ts'
import { schedule } from './schedule.ts'
import type { Unplaced } from './schedule.ts'
import { createSnapshot } from './snapshot.ts'
import { watchCluster } from './watch-cluster.ts'

export interface SchedulerOptions {
  readonly client: Client
  readonly clock: Clock
  readonly log: Logger
  /** Ends the scheduler. */
  readonly signal: AbortSignal
  /** Shared with others in the process; without it the scheduler has its own. */
  readonly informers?: Informers
  readonly recorder?: Recorder
  readonly metrics?: Registry
  /** Only pods with this `schedulerName` are ours. Default `default-scheduler`. */
  readonly name?: string
}

/** A running scheduler. */
export interface Scheduler {
  /** Resolves when it does nothing any more; bindings under way are waited for. */
  stop(): Promise<void>
}

/** Bindings under way at once. While all are busy the loop waits, so a burst of pods never starves the rest of the process. */
const mostBindings = 64

/** Gives pods nodes: takes them one after the other, decides on the snapshot, and lets the bindings run side by side. Resolves once it knows the cluster. */
export async function startScheduler(options: SchedulerOptions): Promise<Scheduler> {
  const { client, clock, name = 'default-scheduler' } = options
  const over = new AbortController()
  const signal = AbortSignal.any([options.signal, over.signal])
  const log = options.log.child({ scheduler: name })
  const informers = options.informers ?? createInformers(client, { clock, log, signal })
  const recorder = options.recorder ?? createRecorder({ client, clock, component: name, log, signal })
  const spaces = informers.of(namespaces), podInformer = informers.of(pods), nodeInformer = informers.of(nodes)
  await Promise.all([spaces.synced, podInformer.synced, nodeInformer.synced])

  const snapshot = createSnapshot((namespace) => spaces.get(namespace)?.metadata.labels)
  const pending = createPending(clock, (queue, event) => metrics.incoming(queue, event))
  const metrics = createMetrics(options.metrics, name, pending, snapshot)
  const binding = new Set<Promise<void>>()
  const stopWatching = watchCluster({ pods: podInformer, nodes: nodeInformer, namespaces: spaces, snapshot, pending, schedulerName: name })
  signal.addEventListener('abort', () => pending.close(), { once: true })
  if (signal.aborted) pending.close()
  let turn = 0

  async function run(): Promise<void> {
    for (let waiting = await pending.take(); waiting; waiting = await pending.take()) {
      const task = attempt(waiting).catch((error: unknown) => fail(waiting!, error))
      binding.add(task)
      void task.finally(() => binding.delete(task))
      while (binding.size >= mostBindings) await Promise.race(binding)
    }
    await Promise.all(binding)
  }

  /** Decides at once, without a pause before the pod is assumed on its node, so that the next decision sees it. */
  async function attempt(waiting: Waiting): Promise<void> {
    const { pod } = waiting
    const began = clock.now()
    const decision = schedule(pod, snapshot, turn)
    const decided = clock.now()
    turn = decision.turn
    if (decision.node === undefined) {
      metrics.attempt('unschedulable', (decided - began) / 1000, (decided - began) / 1000)
      return refuse(waiting, decision)
    }
    snapshot.setPod(pod, decision.node)
    try {
      await bind(waiting, decision.node)
    } catch (error) {
      if (snapshot.nodeOf(pod.key) === decision.node && !podInformer.get(pod.key)?.spec.nodeName) snapshot.removePod(pod.key)
      throw error
    }
    metrics.attempt('scheduled', (decided - began) / 1000, (clock.now() - began) / 1000)
    metrics.placed(waiting.attempts + 1, (clock.now() - waiting.since) / 1000)
  }

  async function bind({ pod }: Waiting, node: string): Promise<void> {
    const { namespace, name: podName, uid } = pod.pod.metadata
    await client.post(pods, { namespace, name: podName }, 'binding', {
      apiVersion: 'v1', kind: 'Binding', metadata: { namespace, name: podName, ...(uid && { uid }) }, target: { kind: 'Node', name: node },
    }, { signal })
    pending.done(pod.key)
    pending.changed('podPlaced')
    // The pod may be gone again before its binding was answered; then nobody else will take it off the node.
    if (!podInformer.get(pod.key)) snapshot.removePod(pod.key)
    log.debug({ key: pod.key, node }, 'Bound pod')
    recorder.event(pod.pod, 'Normal', 'Scheduled', `Successfully assigned ${pod.key} to ${node}`)
  }

  async function refuse(waiting: Waiting, decision: Unplaced): Promise<void> {
    const { pod } = waiting.pod
    const message = explain(decision, pod.spec.preemptionPolicy !== 'Never')
    pending.refused(waiting, decision.filters)
    recorder.event(pod, 'Warning', 'FailedScheduling', message)
    await tell(waiting, 'Unschedulable', message)
  }

  async function tell({ pod: { pod, key } }: Waiting, reason: 'Unschedulable' | 'SchedulerError', message: string): Promise<void> {
    const condition = notScheduled(podInformer.get(key) ?? pod, reason, message, clock.now())
    if (!condition) return
    const { namespace, name: podName } = pod.metadata
    try {
      await client.patch(pods, { namespace, name: podName }, { type: 'strategic', patch: { status: { conditions: [condition] } } }, { subresource: 'status', signal })
    } catch (error) {
      if (!isNotFound(error) && !signal.aborted) log.warn({ err: error, key }, 'Tell pod why it has no node: failed')
    }
  }

  /** The binding was refused or lost. A pod that is gone or has its node by now is nobody's business any more. */
  async function fail(waiting: Waiting, error: unknown): Promise<void> {
    const { pod, key } = waiting.pod
    if (signal.aborted) return
    const now = podInformer.get(key)
    if (isNotFound(error) || now?.spec.nodeName || now?.metadata.deletionTimestamp) return pending.done(key)
    log.warn({ err: error, key }, 'Bind pod: failed, try again later')
    metrics.attempt('error', 0, 0)
    if (now) pending.set(podInfoOf(now))
    pending.failed(waiting)
    if (isConflict(error)) return
    const message = error instanceof Error ? error.message : String(error)
    recorder.event(pod, 'Warning', 'FailedScheduling', message)
    await tell(waiting, 'SchedulerError', message)
  }

  const running = run()
  return {
    async stop() {
      over.abort()
      stopWatching()
      await running
      if (!options.informers) await informers.stop()
    },
  }
}
