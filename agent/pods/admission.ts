import type { NodeSelectorRequirement, NodeSelectorTerm } from '../../api/types/core-v1/common.ts'
import type { Node } from '../../api/types/core-v1/node.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import { quantityMilliValue } from '../../api/schema/quantity.ts'
import type { Waiting } from './plan.ts'
import { podRequests } from './qos.ts'

/**
 * Whether this node can take a pod that was bound to it, by the scheduler or by hand. A refused pod becomes `Failed` with
 * the reason given here. Pure.
 */
export function admit(pod: Pod, others: readonly Pod[], node: Node): Waiting | undefined {
  const labels = node.metadata.labels ?? {}
  const rejected = (reason: string, message: string): Waiting => ({ reason, message: `Pod was rejected: ${message}` })
  if (pod.spec.os?.name && pod.spec.os.name !== 'linux') return rejected('PodOSNotSupported', `Failed to admit pod as the OS field doesn't match node OS`)
  if (!matchesNode(pod, node.metadata.name, labels)) return rejected('NodeAffinity', `Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector`)
  const active = others.filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed')
  const port = conflictingPort(pod, active)
  if (port) return rejected('NodePorts', `Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports`)
  for (const [name, capacity] of Object.entries(node.status?.allocatable ?? {})) {
    const requested = name === 'pods' ? 1000 : podRequests(pod, name)
    if (requested === 0) continue
    const used = active.reduce((sum, other) => sum + (name === 'pods' ? 1000 : podRequests(other, name)), 0)
    const available = quantityMilliValue(capacity)
    if (requested + used <= available) continue
    const unit = (milli: number): number => (name === 'cpu' ? milli : Math.ceil(milli / 1000))
    return rejected(`OutOf${name}`, `Node didn't have enough resource: ${name}, requested: ${unit(requested)}, used: ${unit(used)}, capacity: ${unit(available)}`)
  }
  return undefined
}

function matchesNode(pod: Pod, name: string, labels: Readonly<Record<string, string>>): boolean {
  if (!Object.entries(pod.spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return !required || required.nodeSelectorTerms.some((term) => matchesTerm(term, name, labels))
}

function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, name: string, labels: Readonly<Record<string, string>>): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  return matchExpressions.every((requirement) => matches(requirement, labels[requirement.key]))
    && matchFields.every((requirement) => requirement.key === 'metadata.name' && matches(requirement, name))
}

function matches({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In': return value !== undefined && values.includes(value)
    case 'NotIn': return value === undefined || !values.includes(value)
    case 'Exists': return value !== undefined
    case 'DoesNotExist': return value === undefined
    case 'Gt': return value !== undefined && Number(value) > Number(values[0])
    case 'Lt': return value !== undefined && Number(value) < Number(values[0])
    default: return false
  }
}

interface HostPort { readonly ip: string; readonly protocol: string; readonly port: number }

const hostPorts = (pod: Pod): HostPort[] => pod.spec.containers.flatMap(({ ports = [] }) =>
  ports.filter(({ hostPort }) => hostPort).map(({ hostPort, protocol = 'TCP', hostIP }) => ({ ip: hostIP || '0.0.0.0', protocol, port: hostPort! })))

function conflictingPort(pod: Pod, others: readonly Pod[]): HostPort | undefined {
  const wanted = hostPorts(pod)
  if (wanted.length === 0) return undefined
  const taken = others.flatMap(hostPorts)
  return wanted.find((a) => taken.some((b) => a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0')))
}
