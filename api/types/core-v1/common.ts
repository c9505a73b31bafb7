import type { Infer } from '../../schema/schema.ts'
import { int64, list, map, opt, quantity, req, string, struct, text, time } from '../../schema/schema.ts'

export const ConditionStatus = text('False', 'True', 'Unknown')

export const LocalObjectReference = struct('core/v1.LocalObjectReference', {
  name: opt(1, string, { default: '' }),
}, { atomic: true })
export interface LocalObjectReference extends Infer<typeof LocalObjectReference> {}

export const NodeSelectorOperator = text('DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn')

export const NodeSelectorRequirement = struct('core/v1.NodeSelectorRequirement', {
  key: req(1, string),
  operator: req(2, NodeSelectorOperator),
  values: opt(3, list(string), { listType: 'atomic' }),
})
export interface NodeSelectorRequirement extends Infer<typeof NodeSelectorRequirement> {}

export const NodeSelectorTerm = struct('core/v1.NodeSelectorTerm', {
  matchExpressions: opt(1, list(NodeSelectorRequirement), { listType: 'atomic' }),
  matchFields: opt(2, list(NodeSelectorRequirement), { listType: 'atomic' }),
}, { atomic: true })
export interface NodeSelectorTerm extends Infer<typeof NodeSelectorTerm> {}

export const NodeSelector = struct('core/v1.NodeSelector', {
  nodeSelectorTerms: req(1, list(NodeSelectorTerm), { listType: 'atomic' }),
}, { atomic: true })
export interface NodeSelector extends Infer<typeof NodeSelector> {}

export const ObjectFieldSelector = struct('core/v1.ObjectFieldSelector', {
  apiVersion: opt(1, string),
  fieldPath: req(2, string),
}, { atomic: true })
export interface ObjectFieldSelector extends Infer<typeof ObjectFieldSelector> {}

export const ObjectReference = struct('core/v1.ObjectReference', {
  kind: opt(1, string),
  namespace: opt(2, string),
  name: opt(3, string),
  uid: opt(4, string),
  apiVersion: opt(5, string),
  resourceVersion: opt(6, string),
  fieldPath: opt(7, string),
}, { atomic: true })
export interface ObjectReference extends Infer<typeof ObjectReference> {}

export const Protocol = text('SCTP', 'TCP', 'UDP')

export const PullPolicy = text('Always', 'IfNotPresent', 'Never')

export const ResourceFieldSelector = struct('core/v1.ResourceFieldSelector', {
  containerName: opt(1, string),
  resource: req(2, string),
  divisor: opt(3, quantity),
}, { atomic: true })
export interface ResourceFieldSelector extends Infer<typeof ResourceFieldSelector> {}

export const ResourceList = map(quantity)
export type ResourceList = Infer<typeof ResourceList>

export const ResourceName = text('configmaps', 'cpu', 'ephemeral-storage', 'limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'memory', 'persistentvolumeclaims', 'pods', 'replicationcontrollers', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory', 'requests.storage', 'resourcequotas', 'secrets', 'services', 'services.loadbalancers', 'services.nodeports', 'storage')

export const TaintEffect = text('NoExecute', 'NoSchedule', 'PreferNoSchedule')

export const Taint = struct('core/v1.Taint', {
  key: req(1, string),
  value: opt(2, string),
  effect: req(3, TaintEffect),
  timeAdded: opt(4, time),
})
export interface Taint extends Infer<typeof Taint> {}

export const TolerationOperator = text('Equal', 'Exists', 'Gt', 'Lt')

export const Toleration = struct('core/v1.Toleration', {
  key: opt(1, string),
  operator: opt(2, TolerationOperator),
  value: opt(3, string),
  effect: opt(4, TaintEffect),
  tolerationSeconds: opt(5, int64, { pointer: true }),
})
export interface Toleration extends Infer<typeof Toleration> {}

export const TypedLocalObjectReference = struct('core/v1.TypedLocalObjectReference', {
  apiGroup: opt(1, string, { pointer: true }),
  kind: req(2, string),
  name: req(3, string),
}, { atomic: true })
export interface TypedLocalObjectReference extends Infer<typeof TypedLocalObjectReference> {}

export const TypedObjectReference = struct('core/v1.TypedObjectReference', {
  apiGroup: opt(1, string, { pointer: true }),
  kind: req(2, string),
  name: req(3, string),
  namespace: opt(4, string, { pointer: true }),
})
export interface TypedObjectReference extends Infer<typeof TypedObjectReference> {}

export const URIScheme = text('HTTP', 'HTTPS')

export const VolumeResourceRequirements = struct('core/v1.VolumeResourceRequirements', {
  limits: opt(1, ResourceList),
  requests: opt(2, ResourceList),
})
export interface VolumeResourceRequirements extends Infer<typeof VolumeResourceRequirements> {}
