import { parseQuantity, quantityMilliValue } from '../../api/schema/quantity.ts'
import type { ResourceFieldSelector } from '../../api/types/core-v1/common.ts'
import type { Container } from '../../api/types/core-v1/container.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'

/** What the downward API tells that is not in the pod's spec. */
export interface DownwardFacts {
  readonly podIPs: readonly string[]
  readonly hostIPs: readonly string[]
  /** Stand in for limits that are not set; canonical quantities. */
  readonly allocatable: Readonly<Record<string, string>>
}

/** `key="value"` lines in key order, as the files of a downward API volume have them. */
const formatMap = (map: Readonly<Record<string, string>> | undefined): string =>
  Object.keys(map ?? {}).sort().map((key) => `${key}=${JSON.stringify(map![key])}`).join('\n')

/** The value of a `fieldRef`; undefined when there is no such field. */
export function fieldValue(pod: Pod, path: string, facts: Pick<DownwardFacts, 'podIPs' | 'hostIPs'>): string | undefined {
  const subscript = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/.exec(path)
  if (subscript) return (subscript[1] === 'metadata.labels' ? pod.metadata.labels : pod.metadata.annotations)?.[subscript[2]!] ?? ''
  switch (path) {
    case 'metadata.name': return pod.metadata.name
    case 'metadata.namespace': return pod.metadata.namespace ?? ''
    case 'metadata.uid': return pod.metadata.uid ?? ''
    case 'metadata.labels': return formatMap(pod.metadata.labels)
    case 'metadata.annotations': return formatMap(pod.metadata.annotations)
    case 'spec.nodeName': return pod.spec.nodeName ?? ''
    case 'spec.serviceAccountName': return pod.spec.serviceAccountName ?? ''
    case 'status.hostIP': return facts.hostIPs[0] ?? ''
    case 'status.hostIPs': return facts.hostIPs.join(',')
    case 'status.podIP': return facts.podIPs[0] ?? ''
    case 'status.podIPs': return facts.podIPs.join(',')
    default: return undefined
  }
}

/** The value of a `resourceFieldRef`, in units of its divisor, rounded up; undefined when there is no such resource. */
export function resourceValue(container: Container, selector: ResourceFieldSelector, facts: Pick<DownwardFacts, 'allocatable'>): string | undefined {
  const match = /^(limits|requests)\.(.+)$/.exec(selector.resource)
  if (!match) return undefined
  const [, of, name] = match as unknown as [string, 'limits' | 'requests', string]
  const set = container.resources?.[of]?.[name] ?? (of === 'requests' ? container.resources?.limits?.[name] : undefined)
  const quantity = set ?? (of === 'limits' ? facts.allocatable[name] : undefined) ?? '0'
  const divisor = selector.divisor && quantityMilliValue(selector.divisor) !== 0 ? selector.divisor : '1'
  const value = parseQuantity(quantity).nano
  const by = parseQuantity(divisor).nano
  return String((value + by - 1n) / by)
}
