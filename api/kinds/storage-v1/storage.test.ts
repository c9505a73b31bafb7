import { describe, expect, test } from 'vitest'
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment, VolumeAttributesClass } from '../../types/storage-v1.ts'
import type { PriorityClass } from '../../types/scheduling-v1.ts'
import type { RuntimeClass } from '../../types/node-v1.ts'
import type { PodDisruptionBudget } from '../../types/policy-v1-budget.ts'
import type { Kind } from '../kind.ts'
import { runtimeClasses } from '../node-v1/runtime-class.ts'
import { podDisruptionBudgets } from '../policy-v1/pod-disruption-budget.ts'
import { priorityClasses } from '../scheduling-v1/priority-class.ts'
import { changed, changeFailures, created, failures, row } from '../testing.ts'
import { csiDrivers } from './csi-driver.ts'
import { csiNodes } from './csi-node.ts'
import { csiStorageCapacities } from './csi-storage-capacity.ts'
import { storageClasses } from './storage-class.ts'
import { volumeAttachments } from './volume-attachment.ts'
import { volumeAttributesClasses } from './volume-attributes-class.ts'

const sc = (more: object = {}) => ({ provisioner: 'example.com/nfs', ...more })
const topology = (...expressions: object[]) => ({ matchLabelExpressions: expressions })
const attachment = (spec: object = {}) => ({ spec: { attacher: 'csi.example.com', nodeName: 'n1', source: { persistentVolumeName: 'pv1' }, ...spec } })
const driver = (spec: object = {}) => ({ metadata: { name: 'csi.example.com' }, spec })
const node = (...drivers: object[]) => ({ spec: { drivers } })
const onNode = (more: object = {}) => ({ name: 'csi.example.com', nodeID: 'i-1', topologyKeys: ['a.b/c'], ...more })
const pdb = (spec: object) => ({ spec: { selector: { matchLabels: { a: 'b' } }, ...spec } })
const pc = (more: object) => ({ value: 10, ...more })

test.each<[string, Kind, object]>([
  ['a class of storage', storageClasses, sc({ allowedTopologies: [topology({ key: 'zone', values: ['a', 'b'] })], parameters: { a: 'b' } })],
  ['an attachment', volumeAttachments, attachment()],
  ['a driver', csiDrivers, driver({ tokenRequests: [{ audience: 'a', expirationSeconds: 600 }] })],
  ['drivers of a node', csiNodes, node(onNode({ allocatable: { count: 3 } }))],
  ['what is left', csiStorageCapacities, { storageClassName: 'fast', capacity: '1Gi' }],
  ['attributes', volumeAttributesClasses, { driverName: 'csi.example.com', parameters: { iops: '1' } }],
  ['a priority', priorityClasses, pc({})],
  ['a priority of the system', priorityClasses, { metadata: { name: 'system-node-critical' }, value: 2000001000 }],
  ['a runtime', runtimeClasses, { handler: 'runc', overhead: { podFixed: { cpu: '10m' } }, scheduling: { nodeSelector: { a: 'b' }, tolerations: [{ key: 'x', operator: 'Exists' }] } }],
  ['a budget', podDisruptionBudgets, pdb({ minAvailable: '50%', unhealthyPodEvictionPolicy: 'AlwaysAllow' })],
])('%s is good', (_, kind, rough) => {
  expect(failures(kind, rough as never)).toEqual([])
})

