import { describe, expect, test } from 'vitest'
import type { Deployment, ReplicaSet } from '../../../api/types/apps-v1.ts'
import { deployment, replicaSet, t0, template } from '../testing/objects.ts'
import { maxReplicas, minAvailable } from './limits.ts'
import type { DeploymentPlan } from './plan-deployment.ts'
import { planDeployment } from './plan-deployment.ts'
import { newSetAnnotations } from './revision.ts'
import { scaledSizes } from './sizes.ts'
import { templateHash } from './template.ts'

const plan = (of: Deployment, sets: ReplicaSet[], more: { now?: number; runsOtherThan?: () => boolean } = {}): DeploymentPlan =>
  planDeployment({ deployment: of, sets, runsOtherThan: () => false, now: t0, ...more })
const sized = (replicas: number, max: number) => ({ 'deployment.kubernetes.io/desired-replicas': String(replicas), 'deployment.kubernetes.io/max-replicas': String(max) })
const revised = (revision: number, replicas: number, max: number) => ({ ...sized(replicas, max), 'deployment.kubernetes.io/revision': String(revision) })
const sizesOf = ({ updates }: DeploymentPlan) => Object.fromEntries(updates.map(({ set, from }) => [set.metadata.name, `${from}→${set.spec.replicas}`]))
const condition = (of: DeploymentPlan, type: string) => of.status.conditions?.find((each) => each.type === type)

describe('rolling limits', () => {
  test.each([
    [10, '25%', '25%', 13, 8], [3, '25%', '25%', 4, 3], [1, '25%', '25%', 2, 1], [1, 0, '25%', 1, 0], [4, 0, 1, 4, 3], [4, 2, 0, 6, 4], [2, 0, 5, 2, 0], [0, '25%', '25%', 0, 0],
  ] as const)('of %d replicas with surge %s and unavailable %s', (replicas, maxSurge, maxUnavailable, most, least) => {
    const of = deployment(replicas, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } })
    expect([maxReplicas(of), minAvailable(of)]).toEqual([most, least])
  })
})

describe('the first rollout', () => {
  const first = plan(deployment(3), [])
  test('creates one ReplicaSet of full size', () => {
    const hash = templateHash(deployment(3))
    expect(first.create).toMatchObject({
      metadata: { name: `web-${hash}`, labels: { app: 'web', 'pod-template-hash': hash }, annotations: revised(1, 3, 4), ownerReferences: [{ kind: 'Deployment', uid: 'uid-web', controller: true, blockOwnerDeletion: true }] },
      spec: { replicas: 3, selector: { matchLabels: { app: 'web', 'pod-template-hash': hash } }, template: { metadata: { labels: { app: 'web', 'pod-template-hash': hash } } } },
    })
  })
  test('sets revision 1 and tells that it progresses and is not yet available', () => {
    expect(first.revision).toBe('1')
    expect(condition(first, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetCreated', message: `Created new replica set "${first.create!.metadata.name}"` })
    expect(condition(first, 'Available')).toMatchObject({ status: 'False', reason: 'MinimumReplicasUnavailable', message: 'Deployment does not have minimum availability.' })
  })
})

describe('a rolling update of ten, 25% each way', () => {
  const of = deployment(10, { template: template('web:2') })
  const old = (replicas: number, available = replicas) => replicaSet('old', replicas, { image: 'web:1', available, annotations: revised(1, 10, 13) })
  const next = (replicas: number, available = replicas) => replicaSet('new', replicas, { image: 'web:2', available, annotations: revised(2, 10, 13), created: -60 })
  test.each([
    ['makes room for the surge and takes what may be missing in one go', [old(10), next(0, 0)], { new: '0→3' }],
    ['takes old pods down to the minimum', [old(10), next(3, 0)], { old: '10→8' }],
    ['grows into the room', [old(8), next(3, 0)], { new: '3→5' }],
    ['waits for new pods', [old(8), next(5, 0)], {}],
    ['takes one old pod for each new one', [old(8), next(5, 2)], { old: '8→6' }],
    ['takes unavailable old pods first', [old(8, 4), next(5, 5)], { old: '8→3' }],
    ['empties the old set at the end', [old(3), next(10, 10)], { old: '3→0' }],
    ['is over', [old(0), next(10, 10)], {}],
    ['takes back a new set that is too large', [old(0), next(12, 12)], { new: '12→10' }],
  ] as const)('%s', (_, sets, sizes) => expect(sizesOf(plan(of, [...sets]))).toEqual(sizes))

  test('with the new set not yet there creates it and shrinks the old one in the same step', () => {
    const both = plan(of, [old(10)])
    expect(both.create?.spec.replicas).toBe(3)
    expect(sizesOf(both)).toEqual({ old: '10→8' })
    expect(both.revision).toBe('2')
  })
})

describe('scaling', () => {
  const share = (replicas: number, sets: ReplicaSet[]) => Object.fromEntries(scaledSizes(deployment(replicas, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } }), sets.at(-1), sets.slice(0, -1)))
  test('a settled Deployment sizes its one active set and notes it', () => {
    const scaled = plan(deployment(5), [replicaSet('web-1', 3, { annotations: revised(1, 3, 4) })])
    expect(sizesOf(scaled)).toEqual({ 'web-1': '3→5' })
    expect(scaled.updates[0]!.set.metadata.annotations).toEqual(revised(1, 5, 7))
  })
  test('to zero and back', () => {
    expect(sizesOf(plan(deployment(0), [replicaSet('web-1', 3, { annotations: revised(1, 3, 4) })]))).toEqual({ 'web-1': '3→0' })
    expect(sizesOf(plan(deployment(2), [replicaSet('web-1', 0, { annotations: revised(1, 0, 0) })]))).toEqual({ 'web-1': '0→2' })
  })
  test('in the middle of a rolling update shares the change by size', () => {
    const [old, next] = [replicaSet('old', 8, { annotations: sized(10, 13) }), replicaSet('new', 5, { annotations: sized(10, 13), created: -60 })]
    expect(share(15, [old, next])).toEqual({ old: 11, new: 7 })
    expect(share(5, [old, next])).toEqual({ old: 5, new: 3 })
    expect(share(0, [old, next])).toEqual({ old: 0, new: 0 })
  })
  test('what rounding leaves over goes to the largest, the newest of equals when growing', () => {
    const set = (name: string, created: number) => replicaSet(name, 5, { annotations: sized(10, 13), created })
    expect(share(11, [set('old', -600), set('new', -60)])).toEqual({ old: 5, new: 9 })
  })
  test('keeps a size that somebody else has already set, and notes it so that it is seen once', () => {
    const seen = plan(deployment(5), [replicaSet('web-1', 5, { annotations: revised(1, 3, 4) })])
    expect(seen.updates[0]!.set.metadata.annotations).toEqual(revised(1, 5, 7))
    expect(plan(deployment(5), [seen.updates[0]!.set]).updates).toEqual([])
  })
})

