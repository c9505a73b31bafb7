import { beforeAll, describe, expect, test } from 'vitest'
import { foreignIP, nodeIP, type Place } from '../flow-lab.ts'
import { outOfTurn, servicePorts, type Served } from '../flow-cluster.ts'
import { lower, pairs, type FlowContext } from '../packet-flow.suite.ts'

export function updateFlows({ cluster, families, protocols, traits }: FlowContext): void {
  const all = ['p1', 'p2', 'p3'] as const

  describe('updates', () => {
    let moving: Served, steady: Served
    beforeAll(async () => {
      moving = await cluster().serve('moving', { type: 'LoadBalancer', to: all, ingress: families.map((family) => foreignIP('n1', 60, family)), later: true })
      steady = await cluster().serve('steady', { to: all })
    })

    describe.for(pairs(families, protocols))('%s %s', ([family, protocol]) => {
      const at = (from: Place, times = 1) => ({ from, protocol: lower(protocol), host: moving.ip(family), port: servicePorts[protocol], times })

      test('an endpoint that is gone gets no more; turns of other Services go on', async () => {
        await moving.to(all)
        const bystander = { ...at('c1'), host: steady.ip(family) }
        const [turn] = await cluster().ask(bystander)
        await moving.to(['p1', 'p3'])
        expect(outOfTurn(await cluster().ask(at('c1', 4)), ['p1', 'p3'])).toBeUndefined()
        expect(outOfTurn(await cluster().ask({ ...at('outside', 4), host: nodeIP('n1', family), port: moving.nodePort(protocol) }), ['p1', 'p3'])).toBeUndefined()
        if (traits.keepsTurns) expect(await cluster().ask(bystander)).toEqual([all[(all.indexOf(turn as 'p1') + 1) % 3]])
      })

      test.skipIf(protocol === 'UDP')('connections to endpoints that stay are not broken', async () => {
        await moving.to(all)
        const stays = (held: { first: string }) => !held.first.startsWith('p2')
        const held = await Promise.all([
          ...Array.from({ length: 3 }, () => cluster().lab.hold(at('c1'))),
          cluster().lab.hold(at('c3')),
          ...Array.from({ length: 3 }, () => cluster().lab.hold({ ...at('outside'), host: nodeIP('n1', family), port: moving.nodePort(protocol) })),
          cluster().lab.hold({ ...at('outside'), host: foreignIP('n1', 60, family) }),
        ])
        await moving.to(['p1', 'p3'])
        await moving.to(['p1', 'p3', 'p2'])
        await moving.change({ sessionAffinity: 'ClientIP' })
        await moving.change({ sessionAffinity: 'None' })
        for (const connection of held.filter(stays)) expect(await connection.again()).toBe(connection.first)
        expect(held.filter(stays).length).toBeGreaterThanOrEqual(4)
      })
    })

    test.skipIf(!protocols.includes('UDP'))('UDP flows to an endpoint that is gone move on: at the cluster IP, the node port and the load balancer', async () => {
      for (const family of families) {
        await moving.to(['p1'])
        const ways = [
          { from: 'c1', host: moving.ip(family), port: 53, sourcePort: 5301 },
          { from: 'n1', host: moving.ip(family), port: 53, sourcePort: 5302 },
          { from: 'outside', host: nodeIP('n1', family), port: moving.nodePort('UDP'), sourcePort: 5303 },
          { from: 'outside', host: foreignIP('n1', 60, family), port: 53, sourcePort: 5304 },
        ] as const
        const ask = async () => (await Promise.all(ways.map((way) => cluster().ask({ ...way, protocol: 'udp' })))).flat()
        expect(await ask()).toEqual(['p1', 'p1', 'p1', 'p1'])
        await moving.to(['p3'])
        expect(await ask()).toEqual(['p3', 'p3', 'p3', 'p3'])
      }
    })

    test('a Service that gets its first endpoint is answered at once, and refuses again without it', async () => {
      const waking = await cluster().serve('waking', { type: 'NodePort', to: [] })
      for (const [family, protocol] of pairs(families, protocols)) {
        const inside = { from: 'c1', protocol: lower(protocol), host: waking.ip(family), port: servicePorts[protocol], sourcePort: protocol === 'UDP' ? 5311 : 0 } as const
        const outside = { ...inside, from: 'outside', host: nodeIP('n3', family), port: waking.nodePort(protocol) } as const
        for (const question of [inside, outside]) expect(await cluster().ask(question)).toEqual(['ECONNREFUSED'])
        await waking.to(['p2'])
        for (const question of [inside, outside]) expect(await cluster().ask(question)).toEqual(['p2'])
        await waking.to([])
        for (const question of [inside, outside]) expect(await cluster().ask(question)).toEqual(['ECONNREFUSED'])
      }
    })

    test.skipIf(!protocols.includes('UDP'))('a UDP flow that began before its node port was one is served once it is', async () => {
      const late = await cluster().serve('late', { type: 'ClusterIP', to: ['p1'] })
      for (const family of families) {
        const question = { from: 'outside', protocol: 'udp', host: nodeIP('n1', family), port: 32_053, sourcePort: 5321 } as const
        const unexposed = late.service.spec.ports!
        await late.change({ type: 'ClusterIP', ports: unexposed })
        expect(await cluster().ask(question)).toEqual(['ECONNREFUSED'])
        await late.change({ type: 'NodePort', ports: unexposed.map((port) => (port.protocol === 'UDP' ? { ...port, nodePort: 32_053 } : port)) })
        expect(await cluster().ask(question)).toEqual(['p1'])
      }
    })

    test('a deleted Service is answered no more', async () => {
      const doomed = await cluster().serve('doomed', { type: 'NodePort', to: ['p1'] })
      const reached = async (): Promise<string[]> => {
        const answers = await Promise.all(families.flatMap((family) => [
          cluster().ask({ from: 'c1', protocol: 'tcp', host: doomed.ip(family), port: 80, patience: 1 }),
          cluster().ask({ from: 'outside', protocol: 'tcp', host: nodeIP('n1', family), port: doomed.nodePort('TCP'), patience: 1 }),
        ]))
        return answers.flat()
      }
      expect(new Set(await reached())).toEqual(new Set(['p1']))
      await doomed.remove()
      expect((await reached()).filter((answer) => answer.startsWith('p'))).toEqual([])
    })

    test('a second instance takes over what the first left', async () => {
      await cluster().restart('n1')
      for (const family of families) expect(outOfTurn(await cluster().ask({ from: 'c1', protocol: 'tcp', host: steady.ip(family), port: 80, times: 4 }), all)).toBeUndefined()
    })
  })
}
