import { describe, expect, test } from 'vitest'
import type { DaemonSet, StatefulSet } from '../../types/apps-v1-sets.ts'
import { changed, changeFailures, created, failures } from '../testing.ts'
import { controllerRevisions } from './controller-revision.ts'
import { daemonSets, templateGeneration } from './daemon-set.ts'
import { statefulSets } from './stateful-set.ts'

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } }
const spec = (more: object = {}) => ({ spec: { selector: { matchLabels: { app: 'web' } }, template, ...more } })
const mismatch = 'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'

describe('DaemonSet', () => {
  test('defaults', () => {
    const set = created(daemonSets, spec())
    expect(set.spec).toMatchObject({ revisionHistoryLimit: 10, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } } })
    expect(set.status).toEqual({ currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 })
    expect([set.metadata.generation, set.metadata.annotations]).toEqual([1, { [templateGeneration]: '1' }])
  })

  test.each<[string, object, string[]]>([
    ['another selector', { selector: { matchLabels: { app: 'db' } } }, [mismatch]],
    ['no selector', { selector: undefined }, [mismatch]],
    ['an empty selector', { selector: {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for daemonset']],
    ['an unknown strategy', { updateStrategy: { type: 'X' } }, ['spec.updateStrategy: Unsupported value: {"type":"X"}: supported values: "RollingUpdate", "OnDelete"']],
    ['both at once', { updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } } }, ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero']],
    ['a standstill', { updateStrategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 0 } } }, ['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0']],
    ['more than all', { updateStrategy: { rollingUpdate: { maxUnavailable: '101%' } } }, ['spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%']],
    ['pods that end', { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } }, ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"']],
    ['a deadline', { template: { ...template, spec: { ...template.spec, activeDeadlineSeconds: 5 } } }, ['spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported']],
  ])('%s is refused', (_, more, expected) => expect(failures(daemonSets, spec(more))).toEqual(expected))

  test('the generation of the template is counted by the server', () => {
    const { object } = changed<DaemonSet>(daemonSets, spec(), (set) => {
      set.metadata.annotations = { [templateGeneration]: '77' }
      set.spec.template.spec.containers[0]!.image = 'other'
    })
    expect([object.metadata.annotations, object.metadata.generation]).toEqual([{ [templateGeneration]: '2' }, 2])
    const same = changed<DaemonSet>(daemonSets, spec(), (set) => { set.spec.minReadySeconds = 5 }).object
    expect([same.metadata.annotations, same.metadata.generation]).toEqual([{ [templateGeneration]: '1' }, 2])
  })

  test('the selector is for good', () => {
    expect(changeFailures<DaemonSet>(daemonSets, spec(), ({ spec }) => { spec.selector = { matchLabels: { app: 'web', a: 'b' } }; spec.template.metadata.labels = { app: 'web', a: 'b' } }))
      .toEqual(['spec.selector: Invalid value: {"matchLabels":{"app":"web","a":"b"}}: field is immutable'])
  })

  test('kubectl get daemonsets', () => {
    const set = created(daemonSets, spec({ template: { ...template, spec: { ...template.spec, nodeSelector: { disk: 'ssd' } } } }))
    set.status = { ...set.status!, desiredNumberScheduled: 3, currentNumberScheduled: 2, numberReady: 1 }
    expect(daemonSets.columns!.filter(({ name }) => name !== 'Age').map((column) => column.value(set, 0))).toEqual([3, 2, 1, 0, 0, 'disk=ssd', 'c', 'nginx', 'app=web'])
  })
})

describe('StatefulSet', () => {
  const claims = [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }]

  test('defaults', () => {
    const set = created(statefulSets, spec({ volumeClaimTemplates: claims }))
    expect(set.spec).toMatchObject({
      replicas: 1, revisionHistoryLimit: 10, podManagementPolicy: 'OrderedReady', updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      volumeClaimTemplates: [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } }],
    })
    expect(set.status).toEqual({ replicas: 0, availableReplicas: 0 })
  })

  test.each<[string, object, string[]]>([
    ['an unknown policy', { podManagementPolicy: 'X' }, ["spec.podManagementPolicy: Invalid value: \"X\": must be 'OrderedReady' or 'Parallel'"]],
    ['rolling and not', { updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } }, ['spec.updateStrategy.rollingUpdate: Invalid value: {"partition":1}: only allowed for updateStrategy \'RollingUpdate\'']],
    ['an unknown retention', { persistentVolumeClaimRetentionPolicy: { whenScaled: 'X' } }, ['spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "X": supported values: "Retain", "Delete"']],
    ['another selector', { selector: { matchLabels: { app: 'db' } } }, [mismatch]],
    ['no selector', { selector: undefined }, ['spec.selector: Required value']],
    ['an empty selector', { selector: {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for statefulset']],
  ])('%s is refused', (_, more, expected) => expect(failures(statefulSets, spec(more))).toEqual(expected))

  test('one at a time, whatever it says', () => {
    expect(created(statefulSets, spec({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 3 } } })).spec.updateStrategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { partition: 0 } })
  })

  test('claims are volumes for those who mount them', () => {
    const mounting = (name: string) => ({ ...template, spec: { containers: [{ name: 'c', image: 'i', volumeMounts: [{ name, mountPath: '/d' }] }] } })
    expect(failures(statefulSets, spec({ template: mounting('data'), volumeClaimTemplates: claims }))).toEqual([])
    expect(failures(statefulSets, spec({ template: mounting('other'), volumeClaimTemplates: claims }))).toEqual(['spec.template.spec.containers[0].volumeMounts[0].name: Not found: "other"'])
  })

  test('what may change', () => {
    const detail = "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
    expect(changeFailures<StatefulSet>(statefulSets, spec(), ({ spec }) => { spec.serviceName = 'x' })).toEqual([detail])
    expect(changeFailures<StatefulSet>(statefulSets, spec(), ({ spec }) => { spec.replicas = 3; spec.minReadySeconds = 1; spec.ordinals = { start: 2 } })).toEqual([])
  })
})

describe('ControllerRevision', () => {
  test('has data, for good', () => {
    expect(failures(controllerRevisions, { revision: 1 })).toEqual(['data: Required value: data is mandatory'])
    expect(changeFailures(controllerRevisions, { revision: 1, data: { a: 1 } }, (revision) => { revision.data = { a: 2 } })).toEqual(['data: Invalid value: {"a":2}: field is immutable'])
  })
  test('says whose it is', () => {
    const revision = created(controllerRevisions, { revision: 1, data: {}, metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'web', uid: 'u', controller: true }] } })
    expect(controllerRevisions.columns![0]!.value(revision, 0)).toBe('daemonset.apps/web')
  })
})
