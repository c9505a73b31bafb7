import { forbidden } from '../../../api/errors.ts'
import type { AdmissionPlugin } from './admission.ts'
import { newPod } from './pod-request.ts'

/** The two classes every cluster has. PriorityClass is not served yet; other names are refused as the original refuses unknown ones. */
const classes: Readonly<Record<string, number>> = { 'system-cluster-critical': 2_000_000_000, 'system-node-critical': 2_000_001_000 }

/** Turns a pod's priority class into its number. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  admit(request) {
    const pod = newPod(request)
    if (!pod) return
    const { spec } = pod
    const name = spec.priorityClassName ?? ''
    if (name !== '' && !Object.hasOwn(classes, name)) throw forbidden(request.kind, pod.metadata.name, `no PriorityClass with name ${name} was found`)
    const value = name === '' ? 0 : classes[name]!
    if (spec.priority !== undefined && spec.priority !== value) {
      throw forbidden(request.kind, pod.metadata.name, `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`)
    }
    spec.priority = value
    spec.preemptionPolicy ??= 'PreemptLowerPriority'
  },
}
