import type { FlowMatch } from '../host/conntrack.ts'
import type { ForwardingTable, Route, Target } from './table.ts'

/**
 * UDP has no end of connection: a flow the kernel remembers goes on to the endpoint it began with, or to nowhere if
 * there was none. These are the memories to delete when one table follows another: flows to endpoints that are gone,
 * and all flows of a Service that had no endpoint before.
 */
export function staleFlows(before: ForwardingTable, after: ForwardingTable): FlowMatch[] {
  const now = new Map(after.routes.map((route) => [route.id, route]))
  const flows: FlowMatch[] = []
  for (const old of before.routes) {
    const route = now.get(old.id)
    if (old.protocol !== 'UDP' || route === old) continue
    for (const side of ['internal', 'external'] as const) {
      const left = new Set(route?.[side].map(address))
      const gone = old[side].filter((target) => !left.has(address(target)))
      for (const entry of entries(old, side)) {
        for (const target of gone) flows.push({ ...entry, endpoint: target.ip })
        if (old[side].length === 0 && left.size > 0) flows.push(entry)
      }
    }
  }
  return flows
}

const address = (target: Target): string => `${target.ip} ${target.port}`

/** How clients reach a route: what stands in the destination of their packets. */
function entries(route: Route, side: 'internal' | 'external'): FlowMatch[] {
  const family = route.family === 'ipv6' ? 'IPv6' : 'IPv4'
  if (side === 'internal') return [{ dst: route.clusterIP, port: route.port, family }]
  const outside: FlowMatch[] = [...route.externalIPs, ...route.loadBalancerIPs].map((dst) => ({ dst, port: route.port, family }))
  return route.nodePort === undefined ? outside : [...outside, { port: route.nodePort, family }]
}
