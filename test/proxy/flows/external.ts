import { beforeAll, describe, expect, test } from 'vitest'
import { bridgeIP, foreignIP, outsideIP, type Place } from '../flow-lab.ts'
import { outOfTurn, servicePorts, type Served } from '../flow-cluster.ts'
import { inTurn, lower, pairs, type FlowContext } from '../packet-flow.suite.ts'

export function externalFlows({ cluster, families, protocols }: FlowContext): void {
  const both = (way: 'n1' | 'n3', number: number) => families.map((family) => foreignIP(way, number, family))

  describe('external IPs and load balancers', () => {
    let first: Served
    beforeAll(async () => {
      const ranges = families.flatMap((family) => (family === 'ipv4' ? [`${outsideIP(family)}/32`, '10.244.3.0/24'] : [`${outsideIP(family)}/128`, 'fd00:244:3::/64']));
      [first] = await Promise.all([
        cluster().serve('claim-a', { to: ['p1'], externalIPs: both('n1', 30) }),
        cluster().serve('outer', { to: ['p1', 'p2', 'p3'], externalIPs: [...both('n1', 7), ...both('n3', 7)] }),
        cluster().serve('outer-none', { to: [], externalIPs: both('n1', 8) }),
        cluster().serve('balanced', { type: 'LoadBalancer', to: ['p1', 'p2', 'p3'], ingress: [...both('n1', 20), ...both('n3', 20)] }),
        cluster().serve('balanced-none', { type: 'LoadBalancer', to: [], ingress: both('n1', 21) }),
        cluster().serve('fenced', { type: 'LoadBalancer', to: ['p1', 'p3'], ingress: both('n1', 22), loadBalancerSourceRanges: ranges, externalIPs: both('n1', 23) }),
      ])
    })

    describe.concurrent.for(pairs(families, protocols))('%s %s', ([family, protocol]) => {
      const at = (host: string, from: Place = 'outside', times = 1) => ({ from, protocol: lower(protocol), host, port: servicePorts[protocol], times })

      test.for<{ number: number; what: string }>([{ number: 7, what: 'an external IP' }, { number: 20, what: 'the ingress address of a load balancer' }])('$what is answered in turn', inTurn, async ({ number }) => {
        for (const way of ['n1', 'n3'] as const) expect(outOfTurn(await cluster().ask(at(foreignIP(way, number, family), 'outside', 4)), ['p1', 'p2', 'p3'])).toBeUndefined()
        for (const from of ['c1', 'n3'] as const) expect(outOfTurn(await cluster().ask(at(foreignIP('n1', number, family), from, 4)), ['p1', 'p2', 'p3'])).toBeUndefined()
      })

      test('is refused where there is no endpoint', inTurn, async () => {
        for (const number of [8, 21]) expect(await cluster().ask(at(foreignIP('n1', number, family)))).toEqual(['ECONNREFUSED'])
        expect(await cluster().ask(at(foreignIP('n1', 8, family), 'c1'))).toEqual(['ECONNREFUSED'])
      })

      test('the caller is hidden behind the node that was asked', inTurn, async () => {
        const seen = (await cluster().lab.ask(at(foreignIP('n1', 20, family), 'outside', 3))).map((answer) => answer.split(' '))
        for (const [pod, source] of seen) if (pod === 'p1') expect(source).toBe(bridgeIP('n1', family))
        expect(seen.map(([, source]) => source)).not.toContain(outsideIP(family))
      })

      test('a load balancer with source ranges answers those in them and is silent to others', inTurn, async () => {
        const fenced = foreignIP('n1', 22, family)
        expect(outOfTurn(await cluster().ask(at(fenced, 'outside', 2)), ['p1', 'p3'])).toBeUndefined()
        expect((await cluster().ask(at(fenced, 'c3')))[0]).toMatch(/^p/)
        expect(await cluster().silence([{ ...at(fenced), sourceAddress: outsideIP(family, 1) }, at(fenced, 'c1')])).toEqual(['timeout', 'timeout'])
        // The ranges say nothing about the Service's other addresses.
        expect((await cluster().ask({ ...at(foreignIP('n1', 23, family)), sourceAddress: outsideIP(family, 1) }))[0]).toMatch(/^p/)
      })
    })

    test('two Services that claim one address and port: the first keeps it, the second takes over once it goes', async () => {
      const second = await cluster().serve('claim-b', { to: ['p3'], externalIPs: both('n1', 30) })
      const ask = (host: string) => cluster().ask({ from: 'outside', protocol: 'tcp', host, port: 80, times: 3 })
      const everywhere = async (served: Served, pod: string) => {
        const answers = await Promise.all(families.flatMap((family) => [ask(foreignIP('n1', 30, family)), ask(served.ip(family))]))
        expect(answers).toEqual(answers.map(() => [pod, pod, pod]))
      }
      await everywhere(first, 'p1')
      for (const family of families) expect(await ask(second.ip(family))).toEqual(['p3', 'p3', 'p3'])
      await first.remove()
      await everywhere(second, 'p3')
    })
  })
}
