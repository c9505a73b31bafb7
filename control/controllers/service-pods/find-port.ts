import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { ServicePort } from '../../../api/types/core-v1/service.ts'

/** The number a service port leads to in this pod; `undefined` when the pod has no container port of the wanted name and protocol. */
export function findPort(pod: Pod, { targetPort, port, protocol = 'TCP' }: ServicePort): number | undefined {
  if (typeof targetPort === 'number' && targetPort !== 0) return targetPort
  if (typeof targetPort !== 'string' || targetPort === '') return port
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  const ports = [...pod.spec.containers, ...sidecars].flatMap((container) => container.ports ?? [])
  return ports.find((candidate) => candidate.name === targetPort && (candidate.protocol ?? 'TCP') === protocol)?.containerPort
}
