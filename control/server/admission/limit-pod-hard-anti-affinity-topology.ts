import { forbidden } from '../../../api/errors.ts'
import type { AdmissionPlugin } from './admission.ts'
import { writtenPod } from './pod-request.ts'

const hostname = 'kubernetes.io/hostname'

/** No pod keeps others out of more than its own node. */
export const limitPodHardAntiAffinityTopology: AdmissionPlugin = {
  name: 'LimitPodHardAntiAffinityTopology', optIn: true,
  validate(request) {
    const pod = writtenPod(request)
    const wide = pod?.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.find(({ topologyKey }) => topologyKey !== hostname)
    if (wide) throw forbidden(request.kind, pod!.metadata.name, `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${wide.topologyKey} but only key ${hostname} is allowed`)
  },
}
