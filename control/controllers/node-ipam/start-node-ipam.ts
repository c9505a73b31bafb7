import { startController } from '../../../api/client/controller.ts'
import { isNotFound } from '../../../api/errors.ts'
import { nodes as nodeKind } from '../../../api/kinds/core-v1/node.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import type { ControllerDeps, ControllerOptions, RunningController } from '../deps.ts'
import { unless } from '../shared/unless.ts'
import { parseCidr } from '../../../api/cidr.ts'
import { CidrSet } from './cidr-set.ts'

/** Gives every node its part of the pod network: `spec.podCIDR` and `spec.podCIDRs`. */
export function startNodeIpam(deps: ControllerDeps): RunningController {
  const { client } = deps
  const recorder = deps.recorder('cidrAllocator')
  const nodes = deps.informers.of(nodeKind)
  const sets = cidrSets(deps.options ?? {})
  /** Given out by node uid, from the moment of taking: a second look before the cache shows it must not take again. */
  const given = new Map<string, readonly string[]>()
  const each = (cidrs: readonly string[], act: (set: CidrSet, cidr: string) => void) => { for (const set of sets) for (const cidr of cidrs) act(set, cidr) }
  const occupy = (node: Node) => each(cidrsOf(node), (set, cidr) => set.occupy(cidr))

  const controller = startController({
    name: 'node-ipam-controller', client, clock: deps.clock, log: deps.log, signal: deps.signal, metrics: deps.metrics, for: nodes,
    async reconcile(name) {
      const node = nodes.get(name)
      if (!node || cidrsOf(node).length > 0 || node.metadata.deletionTimestamp) return
      const uid = node.metadata.uid ?? ''
      const podCIDRs = given.get(uid) ?? takeAll(sets)
      if (!podCIDRs) return recorder.event(node, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`)
      given.set(uid, podCIDRs)
      await client.patch(nodeKind, { name }, { type: 'merge', patch: { metadata: { uid }, spec: { podCIDR: podCIDRs[0], podCIDRs } } }).catch(unless(isNotFound))
    },
  })
  const stopObserving = nodes.on({
    add: occupy,
    update: occupy,
    delete(node) {
      const uid = node.metadata.uid ?? ''
      each([...cidrsOf(node), ...(given.get(uid) ?? [])], (set, cidr) => set.release(cidr))
      given.delete(uid)
      for (const waiting of nodes.list()) if (cidrsOf(waiting).length === 0) controller.enqueue(waiting.metadata.name)
    },
  })
  return { async stop() { stopObserving(); await controller.stop() } }
}

const cidrsOf = ({ spec }: Node): readonly string[] => spec.podCIDRs ?? (spec.podCIDR ? [spec.podCIDR] : [])

function cidrSets({ clusterCIDRs = ['10.244.0.0/16'], nodeCIDRMaskSizes = {} }: ControllerOptions): CidrSet[] {
  return clusterCIDRs.map((text) => {
    const network = parseCidr(text)
    const wanted = network.bits === 32 ? nodeCIDRMaskSizes.IPv4 ?? 24 : nodeCIDRMaskSizes.IPv6 ?? 64
    return new CidrSet(network, Math.max(network.prefix, wanted))
  })
}

/** One share of each network, or none at all. */
function takeAll(sets: readonly CidrSet[]): readonly string[] | undefined {
  const taken = sets.map((set) => set.take())
  if (taken.every((cidr) => cidr !== undefined)) return taken
  taken.forEach((cidr, i) => { if (cidr !== undefined) sets[i]!.release(cidr) })
  return undefined
}
