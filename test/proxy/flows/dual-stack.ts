import { describe, expect, test } from 'vitest'
import { nodeIP } from '../flow-lab.ts'
import { outOfTurn } from '../flow-cluster.ts'
import type { FlowContext } from '../packet-flow.suite.ts'

export function dualStackFlows({ cluster, families }: FlowContext): void {
  describe('families', () => {
    test.skipIf(families.length < 2)('a Service of one family is not there in the other', async () => {
      for (const family of families) {
        const single = await cluster().serve(`single-${family}`, { type: 'NodePort', families: [family], to: ['p1', 'p3'] })
        const other = families.find((candidate) => candidate !== family)!
        expect(outOfTurn(await cluster().ask({ from: 'c1', protocol: 'tcp', host: single.ip(family), port: 80, times: 4 }), ['p1', 'p3'])).toBeUndefined()
        expect(await cluster().ask({ from: 'outside', protocol: 'tcp', host: nodeIP('n1', other), port: single.nodePort('TCP') })).toEqual(['ECONNREFUSED'])
      }
    })

    test.skipIf(families.length < 2)('endpoints in one family do not serve the other', async () => {
      const half = await cluster().serve('half', { to: [] })
      const [here, there] = [families[0]!, families[1]!]
      const full = await cluster().serve('half-full', { to: ['p1'], later: true })
      await cluster().setSlice({
        apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: here === 'ipv4' ? 'IPv4' : 'IPv6',
        metadata: { name: `half-${here}`, namespace: 'default', labels: { 'kubernetes.io/service-name': half.service.metadata.name } },
        ports: [{ name: 'tcp', protocol: 'TCP', port: 8080 }], endpoints: [{ addresses: [here === 'ipv4' ? '10.244.1.11' : 'fd00:244:1::11'], nodeName: 'n1' }],
      })
      expect(await cluster().ask({ from: 'c1', protocol: 'tcp', host: half.ip(here), port: 80 })).toEqual(['p1'])
      expect(await cluster().ask({ from: 'c1', protocol: 'tcp', host: half.ip(there), port: 80 })).toEqual(['ECONNREFUSED'])
      expect(await cluster().ask({ from: 'c1', protocol: 'tcp', host: full.ip(there), port: 80 })).toEqual(['p1'])
    })
  })
}