test.each<[string, Kind, object, unknown[]]>([
  ['no provisioner', storageClasses, { provisioner: '' }, ['provisioner: Required value']],
  ['an unknown policy', storageClasses, sc({ reclaimPolicy: 'Recycle', volumeBindingMode: 'Later' }), ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"', 'volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"']],
  ['a nameless parameter', storageClasses, sc({ parameters: { '': 'x' } }), ['parameters: Invalid value: "": field can not be empty.']],
  ['too many parameters', storageClasses, sc({ parameters: Object.fromEntries(Array.from({ length: 513 }, (_, i) => [`k${i}`, ''])) }), ['parameters: Too long: may not be more than 512 bytes']],
  ['a topology twice', storageClasses, sc({ allowedTopologies: [topology({ key: 'a', values: ['x', 'x'] }, { key: 'a', values: [] }), topology({ key: 'a', values: ['y'] }), topology({ key: 'a', values: ['y'] })] }), [
    'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "x"', 'allowedTopologies[0].matchLabelExpressions[1].values: Required value', 'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "a"',
    'allowedTopologies[2].matchLabelExpressions: Duplicate value: ""']],
  ['an attachment of nothing', volumeAttachments, attachment({ attacher: '', source: {} }), expect.arrayContaining(['spec.attacher: Required value', 'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName']) as unknown as unknown[]],
  ['an attachment of two', volumeAttachments, attachment({ source: { persistentVolumeName: 'a', inlineVolumeSpec: {} } }), ['spec.source: Forbidden: must specify exactly one of inlineVolumeSpec and persistentVolumeName']],
  ['an inline volume', volumeAttachments, attachment({ source: { inlineVolumeSpec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, storageClassName: 'x', nfs: { server: 's', path: '/' } } } }), [
    'spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes', 'spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes',
    'spec.source.inlineVolumeSpec.storageClassName: Forbidden: may not be specified in the context of inline volumes']],
  ['a driver with a bad name', csiDrivers, { metadata: { name: 'a_b' }, spec: {} }, [expect.stringMatching(/^name: Invalid value: "a_b"/)]],
  ['a driver with bad ways', csiDrivers, driver({ fsGroupPolicy: 'X', volumeLifecycleModes: ['Y'], tokenRequests: [{ audience: 'a', expirationSeconds: 1 }, { audience: 'a' }], nodeAllocatableUpdatePeriodSeconds: 5 }), [
    'spec.fsGroupPolicy: Unsupported value: "X": supported values: "File", "None", "ReadWriteOnceWithFSType"', 'spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
    'spec.tokenRequests[1].audience: Duplicate value: "a"', 'spec.volumeLifecycleModes: Unsupported value: "Y": supported values: "Persistent", "Ephemeral"', 'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 5: must be greater than or equal to 10 seconds']],
  ['a driver twice on a node', csiNodes, node(onNode(), onNode({ nodeID: '', topologyKeys: ['', ''] })), expect.arrayContaining(['spec.drivers[1].nodeID: Required value', 'spec.drivers[1].name: Duplicate value: "csi.example.com"', 'spec.drivers[1]: Required value', 'spec.drivers[1]: Duplicate value: ""']) as unknown as unknown[]],
  ['a negative rest', csiStorageCapacities, { storageClassName: 'fast', capacity: '-1' }, ['capacity: Invalid value: "-1": must be greater than or equal to 0']],
  ['no attributes', volumeAttributesClasses, { driverName: 'd' }, ['parameters: Required value: must contain at least one key/value pair']],
  ['a name of the system', priorityClasses, { metadata: { name: 'system-x' }, value: 1 }, ["metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-x is not a known system priority class"]],
  ['a priority above all', priorityClasses, pc({ value: 1000000001 }), ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000']],
  ['an unknown preemption', priorityClasses, pc({ preemptionPolicy: 'X' }), ['preemptionPolicy: Unsupported value: "X": supported values: "PreemptLowerPriority", "Never"']],
  ['a bad handler', runtimeClasses, { handler: 'a.b' }, ['handler: Invalid value: "a.b": must not contain dots']],
  ['a toleration twice', runtimeClasses, { handler: 'a', scheduling: { tolerations: [{ key: 'x', operator: 'Exists' }, { key: 'x', operator: 'Exists' }] } }, ['scheduling.tolerations[1]: Duplicate value: {"key":"x","operator":"Exists"}']],
  ['both bounds', podDisruptionBudgets, pdb({ minAvailable: 1, maxUnavailable: 1 }), [expect.stringMatching(/^spec: Invalid value: .*: minAvailable and maxUnavailable cannot be both set$/)]],
  ['more than all', podDisruptionBudgets, pdb({ maxUnavailable: '101%' }), ['spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%']],
  ['less than nothing', podDisruptionBudgets, pdb({ minAvailable: -1 }), ['spec.minAvailable: Invalid value: -1: must be greater than or equal to 0']],
  ['an unknown policy of eviction', podDisruptionBudgets, pdb({ unhealthyPodEvictionPolicy: 'X' }), ['spec.unhealthyPodEvictionPolicy: Unsupported value: "X": supported values: "AlwaysAllow", "IfHealthyBudget"']],
])('%s is refused', (_, kind, rough, expected) => {
  expect(failures(kind, rough as never)).toEqual(expected)
})

describe('what may not change', () => {
  test('a class of storage', () => {
    expect(changeFailures<StorageClass>(storageClasses, sc(), (it) => { it.parameters = { a: 'b' }; it.provisioner = 'x'; it.reclaimPolicy = 'Retain'; it.volumeBindingMode = 'WaitForFirstConsumer' })).toEqual([
      'parameters: Forbidden: updates to parameters are forbidden.', 'provisioner: Forbidden: updates to provisioner are forbidden.', 'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
      'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable'])
    expect(changeFailures<StorageClass>(storageClasses, sc(), (it) => { it.allowVolumeExpansion = true; it.mountOptions = ['ro'] })).toEqual([])
  })
  test('an attachment, its status apart', () => {
    expect(changeFailures<VolumeAttachment>(volumeAttachments, attachment(), ({ spec }) => { spec.nodeName = 'n2' })).toEqual([expect.stringMatching(/^spec: Invalid value: .*: field is immutable$/)])
    expect(changeFailures<VolumeAttachment>(volumeAttachments, attachment(), (it) => { it.status = { attached: true, attachError: { message: 'x'.repeat(1025) } } }, 'status')).toEqual(['status.attachError.message: Too long: may not be more than 262144 bytes'])
    expect(changed<VolumeAttachment>(volumeAttachments, attachment(), (it) => { it.status = { attached: true } }).object.status).toEqual({ attached: false })
  })
  test('how a driver attaches', () => {
    expect(changeFailures<CSIDriver>(csiDrivers, driver(), ({ spec }) => { spec.attachRequired = false; spec.volumeLifecycleModes = ['Ephemeral'] })).toEqual(['spec.attachedRequired: Invalid value: false: field is immutable', 'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable'])
    const { object } = changed<CSIDriver>(csiDrivers, driver(), ({ spec }) => { spec.podInfoOnMount = true })
    expect(object.metadata.generation).toBe(1)
  })
  test('a driver on a node, save how much fits', () => {
    expect(changeFailures<CSINode>(csiNodes, node(onNode()), ({ spec }) => { spec.drivers[0]!.nodeID = 'i-2' })).toEqual([expect.stringMatching(/^CSINodeDriver: .*: field is immutable$/)])
    expect(changeFailures<CSINode>(csiNodes, node(onNode()), ({ spec }) => { spec.drivers[0]!.allocatable = { count: 1 } })).toEqual([])
  })
  test('the rest', () => {
    expect(changeFailures<CSIStorageCapacity>(csiStorageCapacities, { storageClassName: 'a' }, (it) => { it.storageClassName = 'b' })).toEqual(['storageClassName: Invalid value: "b": field is immutable'])
    expect(changeFailures<VolumeAttributesClass>(volumeAttributesClasses, { driverName: 'd', parameters: { a: '1' } }, (it) => { it.driverName = 'e' })).toEqual(['driverName: Forbidden: updates to driverName are forbidden.'])
    expect(changeFailures<PriorityClass>(priorityClasses, pc({}), (it) => { it.value = 11; it.preemptionPolicy = 'Never'; it.globalDefault = true })).toEqual(['value: Forbidden: may not be changed in an update.', 'preemptionPolicy: Invalid value: "Never": field is immutable'])
    expect(changeFailures<RuntimeClass>(runtimeClasses, { handler: 'a' }, (it) => { it.handler = 'b' })).toEqual(['handler: Invalid value: "b": field is immutable'])
  })
  test('a budget may change; its status is the controller\'s', () => {
    const { object } = changed<PodDisruptionBudget>(podDisruptionBudgets, pdb({ minAvailable: 1 }), (it) => { it.spec.minAvailable = 2; it.status = { disruptionsAllowed: 9 } })
    expect(object).toMatchObject({ metadata: { generation: 2 }, status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 } })
    expect(changeFailures<PodDisruptionBudget>(podDisruptionBudgets, pdb({}), (it) => { it.status = { currentHealthy: -1, conditions: [{ type: 'a', status: 'X', reason: '1', lastTransitionTime: '', message: '' }] } }, 'status')).toEqual([
      'status.conditions[0].status: Unsupported value: "X": supported values: "False", "True", "Unknown"', 'status.conditions[0].lastTransitionTime: Required value', expect.stringMatching(/^status\.conditions\[0\]\.reason: Invalid value: "1": a condition reason must start/),
      'status.currentHealthy: Invalid value: -1: must be greater than or equal to 0'])
  })
})

