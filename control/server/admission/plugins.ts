import type { AdmissionPlugin } from './admission.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { priority } from './priority.ts'
import { serviceAccount } from './service-account.ts'
import { serviceFamilies } from './service-families.ts'
import { taintNodesByCondition } from './taint-nodes-by-condition.ts'

/**
 * The order of admission. The rule: first who may refuse without looking at the object (is there a namespace?), then who
 * fills in what others look at (the service account before anything it brings along, the priority before what depends
 * on it), last who only adds.
 */
export const admissionPlugins: readonly AdmissionPlugin[] = Object.freeze([
  namespaceLifecycle,
  serviceAccount,
  taintNodesByCondition,
  priority,
  defaultTolerationSeconds,
  serviceFamilies,
])
