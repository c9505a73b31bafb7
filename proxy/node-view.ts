import type { Node } from '../api/types/core-v1/node.ts'
import { canonicalIP } from './cidr.ts'
import type { NodeView } from './table.ts'

/** What this node knows of itself and the others, one Node object at a time. */
export class NodeViewTracker {
  #view: NodeView
  readonly #addresses = new Map<string, readonly string[]>()

  constructor(view: NodeView) {
    this.#view = view
  }

  set(node: Node): NodeView {
    const { name, labels } = node.metadata
    this.#addresses.set(name, (node.status?.addresses ?? []).flatMap(({ type, address }) => (type.endsWith('IP') ? canonicalIP(address) ?? [] : [])))
    if (name === this.#view.name) this.#view = { ...this.#view, zone: labels?.['topology.kubernetes.io/zone'] }
    return this.#next()
  }

  delete(node: Node): NodeView {
    this.#addresses.delete(node.metadata.name)
    return this.#next()
  }

  #next(): NodeView {
    this.#view = { ...this.#view, nodeAddresses: new Set([...this.#addresses.values()].flat().sort()) }
    return this.#view
  }
}
