import { beforeAll, describe, expect, test } from 'vitest'
import { bridgeIP, nodeIP, secondIP, type Place } from '../flow-lab.ts'
import { outOfTurn, type Served } from '../flow-cluster.ts'
import { inTurn, lower, pairs, type FlowContext } from '../packet-flow.suite.ts'

export function nodePortFlows({ cluster, families, protocols }: FlowContext): void {
  describe('node port', () => {
    let web: Served, none: Served
    beforeAll(async () => {
      [web, none] = await Promise.all([
        cluster().serve('node-port', { type: 'NodePort', to: ['p1', 'p2', 'p3'] }),
        cluster().serve('node-port-none', { type: 'NodePort', to: [] }),
      ])
    })

    describe.concurrent.for(pairs(families, protocols))('%s %s', ([family, protocol]) => {
      const at = (served: Served, from: Place, host: string, times = 1) => ({ from, protocol: lower(protocol), host, port: served.nodePort(protocol), times })

      test.for<{ from: Place; host: string; what: string }>([
        { what: 'outside', from: 'outside', host: nodeIP('n1', family) },
        { what: 'outside, at a node without endpoints', from: 'outside', host: nodeIP('n3', family) },
        { what: 'outside, at the second address of a node', from: 'outside', host: secondIP(family) },
        { what: 'the node itself', from: 'n1', host: nodeIP('n1', family) },
        { what: 'another node', from: 'n2', host: nodeIP('n1', family) },
        { what: 'a pod, at its own node', from: 'c1', host: nodeIP('n1', family) },
        { what: 'a pod, at the address of its bridge', from: 'c1', host: bridgeIP('n1', family) },
        { what: 'a pod, at another node', from: 'c1', host: nodeIP('n3', family) },
        { what: 'an endpoint, at its own node', from: 'p1', host: nodeIP('n1', family) },
      ])('goes strictly round robin from $what', inTurn, async ({ from, host }) => {
        expect(outOfTurn(await cluster().ask(at(web, from, host, 7)), ['p1', 'p2', 'p3'])).toBeUndefined()
      })

      test('is refused where there is no endpoint', inTurn, async () => {
        for (const from of ['outside', 'c1', 'n1'] as const) expect(await cluster().ask(at(none, from, nodeIP('n1', family)))).toEqual(['ECONNREFUSED'])
      })

      test('is not answered on loopback', inTurn, async () => {
        expect(await cluster().ask(at(web, 'n1', family === 'ipv4' ? '127.0.0.1' : '::1'))).toEqual(['ECONNREFUSED'])
      })

      test('the caller is hidden behind the node that was asked, so that answers come back that way', inTurn, async () => {
        const seen = await cluster().lab.ask(at(web, 'outside', nodeIP('n3', family), 3))
        expect(seen.map((answer) => answer.split(' ')[1])).toEqual(Array.from({ length: 3 }, () => nodeIP('n3', family)))
      })
    })

    describe('on chosen addresses only', () => {
      beforeAll(() => cluster().restart('n1', { nodePortAddresses: ['192.0.2.1/32', '2001:db8:2::1/128', '127.0.0.0/8'] }))

      test.concurrent.for(pairs(families, protocols))('%s %s', async ([family, protocol]) => {
        const at = (host: string, from: Place = 'outside') => ({ from, protocol: lower(protocol), host, port: web.nodePort(protocol) })
        expect((await cluster().ask(at(nodeIP('n1', family))))[0]).toMatch(/^p/)
        expect((await cluster().ask(at(nodeIP('n1', family), 'c1')))[0]).toMatch(/^p/)
        expect(await cluster().ask(at(secondIP(family)))).toEqual(['ECONNREFUSED'])
        expect(await cluster().ask(at(bridgeIP('n1', family), 'c1'))).toEqual(['ECONNREFUSED'])
        if (family === 'ipv4') expect(await cluster().ask(at('127.0.0.1', 'n1'))).toEqual(['ECONNREFUSED'])
      })

      test('and on all again', async () => {
        await cluster().restart('n1')
        for (const family of families) expect((await cluster().ask({ from: 'outside', protocol: 'tcp', host: secondIP(family), port: web.nodePort('TCP') }))[0]).toMatch(/^p/)
      })
    })
  })
}
