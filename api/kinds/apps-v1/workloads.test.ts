import { describe, expect, test } from 'vitest'
import type { Deployment, ReplicaSet } from '../../types/apps-v1.ts'
import type { ReplicationController } from '../../types/core-v1/replication-controller.ts'
import { replicationControllers } from '../core-v1/replication-controller.ts'
import { changed, changeFailures, created, failures } from '../testing.ts'
import { deployments } from './deployment.ts'
import { replicaSets } from './replica-set.ts'

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } }
const spec = (more: object = {}) => ({ spec: { selector: { matchLabels: { app: 'web' } }, template, ...more } })
const mismatch = 'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'

describe('Deployment', () => {
  test('defaults', () => {
    const { spec: found, metadata, status } = created(deployments, spec())
    expect(found).toMatchObject({ replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } } })
    expect(found.template.spec).toMatchObject({ restartPolicy: 'Always', dnsPolicy: 'ClusterFirst' })
    expect(found.template.spec).not.toHaveProperty('enableServiceLinks')
    expect(metadata.generation).toBe(1)
    expect(status).toEqual({})
    expect(created(deployments, spec({ strategy: { type: 'Recreate' } })).spec.strategy).toEqual({ type: 'Recreate' })
  })

  test.each<[string, object, string[]]>([
    ['a negative number', { replicas: -1 }, ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
    ['no selector', { selector: undefined }, ['spec.selector: Required value']],
    ['an empty selector', { selector: {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for deployment']],
    ['another selector', { selector: { matchLabels: { app: 'db' } } }, [mismatch]],
    ['an unknown strategy', { strategy: { type: 'X' } }, ['spec.strategy: Unsupported value: {"type":"X"}: supported values: "Recreate", "RollingUpdate"']],
    ['rolling and not', { strategy: { type: 'Recreate', rollingUpdate: {} } }, ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"]],
    ['a standstill', { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }, ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0']],
    ['more than all', { strategy: { rollingUpdate: { maxUnavailable: '101%' } } }, ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%']],
    ['a deadline before ready', { progressDeadlineSeconds: 10, minReadySeconds: 10 }, ['spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds']],
    ['pods that end', { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } }, ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"']],
    ['a broken container', { template: { ...template, spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 0 }] }] } } }, ['spec.template.spec.containers[0].ports[0].containerPort: Required value']],
  ])('%s is refused', (_, more, expected) => {
    expect(failures(deployments, spec(more))).toEqual(expected)
  })

  test('the selector is for good', () => {
    expect(changeFailures<Deployment>(deployments, spec(), ({ spec }) => { spec.selector = { matchLabels: { app: 'web', tier: 'x' } }; spec.template.metadata.labels = { app: 'web', tier: 'x' } }))
      .toEqual(['spec.selector: Invalid value: {"matchLabels":{"app":"web","tier":"x"}}: field is immutable'])
  })

  test('the generation follows spec and annotations, not labels', () => {
    const generation = (edit: (deployment: Deployment) => void) => changed<Deployment>(deployments, spec(), edit).object.metadata.generation
    expect(generation(({ spec }) => { spec.replicas = 3 })).toBe(2)
    expect(generation(({ metadata }) => { metadata.annotations = { a: 'b' } })).toBe(2)
    expect(generation(({ metadata }) => { metadata.labels = { a: 'b' } })).toBe(1)
  })

  test('scale', () => {
    const { scale } = deployments.subresources!.scale!
    const deployment = created(deployments, spec({ replicas: 3, selector: { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'a', operator: 'Exists' }] } }))
    expect([scale!.getReplicas(deployment), scale!.statusReplicas(deployment), scale!.selector(deployment)]).toEqual([3, 0, 'a,app=web'])
    scale!.setReplicas(deployment, 5)
    expect(deployment.spec.replicas).toBe(5)
  })

  test('status counts', () => {
    const { object, old } = changed<Deployment>(deployments, spec(), (deployment) => { deployment.status = { replicas: 1, readyReplicas: 2, availableReplicas: 3 } }, 'status')
    expect(deployments.subresources!.status!.validateUpdate!(object, old).map(({ field }) => field)).toEqual(['status.readyReplicas', 'status.availableReplicas', 'status.availableReplicas'])
  })

  test('kubectl get deployments', () => {
    const deployment = created(deployments, spec({ replicas: 3 }))
    deployment.status = { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 }
    expect(deployments.columns!.filter(({ name }) => name !== 'Age').map((column) => column.value(deployment, 0))).toEqual(['2/3', 3, 1, 'c', 'nginx', 'app=web'])
  })
})

describe('ReplicaSet', () => {
  test('defaults, and the number of pods it has', () => {
    const set = created(replicaSets, spec())
    expect(set.spec.replicas).toBe(1)
    expect(set.status).toEqual({ replicas: 0 })
  })

  test('refused', () => {
    expect(failures(replicaSets, spec({ selector: { matchLabels: { app: 'db' } } }))).toEqual([mismatch])
    expect(failures(replicaSets, spec({ template: { ...template, spec: { ...template.spec, activeDeadlineSeconds: 5 } } }))).toEqual(['spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported'])
    expect(changeFailures<ReplicaSet>(replicaSets, spec(), ({ spec }) => { spec.replicas = 4 })).toEqual([])
  })
})

describe('ReplicationController', () => {
  const spec = (more: object = {}) => ({ spec: { template, ...more } })

  test('takes selector and labels from its template', () => {
    const controller: ReplicationController = created(replicationControllers, spec())
    expect(controller.spec.selector).toEqual({ app: 'web' })
    expect(controller.metadata.labels).toEqual({ app: 'web' })
    expect(replicationControllers.subresources!.scale!.scale!.selector(controller)).toBe('app=web')
  })

  test('refused', () => {
    expect(failures(replicationControllers, spec({ selector: { app: 'db' } }))).toEqual([mismatch])
    expect(failures(replicationControllers, { spec: { selector: { a: 'b' } } })).toEqual(['spec.template: Required value'])
    expect(failures(replicationControllers, spec({ template: { spec: template.spec } }))).toEqual(['spec.selector: Required value'])
  })
})
