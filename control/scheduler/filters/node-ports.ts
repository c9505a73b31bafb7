import { isPortTaken } from '../node-info.ts'
import type { Filter } from '../plugin.ts'
import { resolvable } from '../plugin.ts'

const refusal = resolvable("node(s) didn't have free ports for the requested pod ports")

/** A port of the node belongs to one pod. */
export const nodePorts: Filter = {
  name: 'NodePorts',
  prepare: ({ ports }) => (ports.length ? (node) => (isPortTaken(node, ports) ? refusal : undefined) : undefined),
}
