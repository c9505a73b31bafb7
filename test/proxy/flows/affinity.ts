import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { foreignIP, nodeIP, outsideIP, type Place, type Question } from '../flow-lab.ts'
import { servicePorts, type Served } from '../flow-cluster.ts'
import { inTurn, lower, pairs, type FlowContext } from '../packet-flow.suite.ts'

export function affinityFlows({ cluster, families, protocols, traits }: FlowContext): void {
  const forSeconds = (timeoutSeconds: number) => ({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds } } })
  const all = ['p1', 'p2', 'p3'] as const
  const one = (answers: readonly string[]): string => {
    expect(new Set(answers).size, answers.join(' ')).toBe(1)
    expect(answers[0]).toMatch(/^p/)
    return answers[0]!
  }

  // All of it side by side: each has Services of its own where it changes any.
  describe.concurrent('sessionAffinity ClientIP', () => {
    const variants = pairs(families, protocols)
    let faithful: Served, brief: Served, fickle: Served
    let shrinking: readonly Served[]
    beforeAll(async () => {
      [faithful, brief, fickle, ...shrinking] = await Promise.all([
        cluster().serve('faithful', { type: 'LoadBalancer', ...forSeconds(10_800), to: all, ingress: families.map((family) => foreignIP('n1', 50, family)) }),
        cluster().serve('brief', { ...forSeconds(3), to: all }),
        cluster().serve('fickle', { ...forSeconds(100), to: all }),
        ...variants.map(([family, protocol]) => cluster().serve(`shrinking-${family}-${lower(protocol)}`, { type: 'LoadBalancer', ...forSeconds(10_800), families: [family], protocols: [protocol], to: all })),
      ])
    })

    describe.for(variants)('%s %s', ([family, protocol]) => {
      const at = (from: Place, times = 1): Question => ({ from, protocol: lower(protocol), host: faithful.ip(family), port: servicePorts[protocol], times })

      test('a caller comes back to the same endpoint, others to their own', inTurn, async () => {
        const chosen: string[] = []
        for (const from of ['c1', 'p1', 'p2'] as const) chosen.push(one(await cluster().ask(at(from, 4))))
        // Each new caller is the next in turn.
        expect(chosen.sort()).toEqual(['p1', 'p2', 'p3'])
        one(await cluster().ask(at('c3', 4)))
        one(await cluster().ask(at('n1', 4)))
      })

      test('at the node port and the load balancer too', inTurn, async () => {
        const nodePort = { ...at('outside', 4), host: nodeIP('n1', family), port: faithful.nodePort(protocol) }
        one(await cluster().ask(nodePort))
        one(await cluster().ask({ ...nodePort, sourceAddress: outsideIP(family, 1) }))
        one(await cluster().ask({ ...at('outside', 4), host: foreignIP('n1', 50, family) }))
      })

      test('an update that leaves the endpoint does not part them, one that takes it does', inTurn, async () => {
        const served = shrinking[variants.findIndex(([a, b]) => a === family && b === protocol)]!
        const ask = (times: number) => cluster().ask({ ...at('c1', times), host: served.ip(family) })
        const mine = one(await ask(2))
        const other = all.find((pod) => pod !== mine)!
        await cluster().serve(`bystander-${family}-${lower(protocol)}`, { to: ['p1'] })
        expect(one(await ask(2))).toBe(mine)
        await served.to(all.filter((pod) => pod !== other))
        expect(one(await ask(4))).toBe(mine)
        await served.to(all)
        expect(one(await ask(4))).toBe(mine)
        await served.to(all.filter((pod) => pod !== mine))
        const next = one(await ask(4))
        expect(next).not.toBe(mine)
        await served.to([])
        expect(await ask(1)).toEqual(['ECONNREFUSED'])
      })
    })

    // IPVS keeps a choice while it remembers any connection made by it, which is two minutes for a closed one of TCP.
    test.skipIf(traits.remembersClosed).for(families)('ends when the caller has been away for the time given, %s', async (family) => {
      const ask = () => cluster().ask({ from: 'c1', protocol: 'tcp', host: brief.ip(family), port: 80, times: 3 })
      const first = one(await ask())
      for (let turn = 0; ; turn++) {
        await wait(3500)
        if (one(await ask()) !== first) break
        expect(turn, `still ${first}`).toBeLessThan(4)
      }
    })

    test('may be given up, and taken up again', async () => {
      const ask = () => Promise.all(families.map((family) => cluster().ask({ from: 'c1', protocol: 'tcp', host: fickle.ip(family), port: 80, times: 3 })))
      const change = async (spec: Parameters<Served['change']>[0]) => {
        await fickle.change(spec)
        return ask()
      }
      for (const answers of await change(forSeconds(200))) one(answers)
      for (const answers of await change({ sessionAffinity: 'None' })) expect(answers.sort()).toEqual(['p1', 'p2', 'p3'])
      for (const answers of await change(forSeconds(100))) one(answers)
    })
  })
}
