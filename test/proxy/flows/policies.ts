import { beforeAll, describe, expect, test } from 'vitest'
import { foreignIP, nodeIP, outsideIP, podIP, type Place } from '../flow-lab.ts'
import { outOfTurn, servicePorts, type GivenEndpoint, type Served } from '../flow-cluster.ts'
import { lower, pairs, type FlowContext } from '../packet-flow.suite.ts'

export function policyFlows({ cluster, families, protocols, traits }: FlowContext): void {
  describe('externalTrafficPolicy Local', () => {
    let local: Served, empty: Served
    beforeAll(async () => {
      const ingress = families.flatMap((family) => (['n1', 'n3'] as const).map((way) => foreignIP(way, 40, family)))
      local = await cluster().serve('local', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', to: ['p1', 'p2', 'p3'], ingress, later: true })
      empty = await cluster().serve('local-none', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', to: [], ingress: families.map((family) => foreignIP('n1', 41, family)) })
    })

    describe.for(pairs(families, protocols))('%s %s', ([family, protocol]) => {
      const nodePort = (served: Served, from: Place, node: 'n1' | 'n2' | 'n3', times = 1) => ({ from, protocol: lower(protocol), host: nodeIP(node, family), port: served.nodePort(protocol), times })
      const balancer = (from: Place, way: 'n1' | 'n3', times = 1) => ({ from, protocol: lower(protocol), host: foreignIP(way, 40, family), port: servicePorts[protocol], times })

      test('callers from outside reach only endpoints of the node they asked', async () => {
        expect(outOfTurn(await cluster().ask(nodePort(local, 'outside', 'n1', 4)), ['p1', 'p2'])).toBeUndefined()
        expect(outOfTurn(await cluster().ask(balancer('outside', 'n1', 4)), ['p1', 'p2'])).toBeUndefined()
        expect(await cluster().ask(nodePort(local, 'outside', 'n2', 2))).toEqual(['p3', 'p3'])
      })

      test.skipIf(!traits.showsOutsideSources)('… by their own address', async () => {
        expect(await cluster().sourceSeen(nodePort(local, 'outside', 'n1'))).toBe(outsideIP(family))
        expect(await cluster().sourceSeen(balancer('outside', 'n1'))).toBe(outsideIP(family))
        expect(await cluster().sourceSeen(nodePort(local, 'outside', 'n2'))).toBe(outsideIP(family))
      })

      test('a node without endpoints is silent, so that a load balancer tries another', async () => {
        expect(await cluster().silence([nodePort(local, 'outside', 'n3'), balancer('outside', 'n3')])).toEqual(['timeout', 'timeout'])
      })

      test('callers inside the cluster reach all endpoints, from any node', async () => {
        for (const [from, way, node] of [['c1', 'n1', 'n1'], ['n1', 'n1', 'n1'], ['c3', 'n3', 'n3'], ['n3', 'n3', 'n3']] as const) {
          expect(outOfTurn(await cluster().ask(balancer(from, way, 4)), ['p1', 'p2', 'p3']), from).toBeUndefined()
          expect(outOfTurn(await cluster().ask(nodePort(local, from, node, 4)), ['p1', 'p2', 'p3']), from).toBeUndefined()
        }
        expect(outOfTurn(await cluster().ask({ ...balancer('c3', 'n3', 4), host: local.ip(family) }), ['p1', 'p2', 'p3'])).toBeUndefined()
      })

      test('is refused where there is no endpoint in the whole cluster', async () => {
        expect(await cluster().ask(nodePort(empty, 'outside', 'n1'))).toEqual(['ECONNREFUSED'])
        expect(await cluster().ask({ ...balancer('outside', 'n1'), host: foreignIP('n1', 41, family) })).toEqual(['ECONNREFUSED'])
      })
    })
  })

  describe('internalTrafficPolicy Local', () => {
    let inner: Served
    beforeAll(async () => { inner = await cluster().serve('inner', { type: 'NodePort', internalTrafficPolicy: 'Local', to: ['p1', 'p2', 'p3'] }) })

    test.for(pairs(families, protocols))('%s %s', async ([family, protocol]) => {
      const at = (from: Place, times = 1) => ({ from, protocol: lower(protocol), host: inner.ip(family), port: servicePorts[protocol], times })
      for (const from of ['c1', 'n1'] as const) expect(outOfTurn(await cluster().ask(at(from, 4)), ['p1', 'p2']), from).toBeUndefined()
      expect(await cluster().ask(at('p3', 2))).toEqual(['p3', 'p3'])
      expect(await cluster().silence([at('c3'), at('n3')])).toEqual(['timeout', 'timeout'])
      // It says nothing about the node port.
      expect(outOfTurn(await cluster().ask({ ...at('outside', 4), host: nodeIP('n3', family), port: inner.nodePort(protocol) }), ['p1', 'p2', 'p3'])).toBeUndefined()
    })
  })

  describe('hints', () => {
    const hinted = (pod: 'p1' | 'p2' | 'p3', hints: NonNullable<Exclude<GivenEndpoint, string>['hints']>): GivenEndpoint => ({ pod, hints })
    const forZone = (name: string) => ({ forZones: [{ name }] })
    const forNode = (name: string) => ({ forNodes: [{ name }] })

    test('of zones keep traffic in its zone, and of nodes on its node; half-written ones cut nobody off', async () => {
      const near = await cluster().serve('near', { trafficDistribution: 'PreferClose', to: [hinted('p1', forZone('a')), hinted('p2', forZone('a')), hinted('p3', forZone('b'))] })
      const expectTurns = async (turns: Partial<Record<Place, readonly string[]>>) => {
        for (const family of families) for (const [from, pods] of Object.entries(turns) as [Place, readonly string[]][]) {
          expect(outOfTurn(await cluster().ask({ from, protocol: 'tcp', host: near.ip(family), port: 80, times: 4 }), pods), from).toBeUndefined()
        }
      }
      await expectTurns({ c1: ['p1', 'p2'], c3: ['p3'], n2: ['p3'] })
      await near.to([hinted('p1', forZone('a')), 'p2', hinted('p3', forZone('b'))])
      await expectTurns({ c1: ['p1', 'p2', 'p3'], c3: ['p1', 'p2', 'p3'] })
      await near.to([hinted('p1', { ...forZone('a'), ...forNode('n1') }), hinted('p3', { ...forZone('a'), ...forNode('n2') })])
      await expectTurns({ c1: ['p1'], n2: ['p3'], c3: ['p1', 'p3'] })
    })
  })

  describe('endpoints that terminate', () => {
    const ending = (pod: 'p1' | 'p2' | 'p3'): GivenEndpoint => ({ pod, conditions: { ready: false, serving: true, terminating: true } })
    const over = (pod: 'p1' | 'p2' | 'p3'): GivenEndpoint => ({ pod, conditions: { ready: false, serving: false, terminating: true } })

    test('get traffic only while none is ready and they still serve', async () => {
      const closing = await cluster().serve('closing', { type: 'NodePort', externalTrafficPolicy: 'Local', to: [ending('p1'), 'p3'] })
      for (const family of families) {
        const inside = (times: number) => cluster().ask({ from: 'c1', protocol: 'tcp', host: closing.ip(family), port: 80, times })
        const outside = (times: number) => cluster().ask({ from: 'outside', protocol: 'tcp', host: nodeIP('n1', family), port: closing.nodePort('TCP'), times })
        await closing.to([ending('p1'), 'p3'])
        expect(await inside(3)).toEqual(['p3', 'p3', 'p3'])
        // The node's only endpoint terminates: better that one than silence (KEP-1669).
        expect(await outside(2)).toEqual(['p1', 'p1'])
        await closing.to([ending('p1'), over('p2'), ending('p3')])
        expect(outOfTurn(await inside(4), ['p1', 'p3'])).toBeUndefined()
        await closing.to([over('p1')])
        expect(await inside(1)).toEqual(['ECONNREFUSED'])
        expect(await outside(1)).toEqual(['ECONNREFUSED'])
      }
    })

    test.skipIf(!traits.showsPodSources)('pods are called by their own address under policy Local too', async () => {
      const own = await cluster().serve('own', { type: 'NodePort', externalTrafficPolicy: 'Local', to: ['p1'] })
      for (const family of families) {
        expect(await cluster().sourceSeen({ from: 'c1', protocol: 'tcp', host: nodeIP('n1', family), port: own.nodePort('TCP') })).toBe(podIP('c1', family))
      }
    })
  })
}