describe('Recreate', () => {
  const of = deployment(3, { template: template('web:2'), strategy: { type: 'Recreate' } })
  const old = (replicas: number, actual = replicas) => replicaSet('old', replicas, { image: 'web:1', actual, annotations: revised(1, 3, 3) })
  test('first empties the old set', () => {
    const step = plan(of, [old(3)])
    expect(sizesOf(step)).toEqual({ old: '3→0' })
    expect(step.create).toBeUndefined()
  })
  test('waits while the old set counts pods', () => expect(plan(of, [old(0, 1)]).create).toBeUndefined())
  test('waits while old pods run', () => expect(plan(of, [old(0)], { runsOtherThan: () => true }).create).toBeUndefined())
  test('then creates the new one', () => expect(plan(of, [old(0)]).create?.spec.replicas).toBe(3))
})

describe('a paused Deployment', () => {
  const running = replicaSet('web-1', 3, { annotations: revised(1, 3, 4) })
  test('makes no new ReplicaSet', () => {
    const step = plan(deployment(3, { paused: true, template: template('web:2') }), [running])
    expect(step.create).toBeUndefined()
    expect(step.updates).toEqual([])
    expect(condition(step, 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' })
  })
  test('still scales', () => expect(sizesOf(plan(deployment(4, { paused: true }), [running]))).toEqual({ 'web-1': '3→4' }))
  test('goes on when resumed', () => {
    const paused = plan(deployment(3, { paused: true, template: template('web:2') }), [running]).status
    const step = plan(deployment(3, { template: template('web:2') }, paused), [running])
    expect(step.create?.spec.replicas).toBe(1)
    expect(condition(step, 'Progressing')?.reason).toBe('NewReplicaSetCreated')
  })
})

describe('progress', () => {
  const counts = (updated: number, ready: number, available: number) => ({ observedGeneration: 1, replicas: updated, updatedReplicas: updated, readyReplicas: ready, availableReplicas: available })
  const progressing = (reason: string, status: string, seconds: number) => ({ type: 'Progressing', status, reason, message: '', lastUpdateTime: new Date(t0 + seconds * 1000).toISOString(), lastTransitionTime: new Date(t0 + seconds * 1000).toISOString() })
  const set = (available: number) => replicaSet('web-1', 3, { available, annotations: revised(1, 3, 4) })

  test('a pod that became ready is progress and moves the deadline', () => {
    const step = plan(deployment(3, {}, { ...counts(3, 0, 0), conditions: [progressing('NewReplicaSetCreated', 'True', -500)] }), [set(1)])
    expect(condition(step, 'Progressing')).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated', message: 'ReplicaSet "web-1" is progressing.', lastUpdateTime: '2026-01-01T00:00:00Z' })
    expect(Date.parse(condition(step, 'Progressing')!.lastTransitionTime!)).toBe(t0 - 500_000)
    expect(step.after).toBe(601_000)
  })
  test('all available is completion', () => {
    const step = plan(deployment(3, {}, { ...counts(3, 2, 2), conditions: [progressing('ReplicaSetUpdated', 'True', -5)] }), [set(3)])
    expect(condition(step, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable', message: 'ReplicaSet "web-1" has successfully progressed.' })
    expect(step.after).toBeUndefined()
  })
  test('standing still beyond the deadline is failure', () => {
    const status = { ...counts(3, 1, 1), conditions: [progressing('ReplicaSetUpdated', 'True', -590)] }
    expect(plan(deployment(3, {}, status), [set(1)]).after).toBe(11_000)
    const late = plan(deployment(3, {}, status), [set(1)], { now: t0 + 11_000 })
    expect(condition(late, 'Progressing')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded', message: 'ReplicaSet "web-1" has timed out progressing.' })
    expect(late.after).toBeUndefined()
  })
  test('without a deadline there is no such condition', () => {
    const step = plan(deployment(3, { progressDeadlineSeconds: 2 ** 31 - 1 }, { conditions: [progressing('ReplicaSetUpdated', 'True', -5)] }), [set(3)])
    expect(condition(step, 'Progressing')).toBeUndefined()
  })
  test('a ReplicaSet that cannot make pods is told', () => {
    const failing = { ...set(0), status: { ...set(0).status!, conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota' }] } }
    expect(condition(plan(deployment(3), [failing]), 'ReplicaFailure')).toMatchObject({ status: 'True', reason: 'FailedCreate', message: 'quota' })
  })
  test('doing the plan changes nothing the second time', () => {
    const first = plan(deployment(3), [set(3)])
    const again = plan({ ...deployment(3), metadata: { ...deployment(3).metadata, annotations: { 'deployment.kubernetes.io/revision': '1' } }, status: first.status }, [set(3)])
    expect(again).toEqual({ updates: [], deletes: [], status: first.status })
  })
})

describe('revisions', () => {
  test('a rollback gets the next revision and keeps the old one as history', () => {
    const sets = [replicaSet('one', 0, { image: 'web:1', annotations: revised(1, 3, 4) }), replicaSet('two', 3, { image: 'web:2', annotations: revised(2, 3, 4) })]
    const step = plan(deployment(3, { template: template('web:1') }), sets)
    const back = step.updates.find(({ set }) => set.metadata.name === 'one')!.set
    expect(back.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '3', 'deployment.kubernetes.io/revision-history': '1' })
    expect(step.revision).toBe('3')
  })
  test('the change cause is copied, what kubectl applied is not', () => {
    const of = deployment(1)
    of.metadata.annotations = { 'kubernetes.io/change-cause': 'because', 'kubectl.kubernetes.io/last-applied-configuration': '{}' }
    expect(newSetAnnotations(of, undefined, 4)).toEqual({ 'kubernetes.io/change-cause': 'because', 'deployment.kubernetes.io/revision': '4' })
  })
  test('beyond the history limit the oldest go, unless they have pods', () => {
    const old = (revision: number, replicas = 0) => replicaSet(`r${revision}`, replicas, { image: `web:${revision}`, annotations: revised(revision, 3, 4) })
    const done = { observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 }
    const of = deployment(3, { revisionHistoryLimit: 1, template: template('web:4') }, done)
    const sets = [old(3), old(1), old(2), replicaSet('r4', 3, { image: 'web:4', annotations: revised(4, 3, 4) })]
    expect(plan(of, sets).deletes.map((set) => set.metadata.name)).toEqual(['r1', 'r2'])
  })
  test('a hash collision changes the name', () => {
    expect(templateHash(deployment(1))).not.toBe(templateHash(deployment(1, {}, { collisionCount: 1 })))
  })
})
