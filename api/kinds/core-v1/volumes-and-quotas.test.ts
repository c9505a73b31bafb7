import { describe, expect, test } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim } from '../../types/core-v1/persistent-volume.ts'
import type { ResourceQuota } from '../../types/core-v1/quota.ts'
import { changed, changeFailures, created, failures, row } from '../testing.ts'
import { componentStatuses } from './component-status.ts'
import { limitRanges } from './limit-range.ts'
import { persistentVolumeClaims } from './persistent-volume-claim.ts'
import { persistentVolumes } from './persistent-volume.ts'
import { pods } from './pod.ts'
import { resourceQuotas } from './resource-quota.ts'

const pv = (spec: object = {}) => ({ spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' }, ...spec } })
const pvc = (spec: object = {}) => ({ spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec } })
const only = (spec: object) => pv({ hostPath: undefined, ...spec })
const affinity = (key: string) => ({ required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: ['a'] }] }] } })
const modes = '"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"'

describe('PersistentVolume', () => {
  test('has defaults, and the server says its phase', () => {
    expect(created(persistentVolumes, { ...pv(), status: { phase: 'Bound' } })).toMatchObject({ spec: { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem', hostPath: { type: '' } }, status: { phase: 'Pending' } })
    expect(failures(persistentVolumes, pv())).toEqual([])
  })

  test.each<[string, object, unknown[]]>([
    ['nothing', { spec: {} }, ['spec.accessModes: Required value', 'spec.capacity: Required value', 'spec.capacity: Unsupported value: {}: supported values: "storage"', 'spec: Required value: must specify a volume type']],
    ['no size', pv({ capacity: { storage: '0' } }), ['spec.capacity[storage]: Invalid value: "0": must be greater than zero']],
    ['another capacity', pv({ capacity: { storage: '1', cpu: '1' } }), ['spec.capacity: Unsupported value: {"cpu":"1","storage":"1"}: supported values: "storage"']],
    ['an unknown mode', pv({ accessModes: ['X'] }), [`spec.accessModes: Unsupported value: "X": supported values: ${modes}`]],
    ['one pod and others', pv({ accessModes: ['ReadWriteOncePod', 'ReadWriteMany'] }), ['spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes']],
    ['two sorts', pv({ nfs: { server: 's', path: '/' } }), ['spec.nfs: Forbidden: may not specify more than 1 volume type']],
    ['the root recycled', pv({ hostPath: { path: '/a/..' }, persistentVolumeReclaimPolicy: 'Recycle' }), expect.arrayContaining(["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"]) as unknown as unknown[]],
    ['a local one anywhere', only({ local: { path: '/x' } }), ['spec.nodeAffinity: Required value: Local volume requires node affinity']],
    ['an affinity of nothing', pv({ nodeAffinity: {} }), ['spec.nodeAffinity.required: Required value: must specify required node constraints']],
    ['half a CSI volume', only({ csi: { driver: '', volumeHandle: '', nodeStageSecretRef: { name: 'a' } } }), ['spec.csi.driver: Required value', expect.stringMatching(/^spec\.csi\.driver: Invalid value: ""/), 'spec.csi.volumeHandle: Required value', 'spec.csi.nodeStageSecretRef.namespace: Required value']],
    ['attributes without CSI', pv({ volumeAttributesClassName: '' }), ['spec.volumeAttributesClassName: Required value: an empty string is disallowed', 'spec.csi: Required value: has to be specified when using volumeAttributesClassName']],
    ['an unknown mode of the volume', pv({ volumeMode: 'X' }), ['spec.volumeMode: Unsupported value: "X": supported values: "Block", "Filesystem"']],
  ])('%s is refused', (_, rough, expected) => {
    expect(failures(persistentVolumes, rough as never)).toEqual(expected)
  })

  test('what it is does not change', () => {
    expect(changeFailures<PersistentVolume>(persistentVolumes, pv(), ({ spec }) => { spec.hostPath = { path: '/other', type: '' } })).toEqual([expect.stringMatching(/^spec\.persistentvolumesource: Forbidden: spec\.persistentvolumesource is immutable after creation\n/)])
    expect(changeFailures<PersistentVolume>(persistentVolumes, pv(), ({ spec }) => { spec.volumeMode = 'Block' })).toEqual(['volumeMode: Invalid value: "Block": field is immutable'])
    expect(changeFailures<PersistentVolume>(persistentVolumes, pv(), ({ spec }) => { spec.claimRef = { name: 'a', namespace: 'b' }; spec.capacity = { storage: '2Gi' }; spec.nodeAffinity = affinity('zone') })).toEqual([])
  })

  test('its nodes do not change, but for labels that were replaced', () => {
    const old = pv({ nodeAffinity: affinity('beta.kubernetes.io/os') })
    expect(changeFailures<PersistentVolume>(persistentVolumes, old, ({ spec }) => { spec.nodeAffinity = affinity('kubernetes.io/os') })).toEqual([])
    expect(changeFailures<PersistentVolume>(persistentVolumes, old, ({ spec }) => { spec.nodeAffinity = affinity('zone') })).toEqual([expect.stringMatching(/^nodeAffinity: .*: field is immutable$/)])
  })

  test('warnings', () => {
    const rough = { ...pv({ persistentVolumeReclaimPolicy: 'Recycle' }), metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'a' } } }
    expect(persistentVolumes.warnings!(created(persistentVolumes, rough))).toEqual([
      'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.'])
    expect(persistentVolumes.warnings!(created(persistentVolumes, only({ cephfs: { monitors: ['m'] } })))).toEqual(['spec.cephfs: deprecated since v1.28, non-functional in v1.31+'])
  })
})

describe('PersistentVolumeClaim', () => {
  test('has defaults, and both its sources', () => {
    const rough = pvc({ dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' } })
    expect(created(persistentVolumeClaims, rough)).toMatchObject({ spec: { volumeMode: 'Filesystem', dataSourceRef: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' } }, status: { phase: 'Pending' } })
    expect(failures(persistentVolumeClaims, rough)).toEqual([])
  })

  test.each<[string, object, string[]]>([
    ['nothing', { spec: {} }, ['spec.accessModes: Required value: at least 1 access mode is required', 'spec.resources[storage]: Required value']],
    ['no size', pvc({ resources: { requests: { storage: '0' } } }), ['spec.resources[storage]: Invalid value: "0": must be greater than zero']],
    ['a source of no kind', pvc({ dataSource: { kind: '', name: '' } }), ['spec.dataSource.name: Required value', 'spec.dataSource.kind: Required value', `spec.dataSource: Invalid value: "": must be 'PersistentVolumeClaim' when referencing the default apiGroup`, 'spec.dataSourceRef.name: Required value', 'spec.dataSourceRef.kind: Required value', `spec.dataSourceRef: Invalid value: "": must be 'PersistentVolumeClaim' when referencing the default apiGroup`]],
    ['two sources', pvc({ dataSource: { kind: 'PersistentVolumeClaim', name: 'a' }, dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' } }), ['spec: Invalid value: "spec.dataSource": must match dataSourceRef']],
    ['a source elsewhere and here', pvc({ dataSource: { kind: 'PersistentVolumeClaim', name: 'a' }, dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'a', namespace: 'n' } }), ['spec: Invalid value: "spec.dataSource": may not be specified when dataSourceRef.namespace is specified']],
  ])('%s is refused', (_, rough, expected) => {
    expect(failures(persistentVolumeClaims, rough as never)).toEqual(expected)
  })

  test('it is settled once, then bound', () => {
    expect(changeFailures<PersistentVolumeClaim>(persistentVolumeClaims, pvc(), ({ spec }) => { spec.volumeName = 'pv1'; spec.storageClassName = 'fast' })).toEqual([])
    const refused = [expect.stringMatching(/^spec: Forbidden: spec is immutable after creation except resources\.requests and volumeAttributesClassName for bound claims\n/)]
    expect(changeFailures<PersistentVolumeClaim>(persistentVolumeClaims, pvc({ volumeName: 'a' }), ({ spec }) => { spec.volumeName = 'b' })).toEqual(refused)
    expect(changeFailures<PersistentVolumeClaim>(persistentVolumeClaims, pvc(), ({ spec }) => { spec.resources!.requests!.storage = '2Gi' })).toEqual(refused)
  })

  test('bound, it may grow, and shrink no further than it is', () => {
    const old = created(persistentVolumeClaims, pvc({ volumeName: 'a', resources: { requests: { storage: '5Gi' } } }))
    old.status = { phase: 'Bound', capacity: { storage: '2Gi' } }
    const to = (storage: string) => persistentVolumeClaims.validateUpdate!({ ...old, spec: { ...old.spec, resources: { requests: { storage } } } }, old).map(({ field, detail }) => `${field}: ${detail}`)
    expect(to('9Gi')).toEqual([])
    expect(to('3Gi')).toEqual([])
    expect(to('1Gi')).toEqual(['spec.resources.requests.storage: field can not be less than status.capacity'])
  })

  test('the class moves from the annotation into its field', () => {
    const old = { ...pvc(), metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'fast' } } }
    expect(changeFailures<PersistentVolumeClaim>(persistentVolumeClaims, old, (it) => { it.spec.storageClassName = 'fast'; delete it.metadata.annotations })).toEqual([])
    expect(changeFailures<PersistentVolumeClaim>(persistentVolumeClaims, old, (it) => { it.metadata.annotations = { 'volume.beta.kubernetes.io/storage-class': 'slow' } })).toEqual(['metadata.annotations[volume.beta.kubernetes.io/storage-class]: Invalid value: "slow": field is immutable'])
  })

  test('its rules hold within a pod', () => {
    const volume = { name: 'v', ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['X'], resources: { requests: { storage: '1' } } } } } }
    expect(failures(pods, { spec: { containers: [{ name: 'c', image: 'i' }], volumes: [volume] } })).toEqual([`spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Unsupported value: "X": supported values: ${modes}`])
  })

  test('its status', () => {
    expect(changeFailures<PersistentVolumeClaim>(persistentVolumeClaims, { ...pvc(), metadata: { resourceVersion: '1' } }, (it) => { it.status = { capacity: { storage: '-1' }, allocatedResourceStatuses: { cpu: 'X' } } }, 'status')).toEqual([
      'status.capacity[storage]: Invalid value: "-1": must be greater than or equal to 0', 'status.allocatedResourceStatus: Unsupported value: "cpu": supported values: "storage"',
      'status.allocatedResourceStatus: Unsupported value: "cpu": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"'])
  })
})

describe('LimitRange', () => {
  const limits = (...list: object[]) => ({ spec: { limits: list } })
  test('containers get what is left out', () => {
    expect(created(limitRanges, limits({ type: 'Container', max: { cpu: '2' }, min: { memory: '1Mi' } })).spec.limits[0]).toMatchObject({ default: { cpu: '2' }, defaultRequest: { cpu: '2', memory: '1Mi' } })
    expect(created(limitRanges, limits({ type: 'Pod', max: { cpu: '2' } })).spec.limits[0]).not.toHaveProperty('default')
  })

  test.each<[string, object, string[]]>([
    ['an unknown type', limits({ type: 'X' }), ['spec.limits[0].type: Invalid value: "X": must be a standard limit type or fully qualified']],
    ['a type twice', limits({ type: 'Pod' }, { type: 'Pod' }), ['spec.limits[1].type: Duplicate value: "Pod"']],
    ['defaults of pods', limits({ type: 'Pod', default: { cpu: '1' } }), ["spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"]],
    ['a claim without bound', limits({ type: 'PersistentVolumeClaim' }), ['spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided']],
    ['the least above the most', limits({ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }), ['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1']],
    ['a request above its limit', limits({ type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '2' } }), ['spec.limits[0].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1']],
    ['a ratio below one', limits({ type: 'Pod', maxLimitRequestRatio: { cpu: '500m' } }), ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1']],
    ['a ratio that cannot be', limits({ type: 'Pod', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '3' } }), ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000']],
    ['something no container has', limits({ type: 'Container', max: { pods: '1' } }), expect.arrayContaining(['spec.limits[0].max[pods]: Invalid value: "pods": must be a standard resource for containers']) as unknown as string[]],
  ])('%s is refused', (_, rough, expected) => {
    expect(failures(limitRanges, rough as never)).toEqual(expected)
  })
})

describe('ResourceQuota', () => {
  const quota = (spec: object) => ({ spec })
  test.each<[string, object]>([
    ['counts', quota({ hard: { pods: '10', 'count/jobs.batch': '3', 'requests.hugepages-2Mi': '4Mi', 'requests.example.com/gpu': '1', 'services.nodeports': '0' } })],
    ['scopes', quota({ hard: { pods: '10' }, scopes: ['BestEffort'], scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] } })],
  ])('%s are good', (_, rough) => expect(failures(resourceQuotas, rough as never)).toEqual([]))

  test.each<[string, object, string[]]>([
    ['an unknown resource', quota({ hard: { storage: '1' } }), ['spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota']],
    ['half a pod', quota({ hard: { pods: '500m' } }), ['spec.hard[pods]: Invalid value: "500m": must be an integer']],
    ['less than nothing', quota({ hard: { cpu: '-1' } }), ['spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0']],
    ['an unknown scope', quota({ scopes: ['X'] }), ['spec.scopes: Invalid value: ["X"]: unsupported scope']],
    ['contrary scopes', quota({ scopes: ['Terminating', 'NotTerminating'] }), ['spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes']],
    ['a scope of other things', quota({ hard: { services: '1' }, scopes: ['BestEffort'] }), ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource']],
    ['a selector without values', quota({ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] } }), ["spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"]],
    ['a selector of nothing known', quota({ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'X' }] } }), ['spec.scopeSelector.matchExpressions.operator: Invalid value: "X": not a valid selector operator']],
  ])('%s is refused', (_, rough, expected) => {
    expect(failures(resourceQuotas, rough as never)).toEqual(expected)
  })

  test('its scopes are for good, its status is the controller\'s', () => {
    expect(changeFailures<ResourceQuota>(resourceQuotas, quota({ scopes: ['BestEffort'] }), ({ spec }) => { spec.scopes = [] })).toEqual(['spec.scopes: Invalid value: []: field is immutable'])
    expect(changed<ResourceQuota>(resourceQuotas, quota({}), (it) => { it.status = { used: { pods: '1' } } }).object.status).toEqual({})
    expect(changeFailures<ResourceQuota>(resourceQuotas, { ...quota({}), metadata: { resourceVersion: '1' } }, (it) => { it.status = { used: { pods: '-1' } } }, 'status')).toEqual(['status.used[pods]: Invalid value: "-1": must be greater than or equal to 0'])
  })
})

