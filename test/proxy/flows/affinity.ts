import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { foreignIP, nodeIP, outsideIP, type Place, type Question } from '../flow-lab.ts'
import { servicePorts, type Served } from '../flow-cluster.ts'
import { lower, pairs, type FlowContext } from '../packet-flow.suite.ts'

export function affinityFlows({ cluster, families, protocols, traits }: FlowContext): void {
  const forSeconds = (timeoutSeconds: number) => ({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds } } })
  const one = (answers: readonly string[]): string => {
    expect(new Set(answers).size, answers.join(' ')).toBe(1)
    expect(answers[0]).toMatch(/^p/)
    return answers[0]!
  }

  describe('sessionAffinity ClientIP', () => {
    let faithful: Served
    beforeAll(async () => {
      faithful = await cluster().serve('faithful', { type: 'LoadBalancer', ...forSeconds(10_800), to: ['p1', 'p2', 'p3'], ingress: families.map((family) => foreignIP('n1', 50, family)) })
    })

    describe.for(pairs(families, protocols))('%s %s', ([family, protocol]) => {
      const at = (from: Place, times = 1): Question => ({ from, protocol: lower(protocol), host: faithful.ip(family), port: servicePorts[protocol], times })

      test('a caller comes back to the same endpoint, others to their own', async () => {
        const chosen: string[] = []
        for (const from of ['c1', 'p1', 'p2'] as const) chosen.push(one(await cluster().ask(at(from, 4))))
        // Each new caller is the next in turn.
        expect(chosen.sort()).toEqual(['p1', 'p2', 'p3'])
        one(await cluster().ask(at('c3', 4)))
        one(await cluster().ask(at('n1', 4)))
      })

      test('at the node port and the load balancer too', async () => {
        const nodePort = { ...at('outside', 4), host: nodeIP('n1', family), port: faithful.nodePort(protocol) }
        one(await cluster().ask(nodePort))
        one(await cluster().ask({ ...nodePort, sourceAddress: outsideIP(family, 1) }))
        one(await cluster().ask({ ...at('outside', 4), host: foreignIP('n1', 50, family) }))
      })

      test('an update that leaves the endpoint does not part them, one that takes it does', async () => {
        const all = ['p1', 'p2', 'p3'] as const
        await faithful.to(all)
        const mine = one(await cluster().ask(at('c1', 2)))
        const other = all.find((pod) => pod !== mine)!
        await cluster().serve(`bystander-${family}-${lower(protocol)}`, { to: ['p1'] })
        expect(one(await cluster().ask(at('c1', 2)))).toBe(mine)
        await faithful.to(all.filter((pod) => pod !== other))
        expect(one(await cluster().ask(at('c1', 4)))).toBe(mine)
        await faithful.to(all)
        expect(one(await cluster().ask(at('c1', 4)))).toBe(mine)
        await faithful.to(all.filter((pod) => pod !== mine))
        const next = one(await cluster().ask(at('c1', 4)))
        expect(next).not.toBe(mine)
        await faithful.to([])
        expect(await cluster().ask(at('c1'))).toEqual(['ECONNREFUSED'])
        await faithful.to(all)
      })
    })

    // IPVS keeps a choice while it remembers any connection made by it, which is two minutes for a closed one of TCP.
    test.skipIf(traits.remembersClosed)('ends when the caller has been away for the time given', async () => {
      const brief = await cluster().serve('brief', { ...forSeconds(2), to: ['p1', 'p2', 'p3'] })
      for (const family of families) {
        const ask = async () => (await cluster().ask({ from: 'c1', protocol: 'tcp', host: brief.ip(family), port: 80, times: 3 }))
        const first = one(await ask())
        for (let turn = 0; ; turn++) {
          await wait(2500)
          if (one(await ask()) !== first) break
          expect(turn, `still ${first}`).toBeLessThan(4)
        }
      }
    })

    test('may be given up, and taken up again', async () => {
      const fickle = await cluster().serve('fickle', { ...forSeconds(100), to: ['p1', 'p2', 'p3'] })
      for (const family of families) {
        const ask = () => cluster().ask({ from: 'c1', protocol: 'tcp', host: fickle.ip(family), port: 80, times: 3 })
        await fickle.change(forSeconds(200))
        one(await ask())
        await fickle.change({ sessionAffinity: 'None' })
        expect((await ask()).sort()).toEqual(['p1', 'p2', 'p3'])
        await fickle.change(forSeconds(100))
        one(await ask())
      }
    })
  })
}
