import { beforeAll, describe, expect, test } from 'vitest'
import type { EndpointSlice } from '../../../api/types/discovery-v1.ts'
import type { Family } from '../../../proxy/table.ts'
import { nodeIP, podIP } from '../flow-lab.ts'
import { outOfTurn, type Served } from '../flow-cluster.ts'
import type { FlowContext } from '../packet-flow.suite.ts'

export function badInputFlows({ cluster, families }: FlowContext): void {
  const slice = (service: string, family: Family, endpoints: EndpointSlice['endpoints'], ports: EndpointSlice['ports'] = [{ name: 'tcp', protocol: 'TCP', port: 8080 }]): EndpointSlice => ({
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: family === 'ipv4' ? 'IPv4' : 'IPv6',
    metadata: { name: `${service}-${family}`, namespace: 'default', labels: { 'kubernetes.io/service-name': service } }, ports, endpoints,
  })
  const ask = (host: string, times = 1) => cluster().ask({ from: 'c1', protocol: 'tcp', host, port: 80, times })

  const both = (write: (family: Family) => EndpointSlice) => Promise.all(families.map((family) => cluster().setSlice(write(family))))

  // All of it side by side: each has a Service of its own.
  describe.concurrent('bad input', () => {
    let odd: Served, wide: Served, twice: Served
    beforeAll(async () => {
      [odd, wide, twice] = await Promise.all([
        cluster().serve('odd', { to: [] }),
        cluster().serve('wide', { to: [] }),
        cluster().serve('twice', { to: [], ports: [{ name: 'tcp', protocol: 'TCP', port: 80 }, { name: 'again', protocol: 'TCP', port: 80 }] }),
        cluster().serve('thief', { to: ['p1'], externalIPs: families.flatMap((family) => [nodeIP('n1', family), nodeIP('n2', family)]), ports: [{ name: 'tcp', protocol: 'TCP', port: 22_022, targetPort: 8080 }] }),
      ])
    })

    test('endpoints with loopback, link-local, multicast or nonsense addresses get nothing, the others do', async () => {
      const bad: Record<Family, readonly string[]> = {
        ipv4: ['127.0.0.1', '169.254.169.254', '224.0.0.1', '0.0.0.0', '255.255.255.255', 'fd00::1', 'p1; flush ruleset', ''],
        ipv6: ['::1', 'fe80::1', 'ff02::1', '::', '::ffff:127.0.0.1', '10.0.0.1', 'fe80::1%eth0', '2001:db8::1 } ; flush ruleset'],
      }
      await both((family) => slice('odd', family, bad[family].map((ip) => ({ addresses: [ip] }))))
      for (const family of families) expect(await ask(odd.ip(family))).toEqual(['ECONNREFUSED'])
      await both((family) => slice('odd', family, [...bad[family], podIP('p1', family)].map((ip) => ({ addresses: [ip] }))))
      for (const family of families) expect(await ask(odd.ip(family), 3)).toEqual(['p1', 'p1', 'p1'])
    })

    test('a thousand endpoints are taken in turn', async () => {
      // Nobody listens at the other ports of the pod: refused by it, in turn.
      const thousand = (family: Family) => Array.from({ length: 999 }, (_, index) => (family === 'ipv4' ? `10.244.${200 + Math.floor(index / 250)}.${1 + (index % 250)}` : `fd00:244:ff::${(index + 1).toString(16)}`))
      await both((family) => slice('wide', family, [...thousand(family), podIP('p1', family)].map((ip) => ({ addresses: [ip] }))))
      expect(await cluster().intact('n1')).toBe(true)
      await both((family) => slice('wide', family, [{ addresses: [podIP('p1', family)] }, { addresses: [podIP('p3', family)] }]))
      for (const family of families) expect(outOfTurn(await ask(wide.ip(family), 4), ['p1', 'p3'])).toBeUndefined()
    })

    test('the same endpoint or port said twice counts once', async () => {
      await both((family) => slice('twice', family, ['p1', 'p3', 'p1'].map((pod) => ({ addresses: [podIP(pod as 'p1', family)] })),
        [{ name: 'tcp', protocol: 'TCP', port: 8080 }, { name: 'tcp', protocol: 'TCP', port: 8080 }, { name: 'again', protocol: 'TCP', port: 8080 }]))
      for (const family of families) expect(outOfTurn(await ask(twice.ip(family), 4), ['p1', 'p3'])).toBeUndefined()
      await twice.remove()
    })

    test('a Service does not get the traffic of a node by claiming its address', async () => {
      for (const family of families) for (const node of ['n1', 'n2'] as const) {
        expect(await cluster().ask({ from: 'outside', protocol: 'tcp', host: nodeIP(node, family), port: 22_022 })).toEqual(['ECONNREFUSED'])
      }
    })

    test('names are no commands', async () => {
      const hostile = await cluster().serve('x" -j ACCEPT; $(reboot) } flush ruleset \n*filter\n-F', { to: ['p1'] })
      for (const family of families) expect(await ask(hostile.ip(family), 2)).toEqual(['p1', 'p1'])
      await hostile.remove()
      for (const family of families) expect((await cluster().ask({ from: 'c1', protocol: 'tcp', host: hostile.ip(family), port: 80, patience: 1 }))[0]).not.toBe('p1')
    })
  })
}
