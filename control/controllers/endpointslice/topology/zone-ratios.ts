import { quantityMilliValue } from '../../../../api/schema/quantity.ts'
import type { Node } from '../../../../api/types/core-v1/node.ts'

export const zoneOf = (node: Node | undefined): string | undefined => node?.metadata.labels?.['topology.kubernetes.io/zone'] || undefined

/** The share that each zone has of the CPUs of all ready workers; `undefined` when that cannot be told, or all are in one zone. */
export function zoneRatios(nodes: readonly Node[]): ReadonlyMap<string, number> | undefined {
  const byZone = new Map<string, number>()
  let total = 0
  for (const node of nodes.filter((each) => !isControlPlane(each) && isReady(each))) {
    const zone = zoneOf(node)
    const cpu = quantityMilliValue(node.status?.allocatable?.cpu ?? '0')
    if (zone === undefined || cpu === 0) return undefined
    byZone.set(zone, (byZone.get(zone) ?? 0) + cpu)
    total += cpu
  }
  return byZone.size < 2 ? undefined : new Map([...byZone].sort(([a], [b]) => (a < b ? -1 : 1)).map(([zone, cpu]) => [zone, cpu / total]))
}

/** Pods of Services rarely run there, so that its CPUs do not count. */
export const isControlPlane = ({ metadata: { labels = {} } }: Node): boolean => 'node-role.kubernetes.io/control-plane' in labels || 'node-role.kubernetes.io/master' in labels
const isReady = ({ status }: Node): boolean => status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
