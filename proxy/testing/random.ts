import type { Service, ServiceSpec } from '../../api/types/core-v1/service.ts'
import type { Endpoint, EndpointSlice } from '../../api/types/discovery-v1.ts'
import { Tracker } from '../tracker.ts'
import type { NodeView } from '../table.ts'
import { aService, aSlice } from './objects.ts'

/** The seed of property tests: fixed, unless `K8TS_TEST_SEED` says another. Tests name it, so that a failure can be had again. */
export const seed = Number(process.env['K8TS_TEST_SEED'] ?? 20_261_130)

/** Numbers below `limit`, always the same ones after the same seed (mulberry32). */
export function createRandom(start: number) {
  let state = start
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!
  return { below, pick, chance: (oneIn: number) => below(oneIn) === 0 }
}

/** A cluster in which anything may change at any time: what stands in its API, and a tracker that was told of each change. */
export function createRandomCluster(start: number) {
  const { below, pick, chance } = createRandom(start)
  const names = Array.from({ length: 12 }, (_, number) => `s${number}`)
  const services = new Map<string, Service>()
  const slices = new Map<string, EndpointSlice>()
  let node: NodeView = { name: 'n1', zone: 'a', clusterCIDRs: ['10.244.0.0/16', 'fd00:244::/32'], nodeAddresses: new Set(['192.0.2.1']) }
  const tracker = new Tracker(node)

  const endpoint = (family: 4 | 6): Endpoint => ({
    addresses: [family === 4 ? `10.244.0.${1 + below(6)}` : `fd00:244::${1 + below(6)}`], nodeName: pick(['n1', 'n2']),
    conditions: pick([{ ready: true }, { ready: true }, { ready: false }, { ready: false, serving: true, terminating: true }]),
    ...(chance(4) && { hints: { forZones: [{ name: pick(['a', 'b']) }] } }),
  })
  const spec = (name: string): Partial<ServiceSpec> => {
    const number = names.indexOf(name)
    return {
      // Some have no address, and some claim another's.
      clusterIP: chance(10) ? 'None' : `10.96.0.${number}`, ...(chance(2) && { clusterIPs: [`10.96.0.${number}`, `fd00:96::${number}`] }),
      ports: [{ name: 'a', protocol: 'TCP', port: 80, ...(chance(2) && { nodePort: 30_000 + below(8) }) }, ...(chance(2) ? [{ name: 'b', protocol: pick(['TCP', 'UDP']), port: 53 }] : [])],
      ...(chance(3) && { externalIPs: [`198.51.100.${below(4)}`] }), ...(chance(3) && { sessionAffinity: 'ClientIP' }),
      ...(chance(3) && { externalTrafficPolicy: 'Local' }), ...(chance(5) && { internalTrafficPolicy: 'Local' }), ...(chance(4) && { loadBalancerSourceRanges: ['203.0.113.0/24', '192.0.2.7/32'] }),
    }
  }
  const actions = {
    setService() {
      const name = pick(names)
      const service = { ...aService(spec(name), name), ...(chance(3) && { status: { loadBalancer: { ingress: [{ ip: `203.0.113.${below(3)}` }] } } }) }
      services.set(name, service)
      tracker.setService(service)
    },
    deleteService() {
      const service = services.get(pick(names))
      if (!service) return
      services.delete(service.metadata.name)
      tracker.deleteService(service)
    },
    setSlice() {
      const [name, family] = [`slice${below(20)}`, pick([4, 6] as const)]
      const slice = aSlice(Array.from({ length: below(4) }, () => endpoint(family)), { name, service: pick(names), addressType: `IPv${family}`, ports: [{ name: 'a', port: 8080 }, { name: 'b', port: 5353 }] })
      tracker.setSlice(slice, slices.get(name))
      slices.set(name, slice)
    },
    deleteSlice() {
      const slice = slices.get(`slice${below(20)}`)
      if (!slice) return
      slices.delete(slice.metadata.name)
      tracker.deleteSlice(slice)
    },
    /** The same object again, as after a list. */
    repeat() {
      for (const service of services.values()) tracker.setService(structuredClone(service))
    },
    setNode() {
      node = { ...node, zone: pick(['a', 'b']), nodeAddresses: new Set([`198.51.100.${below(4)}`]) }
      tracker.setNode(node)
    },
  }
  const often = ['setService', 'setSlice', 'setSlice', 'setSlice', 'deleteSlice', 'deleteService'] as const
  return {
    tracker,
    /** Between one change and several. */
    act() {
      for (let count = 1 + below(4); count > 0; count--) actions[chance(20) ? pick(['repeat', 'setNode'] as const) : pick(often)]()
    },
    /** A tracker that hears of what stands now for the first time. */
    anew(): Tracker {
      const fresh = new Tracker(node)
      for (const service of services.values()) fresh.setService(service)
      for (const slice of slices.values()) fresh.setSlice(slice)
      return fresh
    },
  }
}