test('what kubectl prints', () => {
  expect(row(persistentVolumes, pv({ claimRef: { namespace: 'a', name: 'b' }, storageClassName: 'fast' }))).toEqual(['1Gi', 'RWO', 'Retain', 'Pending', 'a/b', 'fast', '<unset>', '', 'Filesystem'])
  expect(row(persistentVolumeClaims, pvc({ storageClassName: 'fast' }))).toEqual(['Pending', '', '', '', 'fast', '<unset>', 'Filesystem'])
  const bound = { ...created(persistentVolumeClaims, pvc({ volumeName: 'pv1' })), status: { phase: 'Bound', capacity: { storage: '2Gi' }, accessModes: ['ReadWriteMany', 'ReadWriteOnce'] } }
  expect(persistentVolumeClaims.columns!.slice(0, 4).map((column) => column.value(bound, 0))).toEqual(['Bound', 'pv1', '2Gi', 'RWO,RWX'])
  const quota = { ...created(resourceQuotas, { spec: {} }), status: { hard: { 'limits.cpu': '4', pods: '3', cpu: '2' }, used: { pods: '1', cpu: '500m' } } }
  expect(resourceQuotas.columns!.slice(0, 2).map((column) => column.value(quota, 0))).toEqual(['cpu: 500m/2, pods: 1/3', 'limits.cpu: 0/4'])
  expect(row(componentStatuses, { conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }] })).toEqual(['Healthy', 'ok', ''])
  expect(row(componentStatuses, { conditions: [{ type: 'Healthy', status: 'False', error: 'gone' }] })).toEqual(['Unhealthy', '', 'gone'])
})
