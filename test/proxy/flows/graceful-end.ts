import { describe, expect, test } from 'vitest'
import { podIP } from '../flow-lab.ts'
import type { FlowContext } from '../packet-flow.suite.ts'

/** For IPVS: what becomes of connections to an endpoint that goes. */
export function gracefulEndFlows({ cluster, families }: FlowContext): void {
  describe('an endpoint that goes', () => {
    test('keeps its open connections and gets no new ones; the kernel forgets it with the last', async () => {
      const leaving = await cluster().serve('leaving', { to: ['p1', 'p3'], ports: [{ name: 'tcp', protocol: 'TCP', port: 80, targetPort: 8080 }] })
      const weights = async () => {
        const lines = (await cluster().lab.nodes.n1.exec.run('ipvsadm', ['-Sn'])).stdout.split('\n')
        return families.map((family) => {
          const host = family === 'ipv4' ? leaving.ip(family) : `[${leaving.ip(family)}]`
          const reals = lines.filter((line) => line.startsWith(`-a -t ${host}:80 `))
          return Object.fromEntries((['p1', 'p3'] as const).map((pod) => [pod, /-w (\d+)/.exec(reals.find((line) => line.includes(podIP(pod, family))) ?? '')?.[1]]))
        })
      }
      const calls = await Promise.all(families.map(async (family) => {
        const question = { from: 'c1', protocol: 'tcp', host: leaving.ip(family), port: 80 } as const
        const held = [await cluster().lab.hold(question), await cluster().lab.hold(question)]
        const first = held.find((connection) => connection.first.startsWith('p1'))!
        const other = held.find((connection) => connection !== first)!
        expect([first.first, other.first]).toEqual([expect.stringMatching(/^p1 /), expect.stringMatching(/^p3 /)])
        return { question, first, other }
      }))
      await leaving.to(['p3'])
      for (const { question, first } of calls) {
        expect(await cluster().ask({ ...question, times: 3 })).toEqual(['p3', 'p3', 'p3'])
        expect(await first.again()).toBe(first.first)
      }
      expect(await weights()).toEqual(families.map(() => ({ p1: '0', p3: '1' })))
      // What lingers is known to do so.
      expect(await cluster().backend('n1').intact()).toBe(true)
      for (const { first } of calls) await first.drop()
      await expect.poll(weights, { timeout: 240_000, interval: 1_000 }).toEqual(families.map(() => ({ p1: undefined, p3: '1' })))
      for (const { other } of calls) {
        expect(await other.again()).toBe(other.first)
        await other.drop()
      }
      await leaving.remove()
    })
  })
}
