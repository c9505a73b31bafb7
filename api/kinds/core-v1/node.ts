import type { FieldError } from '../../errors.ts'
import type { ResourceList } from '../../types/core-v1/common.ts'
import { Node } from '../../types/core-v1/node.ts'
import { age, text, wide } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatus } from '../strategy.ts'
import { duplicate, each, forbidden, invalid } from '../validation/field.ts'
import { cidrFamily, isDualStack, validCIDR } from '../validation/ip.ts'
import { validateDeclaredFeatures, validateNodeConfig, validateSwap } from '../validation/node-config.ts'
import { validateQuantity } from '../validation/resources.ts'
import { validateTaints } from '../validation/scheduling.ts'
import { allVerbs, custom, proxyVerbs, viewVerbs } from '../verbs.ts'
import { isRepeated } from '../validation/repeated.ts'

export const nodes: Kind<Node> = {
  group: '', version: 'v1', kind: 'Node', resource: 'nodes', singular: 'node', shortNames: ['no'],
  namespaced: false, verbs: allVerbs, schema: Node, storage: 'minions',
  doc: 'A machine of the cluster that runs pods.',
  subresources: {
    proxy: custom('NodeProxyOptions', proxyVerbs),
    status: {
      type: 'status', verbs: viewVerbs, validateUpdate,
      prepareForUpdate(node, old) {
        keepSpec(node, old)
        if (!old.status?.config) delete node.status?.config
      },
    },
  },
  default: defaultNode,
  // The agent's dynamic configuration is gone from Kubernetes; only what has it keeps it.
  prepareForCreate({ spec, status }) {
    delete spec?.configSource
    delete status?.config
  },
  prepareForUpdate(node, old) {
    keepStatus(node, old)
    if (!old.spec?.configSource) delete node.spec?.configSource
  },
  validate,
  validateUpdate,
  columns: [
    text('Status', conditions, 'Whether the node is ready and takes pods.'),
    text('Roles', roles, 'What the node is there for.'),
    age,
    text('Version', ({ status }) => status?.nodeInfo?.kubeletVersion ?? '', 'The version of its agent.'),
    wide('Internal-IP', address('InternalIP'), 'The address inside the cluster.'),
    wide('External-IP', address('ExternalIP'), 'The address outside.'),
    wide('OS-Image', ({ status }) => status?.nodeInfo?.osImage || '<unknown>', 'The operating system.'),
    wide('Kernel-Version', ({ status }) => status?.nodeInfo?.kernelVersion || '<unknown>', 'The kernel.'),
    wide('Container-Runtime', ({ status }) => status?.nodeInfo?.containerRuntimeVersion || '<unknown>', 'The container runtime.'),
  ],
  fieldLabels: { 'spec.unschedulable': ({ spec }) => String(spec.unschedulable ?? false) },
}

/** The agent registers its node with a status, which is kept. `podCIDR` is the first of `podCIDRs`; where they differ, it wins. */
function defaultNode({ spec, status }: Node): void {
  if (status?.capacity && !status.allocatable) status.allocatable = { ...status.capacity }
  if (!spec) return
  const { podCIDR, podCIDRs } = spec
  if (podCIDR && podCIDRs?.[0] !== podCIDR) spec.podCIDRs = [podCIDR]
  else if (podCIDRs?.length && !podCIDR) spec.podCIDR = podCIDRs[0]
}

function validate(node: Node): FieldError[] {
  const { spec, status } = node
  const cidrs = spec.podCIDRs ?? []
  return [
    ...validateTaints(spec.taints, 'metadata.taints'),
    ...validateResources(status?.capacity, 'status.capacity'),
    ...validateResources(status?.allocatable, 'status.allocatable'),
    ...validateSwap(node),
    ...validateDeclaredFeatures(status?.declaredFeatures, 'status.declaredFeatures'),
    ...each(cidrs, 'spec.podCIDRs', validCIDR),
    ...(cidrs.length > 1 && !isDualStack(cidrs, cidrFamily) ? [invalid('spec.podCIDRs', cidrs, 'may specify no more than one CIDR for each IP family')] : []),
  ]
}

const validateResources = (list: ResourceList | undefined, field: string): FieldError[] =>
  Object.entries(list ?? {}).flatMap(([name, quantity]) => validateQuantity(name, quantity, `${field}.${name}`))

function validateUpdate(node: Node, old: Node): FieldError[] {
  const { spec, status } = node
  const cidrs = old.spec.podCIDRs ?? []
  const changed = cidrs.length > 0 && (cidrs.length !== (spec.podCIDRs ?? []).length || cidrs.some((cidr, index) => cidr !== spec.podCIDRs![index]))
  const addresses = (status?.addresses ?? []).map(({ type, address }) => `${type} ${address}`)
  return [
    ...validate(node),
    ...each(status?.addresses, 'status.addresses', (address, path, index) => (isRepeated(addresses, addresses[index]!, index) ? [duplicate(path, address)] : [])),
    ...(changed ? [forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')] : []),
    ...(old.spec.providerID && old.spec.providerID !== spec.providerID ? [forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')] : []),
    ...validateNodeConfig(node),
    ...((old.spec.externalID ?? '') === (spec.externalID ?? '') ? [] : [forbidden('spec.externalID', 'may not be updated')]),
  ]
}

function conditions({ spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status
  const word = ready === undefined ? 'Unknown' : ready === 'True' ? 'Ready' : 'NotReady'
  return spec.unschedulable ? `${word},SchedulingDisabled` : word
}

const rolePrefix = 'node-role.kubernetes.io/'

function roles({ metadata }: Node): string {
  const found = new Set<string>()
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(rolePrefix) && key.length > rolePrefix.length) found.add(key.slice(rolePrefix.length))
    else if (key === 'kubernetes.io/role' && value) found.add(value)
  }
  return [...found].sort().join(',') || '<none>'
}

function address(wanted: string) {
  return ({ status }: Node): string => status?.addresses?.find(({ type }) => type === wanted)?.address ?? '<none>'
}
