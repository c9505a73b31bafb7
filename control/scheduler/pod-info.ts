import { podRequests } from '../../api/kinds/pod-requests.ts'
import type { Container } from '../../api/types/core-v1/container.ts'
import type { Pod, PodSpec } from '../../api/types/core-v1/pod.ts'
import type { Amounts } from './resources.ts'
import { amountsOf } from './resources.ts'
import type { PodTerms } from './terms.ts'
import { podTermsOf } from './terms.ts'

/** What scheduling needs to know of a pod, worked out once for each state of it. */
export interface PodInfo {
  readonly pod: Pod
  /** `namespace/name`. */
  readonly key: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly requests: Amounts
  /** For the scores: a container that asks for nothing counts as a small one, so that such pods spread too. */
  readonly likelyUse: Amounts
  readonly ports: readonly HostPort[]
  readonly terms: PodTerms
  /** The uid of its controller: pods of one controller are spread. */
  readonly owner: string | undefined
  readonly priority: number
}

export interface HostPort { readonly protocol: string; readonly ip: string; readonly port: number }

const infos = new WeakMap<Pod, PodInfo>()

/** Objects from an informer are frozen, so a pod's info is as good as the pod. */
export function podInfoOf(pod: Pod): PodInfo {
  const known = infos.get(pod)
  if (known) return known
  const { metadata, spec } = pod
  const info: PodInfo = {
    pod, key: `${metadata.namespace}/${metadata.name}`, namespace: metadata.namespace ?? '', labels: metadata.labels ?? {},
    requests: amountsOf(podRequests(spec)), likelyUse: amountsOf(podRequests(withLikelyRequests(spec))), ports: hostPortsOf(spec),
    terms: podTermsOf(pod), owner: metadata.ownerReferences?.find(({ controller }) => controller)?.uid, priority: spec.priority ?? 0,
  }
  infos.set(pod, info)
  return info
}

const likely = { cpu: '100m', memory: '200Mi' }

function withLikelyRequests(spec: PodSpec): PodSpec {
  const fill = (container: Container): Container => ({ ...container, resources: { ...container.resources, requests: { ...likely, ...container.resources?.requests } } })
  return { ...spec, containers: spec.containers.map(fill), ...(spec.initContainers && { initContainers: spec.initContainers.map(fill) }) }
}

function hostPortsOf({ containers, initContainers = [] }: PodSpec): HostPort[] {
  const lasting = [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')]
  return lasting.flatMap(({ ports = [] }) => ports.filter(({ hostPort }) => hostPort)
    .map(({ hostPort, hostIP, protocol }) => ({ protocol: protocol || 'TCP', ip: hostIP || '0.0.0.0', port: hostPort! })))
}
