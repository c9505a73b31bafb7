import { beforeAll, describe, expect, test } from 'vitest'
import { foreignIP, nodeIP, type Place } from '../flow-lab.ts'
import { outOfTurn, servicePorts, type Served } from '../flow-cluster.ts'
import { inTurn, lower, pairs, type FlowContext } from '../packet-flow.suite.ts'

export function updateFlows({ cluster, families, protocols, traits }: FlowContext): void {
  const all = ['p1', 'p2', 'p3'] as const

  describe('updates', () => {
    const variants = pairs(families, protocols)
    let moving: readonly Served[], steady: Served, going: Served, waking: Served, late: Served, doomed: Served
    beforeAll(async () => {
      [steady, going, waking, late, doomed, ...moving] = await Promise.all([
        cluster().serve('steady', { to: all }),
        cluster().serve('going', { type: 'LoadBalancer', to: ['p1'], ingress: families.map((family) => foreignIP('n1', 60, family)) }),
        cluster().serve('waking', { type: 'NodePort', to: [] }),
        cluster().serve('late', { type: 'ClusterIP', to: ['p1'] }),
        cluster().serve('doomed', { type: 'NodePort', to: ['p1'] }),
        ...variants.map(([family, protocol], index) => cluster().serve(`moving-${family}-${lower(protocol)}`, { type: 'LoadBalancer', families: [family], protocols: [protocol], to: all, ingress: [foreignIP('n1', 61 + index, family)] })),
      ])
    })

    // All of it side by side: each has a Service of its own.
    describe.concurrent.for(variants)('%s %s', ([family, protocol]) => {
      const index = variants.findIndex(([a, b]) => a === family && b === protocol)
      const at = (from: Place, times = 1) => ({ from, protocol: lower(protocol), host: moving[index]!.ip(family), port: servicePorts[protocol], times })
      const atNodePort = (times = 1) => ({ ...at('outside', times), host: nodeIP('n1', family), port: moving[index]!.nodePort(protocol) })

      test('an endpoint that is gone gets no more; turns of other Services go on', inTurn, async () => {
        const bystander = { ...at('c1'), host: steady.ip(family) }
        const [turn] = await cluster().ask(bystander)
        await moving[index]!.to(['p1', 'p3'])
        const answers = await Promise.all([cluster().ask(at('c1', 4)), cluster().ask(bystander)])
        expect(outOfTurn(answers[0], ['p1', 'p3'])).toBeUndefined()
        expect(outOfTurn(await cluster().ask(atNodePort(4)), ['p1', 'p3'])).toBeUndefined()
        if (traits.keepsTurns) expect(answers[1]).toEqual([all[(all.indexOf(turn as 'p1') + 1) % 3]])
      })

      test.skipIf(protocol === 'UDP')('connections to endpoints that stay are not broken', inTurn, async () => {
        await moving[index]!.to(all)
        const stays = (held: { first: string }) => !held.first.startsWith('p2')
        const held = await Promise.all([
          ...Array.from({ length: 3 }, () => cluster().lab.hold(at('c1'))),
          cluster().lab.hold(at('c3')),
          ...Array.from({ length: 3 }, () => cluster().lab.hold(atNodePort())),
          cluster().lab.hold({ ...at('outside'), host: foreignIP('n1', 61 + index, family) }),
        ])
        await moving[index]!.to(['p1', 'p3'])
        await moving[index]!.to(['p1', 'p3', 'p2'])
        await moving[index]!.change({ sessionAffinity: 'ClientIP' })
        await moving[index]!.change({ sessionAffinity: 'None' })
        const staying = held.filter(stays)
        expect(await Promise.all(staying.map((connection) => connection.again()))).toEqual(staying.map(({ first }) => first))
        expect(staying.length).toBeGreaterThanOrEqual(4)
      })
    })

    test.skipIf(!protocols.includes('UDP')).concurrent('UDP flows to an endpoint that is gone move on: at the cluster IP, the node port and the load balancer', async () => {
      const ways = families.flatMap((family) => [
        { from: 'c1', host: going.ip(family), port: 53, sourcePort: 5301 },
        { from: 'n1', host: going.ip(family), port: 53, sourcePort: 5302 },
        { from: 'outside', host: nodeIP('n1', family), port: going.nodePort('UDP'), sourcePort: 5303 },
        { from: 'outside', host: foreignIP('n1', 60, family), port: 53, sourcePort: 5304 },
      ] as const)
      const ask = async () => (await Promise.all(ways.map((way) => cluster().ask({ ...way, protocol: 'udp' })))).flat()
      expect(await ask()).toEqual(ways.map(() => 'p1'))
      await going.to(['p3'])
      expect(await ask()).toEqual(ways.map(() => 'p3'))
    })

    test.concurrent('a Service that gets its first endpoint is answered at once, and refuses again without it', async () => {
      const questions = variants.flatMap(([family, protocol]) => {
        const inside = { from: 'c1', protocol: lower(protocol), host: waking.ip(family), port: servicePorts[protocol], sourcePort: protocol === 'UDP' ? 5311 : 0 } as const
        return [inside, { ...inside, from: 'outside', host: nodeIP('n3', family), port: waking.nodePort(protocol) } as const]
      })
      const ask = async () => (await Promise.all(questions.map((question) => cluster().ask(question)))).flat()
      expect(await ask()).toEqual(questions.map(() => 'ECONNREFUSED'))
      await waking.to(['p2'])
      expect(await ask()).toEqual(questions.map(() => 'p2'))
      await waking.to([])
      expect(await ask()).toEqual(questions.map(() => 'ECONNREFUSED'))
    })

    test.skipIf(!protocols.includes('UDP')).concurrent('a UDP flow that began before its node port was one is served once it is, and refused once it is no more', async () => {
      const ask = async () => (await Promise.all(families.map((family) => cluster().ask({ from: 'outside', protocol: 'udp', host: nodeIP('n1', family), port: 32_053, sourcePort: 5321 })))).flat()
      const unexposed = late.service.spec.ports!
      expect(await ask()).toEqual(families.map(() => 'ECONNREFUSED'))
      await late.change({ type: 'NodePort', ports: unexposed.map((port) => (port.protocol === 'UDP' ? { ...port, nodePort: 32_053 } : port)) })
      expect(await ask()).toEqual(families.map(() => 'p1'))
      await late.change({ type: 'ClusterIP', ports: unexposed })
      expect(await ask()).toEqual(families.map(() => 'ECONNREFUSED'))
    })

    test.concurrent('a deleted Service is answered no more', async () => {
      const reached = async (patience: number): Promise<string[]> => {
        const answers = await Promise.all(families.flatMap((family) => [
          cluster().ask({ from: 'c1', protocol: 'tcp', host: doomed.ip(family), port: 80, patience }),
          cluster().ask({ from: 'outside', protocol: 'tcp', host: nodeIP('n1', family), port: doomed.nodePort('TCP'), patience }),
        ]))
        return answers.flat()
      }
      expect(new Set(await reached(30))).toEqual(new Set(['p1']))
      await doomed.remove()
      expect((await reached(1)).filter((answer) => answer.startsWith('p'))).toEqual([])
    })

    test('a second instance takes over what the first left', async () => {
      await cluster().restart('n1')
      for (const family of families) expect(outOfTurn(await cluster().ask({ from: 'c1', protocol: 'tcp', host: steady.ip(family), port: 80, times: 4 }), all)).toBeUndefined()
    })
  })
}