test('what kubectl prints', () => {
  const isDefault = { metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } }
  expect(row(storageClasses, sc(isDefault))).toEqual(['x (default)', 'example.com/nfs', 'Delete', 'Immediate', false])
  expect(row(volumeAttributesClasses, { driverName: 'd', parameters: { a: '1' } })).toEqual(['x', 'd'])
  expect(row(volumeAttachments, attachment())).toEqual(['csi.example.com', 'pv1', 'n1', false])
  expect(row(csiDrivers, driver())).toEqual([true, false, false, '<unset>', false, 'Persistent'])
  expect(row(csiNodes, node(onNode()))).toEqual([1])
  expect(row(csiStorageCapacities, { storageClassName: 'a' })).toEqual(['a', '<unset>'])
  expect(row(priorityClasses, pc({}))).toEqual([10, false, 'PreemptLowerPriority'])
  expect(row(runtimeClasses, { handler: 'runc' })).toEqual(['runc'])
  expect(row(podDisruptionBudgets, pdb({ maxUnavailable: '30%' }))).toEqual(['N/A', '30%', 0])
})

test('defaults', () => {
  expect(created(storageClasses, sc())).toMatchObject({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' })
  expect(created(csiDrivers, driver()).spec).toEqual({ attachRequired: true, podInfoOnMount: false, storageCapacity: false, fsGroupPolicy: 'ReadWriteOnceWithFSType', volumeLifecycleModes: ['Persistent'], requiresRepublish: false, seLinuxMount: false })
  expect(storageClasses.warnings!(created(storageClasses, sc({ allowedTopologies: [topology({ key: 'beta.kubernetes.io/os', values: ['x'] })] })))).toEqual(['allowedTopologies[0].matchLabelExpressions[0].key: deprecated since v1.14; use "kubernetes.io/os" instead'])
})
