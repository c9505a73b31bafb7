import { Registry } from 'prom-client'
import { systemClock as clock } from '../../../host/clock.ts'
import { Membership } from '../../../proxy/dns/access.ts'
import { addressBytes, network } from '../../../proxy/dns/addresses.ts'
import { ClusterIndex } from '../../../proxy/dns/cluster/cluster-index.ts'
import { createForwarder } from '../../../proxy/dns/forward/forwarder.ts'
import { createMetrics } from '../../../proxy/dns/metrics.ts'
import { address } from '../../../proxy/dns/records.ts'
import { createResolver } from '../../../proxy/dns/resolver.ts'
import { serveTcp } from '../../../proxy/dns/serve-tcp.ts'
import { serveUdp } from '../../../proxy/dns/serve-udp.ts'
import { service, slice } from '../../../proxy/dns/testing/cluster.ts'
import { silentLog as log } from '../../../proxy/dns/testing/log.ts'

/**
 * The resolver alone in a process, with 10,000 Services, one of them headless with twenty endpoints, and an upstream that
 * is always right. Prints its two ports and, at the end of its input, what it used.
 */
const [count = '10000'] = process.argv.slice(2)
const before = process.memoryUsage().rss
const cluster = new ClusterIndex({ domain: 'cluster.local', ttl: 30 })
cluster.setNamespace('default')
for (let n = 0; n < Number(count); n += 1) {
  cluster.setService(service(`default/svc-${n}`, { clusterIP: `10.96.${n >> 8}.${n & 255}`, ports: [{ name: 'http', protocol: 'TCP', port: 80 }] }))
  cluster.setSlice(slice(`default/svc-${n}-1`, `svc-${n}`, [`10.244.${n >> 8}.${n & 255}`, `10.245.${n >> 8}.${n & 255}`]))
}
cluster.setService(service('default/headless', { clusterIP: 'None', ports: [{ name: 'http', protocol: 'TCP', port: 80 }] }))
cluster.setSlice(slice('default/headless-1', 'headless', Array.from({ length: 20 }, (_, n) => ({ addresses: [`10.250.0.${n}`], hostname: `web-${n}` }))))
cluster.complete = true

const metrics = createMetrics(new Registry(), 'dns://:0', () => 0)
const forwarder = createForwarder({
  exchange: async (_server, { key }) => ({ rcode: 0, truncated: false, authenticData: false, authority: [], answers: [address(key, 300, '\xc0\x00\x02\x01')] }),
  resolvConf: async () => 'nameserver 192.0.2.53', except: [], clock, log, observe: metrics.forwarder,
})
const members = new Membership(['10.244.0.0/16'])
const zones = { networks: ['10.96.0.0/16', '10.244.0.0/16'].map(network), servers: [addressBytes('10.96.0.10')!], mayBePod: (bytes: string) => members.has(bytes) }
const serving = { resolve: createResolver({ cluster, zones, forwarder, clock, log, observe: metrics.resolver }), mayAsk: (peer: string) => members.hasPeer(peer), log, clock }
const udp = await serveUdp('127.0.0.1', 0, serving)
const tcp = await serveTcp('127.0.0.1', 0, serving)
console.log(JSON.stringify({ udp: udp.port, tcp: tcp.port, mebibytes: (process.memoryUsage().rss - before) / 2 ** 20 }))
process.stdin.on('end', () => process.exit(0)).resume()
