import { beforeAll, describe, expect, test } from 'vitest'
import { foreignIP, nodeIP, outsideIP, podIP, type Place } from '../flow-lab.ts'
import { outOfTurn, servicePorts, type GivenEndpoint, type Served } from '../flow-cluster.ts'
import { inTurn, lower, pairs, type FlowContext } from '../packet-flow.suite.ts'

export function policyFlows({ cluster, families, protocols, traits }: FlowContext): void {
  // All of it side by side: each has Services of its own.
  describe.concurrent('policies', () => {
    const forZone = (name: string) => ({ forZones: [{ name }] })
    const forNode = (name: string) => ({ forNodes: [{ name }] })
    const hinted = (pod: 'p1' | 'p2' | 'p3', hints: NonNullable<Exclude<GivenEndpoint, string>['hints']>): GivenEndpoint => ({ pod, hints })
    const ending = (pod: 'p1' | 'p2' | 'p3'): GivenEndpoint => ({ pod, conditions: { ready: false, serving: true, terminating: true } })
    const over = (pod: 'p1' | 'p2' | 'p3'): GivenEndpoint => ({ pod, conditions: { ready: false, serving: false, terminating: true } })

    let local: Served, empty: Served, inner: Served, near: Served, closing: Served, own: Served
    beforeAll(async () => {
      const ingress = families.flatMap((family) => (['n1', 'n3'] as const).map((way) => foreignIP(way, 40, family)));
      [local, empty, inner, near, closing, own] = await Promise.all([
        cluster().serve('local', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', to: ['p1', 'p2', 'p3'], ingress }),
        cluster().serve('local-none', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', to: [], ingress: families.map((family) => foreignIP('n1', 41, family)) }),
        cluster().serve('inner', { type: 'NodePort', internalTrafficPolicy: 'Local', to: ['p1', 'p2', 'p3'] }),
        cluster().serve('near', { trafficDistribution: 'PreferClose', to: [hinted('p1', forZone('a')), hinted('p2', forZone('a')), hinted('p3', forZone('b'))] }),
        cluster().serve('closing', { type: 'NodePort', externalTrafficPolicy: 'Local', to: [ending('p1'), 'p3'] }),
        cluster().serve('own', { type: 'NodePort', externalTrafficPolicy: 'Local', to: ['p1'] }),
      ])
    })

    describe.for(pairs(families, protocols))('externalTrafficPolicy Local %s %s', ([family, protocol]) => {
      const nodePort = (served: Served, from: Place, node: 'n1' | 'n2' | 'n3', times = 1) => ({ from, protocol: lower(protocol), host: nodeIP(node, family), port: served.nodePort(protocol), times })
      const balancer = (from: Place, way: 'n1' | 'n3', times = 1) => ({ from, protocol: lower(protocol), host: foreignIP(way, 40, family), port: servicePorts[protocol], times })

      test('callers from outside reach only endpoints of the node they asked', inTurn, async () => {
        expect(outOfTurn(await cluster().ask(nodePort(local, 'outside', 'n1', 4)), ['p1', 'p2'])).toBeUndefined()
        expect(outOfTurn(await cluster().ask(balancer('outside', 'n1', 4)), ['p1', 'p2'])).toBeUndefined()
        expect(await cluster().ask(nodePort(local, 'outside', 'n2', 2))).toEqual(['p3', 'p3'])
      })

      test.skipIf(!traits.showsOutsideSources)('… by their own address', inTurn, async () => {
        const seen = await Promise.all([nodePort(local, 'outside', 'n1'), balancer('outside', 'n1'), nodePort(local, 'outside', 'n2')].map((question) => cluster().sourceSeen(question)))
        expect(seen).toEqual(seen.map(() => outsideIP(family)))
      })

      test('a node without endpoints is silent, so that a load balancer tries another', inTurn, async () => {
        expect(await cluster().silence([nodePort(local, 'outside', 'n3'), balancer('outside', 'n3')])).toEqual(['timeout', 'timeout'])
      })

      test('callers inside the cluster reach all endpoints, from any node', inTurn, async () => {
        for (const [from, way, node] of [['c1', 'n1', 'n1'], ['n1', 'n1', 'n1'], ['c3', 'n3', 'n3'], ['n3', 'n3', 'n3']] as const) {
          expect(outOfTurn(await cluster().ask(balancer(from, way, 4)), ['p1', 'p2', 'p3']), from).toBeUndefined()
          expect(outOfTurn(await cluster().ask(nodePort(local, from, node, 4)), ['p1', 'p2', 'p3']), from).toBeUndefined()
        }
        expect(outOfTurn(await cluster().ask({ ...balancer('c3', 'n3', 4), host: local.ip(family) }), ['p1', 'p2', 'p3'])).toBeUndefined()
      })

      test('is refused where there is no endpoint in the whole cluster', inTurn, async () => {
        expect(await cluster().ask(nodePort(empty, 'outside', 'n1'))).toEqual(['ECONNREFUSED'])
        expect(await cluster().ask({ ...balancer('outside', 'n1'), host: foreignIP('n1', 41, family) })).toEqual(['ECONNREFUSED'])
      })
    })

    test.for(pairs(families, protocols))('internalTrafficPolicy Local %s %s', async ([family, protocol]) => {
      const at = (from: Place, times = 1) => ({ from, protocol: lower(protocol), host: inner.ip(family), port: servicePorts[protocol], times })
      for (const from of ['c1', 'n1'] as const) expect(outOfTurn(await cluster().ask(at(from, 4)), ['p1', 'p2']), from).toBeUndefined()
      expect(await cluster().ask(at('p3', 2))).toEqual(['p3', 'p3'])
      expect(await cluster().silence([at('c3'), at('n3')])).toEqual(['timeout', 'timeout'])
      // It says nothing about the node port.
      expect(outOfTurn(await cluster().ask({ ...at('outside', 4), host: nodeIP('n3', family), port: inner.nodePort(protocol) }), ['p1', 'p2', 'p3'])).toBeUndefined()
    })

    test('hints of zones keep traffic in its zone, and of nodes on its node; half-written ones cut nobody off', async () => {
      const expectTurns = (turns: Partial<Record<Place, readonly string[]>>) =>
        Promise.all(families.flatMap((family) => (Object.entries(turns) as [Place, readonly string[]][]).map(async ([from, pods]) => {
          expect(outOfTurn(await cluster().ask({ from, protocol: 'tcp', host: near.ip(family), port: 80, times: 4 }), pods), from).toBeUndefined()
        })))
      await expectTurns({ c1: ['p1', 'p2'], c3: ['p3'], n2: ['p3'] })
      await near.to([hinted('p1', forZone('a')), 'p2', hinted('p3', forZone('b'))])
      await expectTurns({ c1: ['p1', 'p2', 'p3'], c3: ['p1', 'p2', 'p3'] })
      await near.to([hinted('p1', { ...forZone('a'), ...forNode('n1') }), hinted('p3', { ...forZone('a'), ...forNode('n2') })])
      await expectTurns({ c1: ['p1'], n2: ['p3'], c3: ['p1', 'p3'] })
    })

    test('endpoints that terminate get traffic only while none is ready and they still serve', async () => {
      const inside = (times: number) => Promise.all(families.map((family) => cluster().ask({ from: 'c1', protocol: 'tcp', host: closing.ip(family), port: 80, times })))
      const outside = (times: number) => Promise.all(families.map((family) => cluster().ask({ from: 'outside', protocol: 'tcp', host: nodeIP('n1', family), port: closing.nodePort('TCP'), times })))
      const both = (answers: readonly string[]) => families.map(() => answers)
      expect(await inside(3)).toEqual(both(['p3', 'p3', 'p3']))
      // The node's only endpoint terminates: better that one than silence (KEP-1669).
      expect(await outside(2)).toEqual(both(['p1', 'p1']))
      await closing.to([ending('p1'), over('p2'), ending('p3')])
      for (const answers of await inside(4)) expect(outOfTurn(answers, ['p1', 'p3'])).toBeUndefined()
      await closing.to([over('p1')])
      expect(await inside(1)).toEqual(both(['ECONNREFUSED']))
      expect(await outside(1)).toEqual(both(['ECONNREFUSED']))
    })

    test.skipIf(!traits.showsPodSources)('pods are called by their own address under externalTrafficPolicy Local too', async () => {
      for (const family of families) {
        expect(await cluster().sourceSeen({ from: 'c1', protocol: 'tcp', host: nodeIP('n1', family), port: own.nodePort('TCP') })).toBe(podIP('c1', family))
      }
    })
  })
}
