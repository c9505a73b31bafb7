import type { AdmissionPlugin } from './admission.ts'
import { writtenPod } from './pod-request.ts'

const seconds = 300
const keys = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

/** Pods bear a node that is not ready or out of reach for five minutes, unless they say how long. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  admit(request) {
    const pod = writtenPod(request)
    if (!pod) return
    const given = pod.spec.tolerations ?? []
    const missing = keys.filter((key) => !given.some((toleration) => (toleration.key === key || !toleration.key) && (toleration.effect === 'NoExecute' || !toleration.effect)))
    if (missing.length === 0) return
    pod.spec.tolerations = [...given, ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: seconds }))]
  },
}
