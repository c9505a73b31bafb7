import { priorityClasses } from '../../../api/kinds/scheduling-v1/priority-class.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { PriorityClass } from '../../../api/types/scheduling-v1.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { memoryOf } from './memory.ts'
import { writtenPod } from './pod-request.ts'
import { refuse } from './refuse.ts'

const memory = memoryOf<PriorityClass>(priorityClasses)
export const systemPriorityClasses: Readonly<Record<string, { readonly value: number; readonly description: string }>> = {
  'system-node-critical': { value: 2_000_001_000, description: 'Used for system critical pods that must not be moved from their current node.' },
  'system-cluster-critical': { value: 2_000_000_000, description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.' },
}
const isSystem = (name: string): boolean => Object.hasOwn(systemPriorityClasses, name)

/** Turns a pod's priority class into its number; there is one default class, and those of the system stay. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  load: memory.load,
  admit(request, tools) {
    const pod = writtenPod(request)
    if (!pod) return
    if (request.operation === 'update') return keep(pod, request.old as Pod)
    const name = pod.spec.priorityClassName ?? ''
    if (name === '') return memory.all(tools, (classes) => settle(request, pod, defaultClass(classes)))
    return memory.find(tools, '', name, (found) => {
      if (!found) throw refuse(request, `no PriorityClass with name ${name} was found`)
      settle(request, pod, found)
    })
  },
  validate(request, tools) {
    const { kind, operation, subresource, name, object } = request
    if (kind.resource !== 'priorityclasses' || kind.group !== 'scheduling.k8s.io' || subresource !== '') return
    if (operation === 'delete') {
      if (isSystem(name)) throw refuse(request, 'this is a system priority class and cannot be deleted')
      return
    }
    if (!object?.globalDefault) return
    return memory.all(tools, (classes) => {
      const there = defaultClass(classes)
      if (there && (operation === 'create' || there.metadata.name !== object.metadata.name)) throw refuse(request, `PriorityClass ${there.metadata.name} is already marked as default. Only one default can exist`)
    })
  },
}

/** Should two have slipped in at once, the lower one counts. */
const defaultClass = (classes: readonly PriorityClass[]): PriorityClass | undefined =>
  classes.filter(({ globalDefault }) => globalDefault).sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0]

function settle(request: AdmissionRequest, { spec }: Pod, found: PriorityClass | undefined): void {
  const value = found?.value ?? 0
  const policy = found ? found.preemptionPolicy : 'PreemptLowerPriority'
  if (spec.priority !== undefined && spec.priority !== value) {
    throw refuse(request, `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`)
  }
  if (policy && spec.preemptionPolicy && spec.preemptionPolicy !== policy) {
    throw refuse(request, `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`)
  }
  if (found) spec.priorityClassName = found.metadata.name
  spec.priority = value
  if (policy) spec.preemptionPolicy = policy
}

/** Clients that do not know these fields leave them out of an update. */
function keep({ spec }: Pod, old: Pod): void {
  if (old.spec.priority !== undefined) spec.priority ??= old.spec.priority
  if (old.spec.preemptionPolicy !== undefined) spec.preemptionPolicy ??= old.spec.preemptionPolicy
}
