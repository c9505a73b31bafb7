import { Counter, Gauge, type Registry } from 'prom-client'
import { rcodes, types } from './message.ts'
import type { ForwardObserver } from './forward/forwarder.ts'
import type { ResolverObserver } from './resolver.ts'

export interface DnsMetrics {
  readonly resolver: ResolverObserver
  readonly forwarder: ForwardObserver
}

/** Types that are counted by name, as CoreDNS has them; all the rest together are `other`. */
const countedTypes = new Map<number, string>(['A', 'AAAA', 'MX', 'SOA', 'CNAME', 'PTR', 'TXT', 'NS', 'SRV', 'DS', 'DNSKEY', 'RRSIG', 'NSEC', 'NSEC3', 'HTTPS', 'IXFR', 'AXFR', 'ANY']
  .map((name) => [types[name as keyof typeof types], name]))
const rcodeNames = new Map<number, string>(Object.entries(rcodes).map(([name, code]) => [code, name]))

/**
 * What CoreDNS counts, under its names, so that its dashboards work. Queries are counted in plain maps and become metrics
 * only when somebody looks: the labels of a metric cost more than an answer.
 */
export function createMetrics(registry: Registry, server: string, cached: () => number): DnsMetrics {
  const registers = [registry]
  const requests = new Map<string, number>()
  const responses = new Map<string, number>()
  const add = (counts: Map<string, number>, key: string) => void counts.set(key, (counts.get(key) ?? 0) + 1)
  const counting = (name: string, help: string, labelNames: readonly string[], counts: Map<string, number>) => new Counter<string>({
    name, help, labelNames: ['server', 'zone', 'view', ...labelNames], registers,
    collect() {
      this.reset()
      for (const [key, count] of counts) {
        const values = key.split('/')
        this.inc({ server, zone: '.', view: '', ...Object.fromEntries(labelNames.map((label, index) => [label, values[index] ?? ''])) }, count)
      }
    },
  })
  counting('coredns_dns_requests_total', 'DNS queries', ['proto', 'type'], requests)
  counting('coredns_dns_responses_total', 'DNS answers, by code and by who gave them', ['rcode', 'plugin'], responses)
  const panics = new Counter({ name: 'coredns_panics_total', help: 'Queries that could not be answered because of a fault of ours', registers })
  const hits = new Counter({ name: 'coredns_cache_hits_total', help: 'Questions for others that the cache answered', labelNames: ['server'], registers })
  const misses = new Counter({ name: 'coredns_cache_misses_total', help: 'Questions for others that an upstream server was asked', labelNames: ['server'], registers })
  new Gauge({ name: 'coredns_cache_entries', help: 'Upstream answers in the cache', labelNames: ['server'], registers, collect() { this.set({ server }, cached()) } })
  const asked = new Counter({ name: 'coredns_forward_requests_total', help: 'Questions sent, by upstream server', labelNames: ['to'], registers })
  const replied = new Counter({ name: 'coredns_forward_responses_total', help: 'Answers, by upstream server and code', labelNames: ['to', 'rcode'], registers })
  const rejected = new Counter({ name: 'coredns_forward_max_concurrent_rejects_total', help: 'Questions refused because too many were under way', registers })
  return {
    resolver: {
      answered({ protocol, type, rcode, by }) {
        add(requests, `${protocol}/${type === undefined ? 'other' : countedTypes.get(type) ?? 'other'}`)
        add(responses, `${rcodeNames.get(rcode) ?? rcode}/${by}`)
      },
      panicked: () => panics.inc(),
    },
    forwarder: {
      asked(to, rcode) {
        asked.inc({ to })
        if (rcode !== 'failed') replied.inc({ to, rcode: rcodeNames.get(rcode) ?? String(rcode) })
      },
      cached: (kind) => (kind === 'hit' ? hits : misses).inc({ server }),
      rejected: () => rejected.inc(),
    },
  }
}

