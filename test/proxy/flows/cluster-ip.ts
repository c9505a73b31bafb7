import { beforeAll, describe, expect, test } from 'vitest'
import { bridgeIP, podIP, targetPorts, type Place } from '../flow-lab.ts'
import { outOfTurn, servicePorts, type Served } from '../flow-cluster.ts'
import { inTurn, lower, pairs, type FlowContext } from '../packet-flow.suite.ts'

export function clusterIPFlows({ cluster, families, protocols, traits }: FlowContext): void {
  describe('cluster IP', () => {
    let web: Served, twin: Served, self: Served, none: Served, many: Served, shown: Served
    beforeAll(async () => {
      const both = [
        { name: 'first', protocol: 'TCP', port: 8000, targetPort: targetPorts.TCP },
        { name: 'second', protocol: 'TCP', port: 8001, targetPort: 'web' },
        { name: 'nowhere', protocol: 'TCP', port: 8002, targetPort: 9 },
      ];
      [web, twin, self, none, many, shown] = await Promise.all([
        cluster().serve('web', { to: ['p1', 'p2', 'p3'] }),
        cluster().serve('twin', { to: ['p1', 'p2', 'p3'] }),
        cluster().serve('self', { to: ['p1'] }),
        cluster().serve('none', { to: [] }),
        cluster().serve('many', { to: ['p1', 'p3'], ports: both }),
        cluster().serve('shown', { to: [{ pod: 'p1', conditions: { ready: true, serving: false } }, 'p3'], publishNotReadyAddresses: true }),
      ])
    })

    test('the backend is supported here', async () => expect(await cluster().backend('n1').supported()).toBeUndefined())

    describe.concurrent.for(pairs(families, protocols))('%s %s', ([family, protocol]) => {
      const at = (served: Served, from: Place, times = 1) => ({ from, protocol: lower(protocol), host: served.ip(family), port: servicePorts[protocol], times })

      test.for<{ from: Place; what: string }>([
        { from: 'c1', what: 'a pod beside endpoints' }, { from: 'c3', what: 'a pod on a node without' }, { from: 'p2', what: 'one of the endpoints' },
        { from: 'n1', what: 'a node' }, { from: 'n3', what: 'a node without endpoints' }, { from: 'outside', what: 'outside, by a route' },
      ])('goes strictly round robin from $what', inTurn, async ({ from }) => {
        expect(outOfTurn(await cluster().ask(at(web, from, 7)), ['p1', 'p2', 'p3'])).toBeUndefined()
      })

      test.for<Place>(['c1', 'c3', 'n1'])('is refused where there is no endpoint, from %s', inTurn, async (from) => {
        expect(await cluster().ask(at(none, from))).toEqual(['ECONNREFUSED'])
      })

      test('a pod reaches itself', inTurn, async () => {
        expect(await cluster().ask(at(self, 'p1', 2))).toEqual(['p1', 'p1'])
      })

      test('two Services of equal size keep their turns apart', inTurn, async () => {
        const turns: string[] = []
        for (let turn = 0; turn < 3; turn++) {
          turns.push(...(await cluster().ask(at(twin, 'c1'))))
          await cluster().ask(at(web, 'c1', 2))
        }
        expect(turns.sort()).toEqual(['p1', 'p2', 'p3'])
      })

      test.skipIf(!traits.showsPodSources)('pods see each other as they are, callers from outside are hidden behind the node', inTurn, async () => {
        const seen = await Promise.all((['c1', 'c3', 'outside'] as const).map((from) => cluster().sourceSeen(at(self, from))))
        expect(seen).toEqual([podIP('c1', family), podIP('c3', family), bridgeIP('n1', family)])
      })

      test.skipIf(!traits.refusesUnknownPorts)('refuses a port that no Service has', inTurn, async () => {
        for (const from of ['c1', 'n1'] as const) expect(await cluster().ask({ ...at(web, from), port: 81 })).toEqual(['ECONNREFUSED'])
      })
    })

    test.concurrent('several named ports lead where the slice says, also by a named target port', async () => {
      await Promise.all(families.map(async (family) => {
        const host = many.ip(family)
        for (const port of [8000, 8001]) expect(outOfTurn(await cluster().ask({ from: 'c1', protocol: 'tcp', host, port, times: 4 }), ['p1', 'p3'])).toBeUndefined()
        // No rule of ours refuses it: nobody listens at that port of the pod.
        expect(await cluster().ask({ from: 'c1', protocol: 'tcp', host, port: 8002 })).toEqual([traits.takesFirst ? 'ECONNRESET' : 'ECONNREFUSED'])
      }))
    })

    test.concurrent('unready pods of a Service that publishes them get traffic: their slice calls them ready', async () => {
      for (const family of families) expect(outOfTurn(await cluster().ask({ from: 'c1', protocol: 'tcp', host: shown.ip(family), port: 80, times: 4 }), ['p1', 'p3'])).toBeUndefined()
    })

    test('headless Services and those of type ExternalName have no rules, whatever their slices say', async () => {
      const before = await cluster().contender.ruleset(cluster().lab.nodes.n1)
      await Promise.all([
        cluster().serve('headless', { to: ['p1'], clusterIP: 'None', clusterIPs: ['None'] }),
        cluster().serve('elsewhere', { to: ['p1'], type: 'ExternalName', externalName: 'example.org', clusterIP: '', clusterIPs: [] }),
      ])
      expect(await cluster().contender.ruleset(cluster().lab.nodes.n1)).toBe(before)
    })
  })
}
