import type { AdmissionPlugin } from './admission.ts'
import { isExtendedResource } from './resource-names.ts'
import { containersOf, writtenPod } from './pod-request.ts'

/** Who asks for a special device may go where only such pods may. */
export const extendedResourceToleration: AdmissionPlugin = {
  name: 'ExtendedResourceToleration', optIn: true,
  admit(request) {
    const pod = writtenPod(request)
    if (!pod) return
    const names = new Set(containersOf(pod.spec).flatMap(({ resources }) => Object.keys(resources?.requests ?? {}).filter(isExtendedResource)))
    const given = pod.spec.tolerations ?? []
    const missing = [...names].sort().filter((key) => !given.some((toleration) => toleration.key === key && toleration.operator === 'Exists' && !toleration.effect))
    if (missing.length > 0) pod.spec.tolerations = [...given, ...missing.map((key) => ({ key, operator: 'Exists' }))]
  },
}
