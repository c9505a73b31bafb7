import { beforeAll, describe, expect, test } from 'vitest'
import { nodeIP } from '../flow-lab.ts'
import { outOfTurn, sliceOf, type Served } from '../flow-cluster.ts'
import type { FlowContext } from '../packet-flow.suite.ts'

export function dualStackFlows({ cluster, families }: FlowContext): void {
  describe.skipIf(families.length < 2).concurrent('families', () => {
    const [here, there] = [families[0]!, families[1]!]
    let singles: readonly Served[], half: Served, full: Served
    beforeAll(async () => {
      [half, full, ...singles] = await Promise.all([
        cluster().serve('half', { to: [] }),
        cluster().serve('half-full', { to: ['p1'] }),
        ...families.map((family) => cluster().serve(`single-${family}`, { type: 'NodePort', families: [family], to: ['p1', 'p3'] })),
      ])
    })

    test.for(families)('a Service of one family is not there in the other: only %s', async (family) => {
      const single = singles[families.indexOf(family)]!
      const other = families.find((candidate) => candidate !== family)!
      expect(outOfTurn(await cluster().ask({ from: 'c1', protocol: 'tcp', host: single.ip(family), port: 80, times: 4 }), ['p1', 'p3'])).toBeUndefined()
      expect(await cluster().ask({ from: 'outside', protocol: 'tcp', host: nodeIP('n1', other), port: single.nodePort('TCP') })).toEqual(['ECONNREFUSED'])
    })

    test('endpoints in one family do not serve the other', async () => {
      await cluster().setSlice(sliceOf(half.service, here, ['p1']))
      expect(await cluster().ask({ from: 'c1', protocol: 'tcp', host: half.ip(here), port: 80 })).toEqual(['p1'])
      expect(await cluster().ask({ from: 'c1', protocol: 'tcp', host: half.ip(there), port: 80 })).toEqual(['ECONNREFUSED'])
      expect(await cluster().ask({ from: 'c1', protocol: 'tcp', host: full.ip(there), port: 80 })).toEqual(['p1'])
    })
  })
}
