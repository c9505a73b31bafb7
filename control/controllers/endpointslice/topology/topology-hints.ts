import type { Node } from '../../../../api/types/core-v1/node.ts'
import type { Service } from '../../../../api/types/core-v1/service.ts'
import type { Family } from '../../service-pods/membership.ts'
import { isOverloaded } from './allocations.ts'
import { assignHints, removeHints } from './assign-hints.ts'
import type { FamilySlices, Hinted } from './assign-hints.ts'
import { zoneRatios } from './zone-ratios.ts'

/** What the service is told. */
export interface HintEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: 'TopologyAwareHintsEnabled' | 'TopologyAwareHintsDisabled'
  readonly message: string
}

/** `service.kubernetes.io/topology-mode: Auto`, and the same under its older name, which wins. */
export function wantsTopologyHints({ metadata: { annotations = {} } }: Service): boolean {
  const value = annotations['service.kubernetes.io/topology-aware-hints'] ?? annotations['service.kubernetes.io/topology-mode']
  return value === 'Auto' || value === 'auto'
}

/** Topology-aware routing: which zone each endpoint of a service is hinted to, and which services that has to be looked at anew for. */
export class TopologyHints {
  readonly #nodes: () => readonly Node[]
  /** Undefined: to be reckoned when somebody asks. */
  #zones: { readonly ratios: ReadonlyMap<string, number> | undefined } | undefined
  /** Endpoints by zone, of each family of each service that has hints. */
  readonly #allocated = new Map<string, Map<Family, ReadonlyMap<string, number>>>()
  readonly #populated = new Set<string>()

  constructor(nodes: () => readonly Node[]) {
    this.#nodes = nodes
  }

  /** Nodes have come, gone or changed. Returns the keys of the services in which a zone has too few endpoints now. */
  nodesChanged(): string[] {
    this.#zones = undefined
    return [...this.#allocated].filter(([, families]) => [...families.values()].some((allocated) => isOverloaded(allocated, this.#ratios()))).map(([key]) => key)
  }

  /** The slices of a service and family with their hints. */
  adjust(key: string, service: Service, family: Family, slices: FamilySlices): Pick<Hinted, 'create' | 'update'> & { readonly events: readonly HintEvent[] } {
    const disabled = (why: string): HintEvent => ({ type: 'Warning', reason: 'TopologyAwareHintsDisabled', message: `${why}, addressType: ${family}` })
    if (!wantsTopologyHints(service)) {
      const events = this.#populated.has(key) ? [disabled('Topology Aware Hints has been disabled')] : []
      this.#remove(key, family)
      // Hints of `trafficDistribution` are in the endpoints already.
      return { create: slices.create, update: slices.update, events }
    }
    const hinted = assignHints(slices, this.#ratios())
    if (typeof hinted === 'string') {
      this.#remove(key, family)
      return { ...removeHints(slices), events: [disabled(hinted)] }
    }
    const events: HintEvent[] = this.#populated.has(key) ? [] : [{ type: 'Normal', reason: 'TopologyAwareHintsEnabled', message: `Topology Aware Hints has been enabled, addressType: ${family}` }]
    const families = this.#allocated.get(key) ?? new Map<Family, ReadonlyMap<string, number>>()
    this.#allocated.set(key, families.set(family, hinted.allocated))
    this.#populated.add(key)
    return { create: hinted.create, update: hinted.update, events }
  }

  /** The service is gone. */
  forget(key: string): void {
    this.#allocated.delete(key)
    this.#populated.delete(key)
  }

  #ratios(): ReadonlyMap<string, number> | undefined {
    return (this.#zones ??= { ratios: zoneRatios(this.#nodes()) }).ratios
  }

  #remove(key: string, family: Family): void {
    const families = this.#allocated.get(key)
    families?.delete(family)
    if (families?.size === 0) this.#allocated.delete(key)
    this.#populated.delete(key)
  }
}
