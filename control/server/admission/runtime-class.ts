import { runtimeClasses } from '../../../api/kinds/node-v1/runtime-class.ts'
import { compareQuantities } from '../../../api/schema/quantity.ts'
import type { ResourceList, Toleration } from '../../../api/types/core-v1/common.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { RuntimeClass } from '../../../api/types/node-v1.ts'
import type { Tools } from '../tools.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { memoryOf } from './memory.ts'
import { newPod } from './pod-request.ts'
import { refuse } from './refuse.ts'

const memory = memoryOf<RuntimeClass>(runtimeClasses)
const mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"

/** What a runtime takes for itself, and where it is to be found, becomes part of the pods that run in it. */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  load: memory.load,
  admit(request, tools) {
    const pod = newPod(request)
    if (!pod?.spec.runtimeClassName) return
    return withClass(request, tools, pod, (found) => {
      setOverhead(request, pod, found)
      setScheduling(request, pod, found)
    })
  },
  validate(request, tools) {
    const pod = newPod(request)
    if (!pod || (!pod.spec.overhead && !pod.spec.runtimeClassName)) return
    return withClass(request, tools, pod, (found) => {
      const fixed = found?.overhead?.podFixed
      if (fixed ? !equal(fixed, pod.spec.overhead) : pod.spec.overhead) throw refuse(request, fixed ? mismatch : 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
    })
  },
}

function withClass(request: AdmissionRequest, tools: Tools, pod: Pod, use: (found: RuntimeClass | undefined) => void): void | Promise<void> {
  const name = pod.spec.runtimeClassName
  if (!name) return use(undefined)
  return memory.find(tools, '', name, (found) => {
    if (!found) throw refuse(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`)
    use(found)
  })
}

function setOverhead(request: AdmissionRequest, { spec }: Pod, found: RuntimeClass | undefined): void {
  const fixed = found?.overhead?.podFixed
  if (!fixed) return
  if (spec.overhead && !equal(fixed, spec.overhead)) throw refuse(request, mismatch)
  spec.overhead = { ...fixed }
}

function setScheduling(request: AdmissionRequest, { spec }: Pod, found: RuntimeClass | undefined): void {
  if (!found?.scheduling) return
  const { nodeSelector = {}, tolerations = [] } = found.scheduling
  for (const [key, value] of Object.entries(nodeSelector)) {
    const own = spec.nodeSelector && Object.hasOwn(spec.nodeSelector, key) ? spec.nodeSelector[key] : undefined
    if (own !== undefined && own !== value) throw refuse(request, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`)
  }
  if (Object.keys(nodeSelector).length > 0) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector }
  if (tolerations.length > 0) spec.tolerations = mergeTolerations([...spec.tolerations ?? [], ...structuredClone(tolerations)])
}

/** Without those that another of the list includes. */
function mergeTolerations(all: readonly Toleration[]): Toleration[] {
  const kept: Toleration[] = []
  for (const [i, one] of all.entries()) {
    const included = kept.some((other) => includes(other, one)) || all.slice(i + 1).some((other) => includes(other, one) && !includes(one, other))
    if (!included) kept.push(one)
  }
  return kept
}

/** Whether whatever `two` bears, `one` bears too, and as long. */
function includes(one: Toleration, two: Toleration): boolean {
  if (one.effect && one.effect !== two.effect) return false
  if (one.key && one.key !== two.key) return false
  if (one.effect === 'NoExecute' && one.tolerationSeconds !== undefined && (two.tolerationSeconds === undefined || two.tolerationSeconds > one.tolerationSeconds)) return false
  if (one.operator === 'Exists') return true
  return (two.operator ?? 'Equal') === (one.operator ?? 'Equal') && one.key === two.key && (one.value ?? '') === (two.value ?? '')
}

function equal(a: ResourceList, b: ResourceList | undefined): boolean {
  const names = Object.keys(a)
  return b !== undefined && names.length === Object.keys(b).length && names.every((name) => b[name] !== undefined && compareQuantities(a[name]!, b[name]) === 0)
}
