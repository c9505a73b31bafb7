/**
 * `node userspace-node.ts nftables|iptables BACKEND-OPTIONS`: the userspace backend as a process, for a test to start inside
 * the network namespace of a node, where its sockets must be. One JSON line in is one call, `{"call": "apply", "table": …}`;
 * one JSON line out is its answer, `{"value": …}` or `{"error": …}`, after a first `{"value": "ready"}`.
 */
import { createInterface } from 'node:readline'
import { isDeepStrictEqual } from 'node:util'
import { pino } from 'pino'
import { systemClock, type Clock } from '../../host/clock.ts'
import { createConntrack } from '../../host/conntrack.ts'
import { createExec } from '../../host/exec.ts'
import { createIptables } from '../../host/iptables.ts'
import { createLocalAddresses } from '../../host/local-address.ts'
import { createNft } from '../../host/nft.ts'
import type { BackendOptions } from '../../proxy/backend.ts'
import { createIptablesBackend } from '../../proxy/iptables/backend.ts'
import { createNftablesBackend } from '../../proxy/nftables/backend.ts'
import type { ForwardingTable, Route } from '../../proxy/table.ts'
import { createUserspaceBackend } from '../../proxy/userspace/backend.ts'
import { createIptablesGuard, createNftGuard } from '../../proxy/userspace/guard.ts'

const [kind, options] = [process.argv[2], JSON.parse(process.argv[3]!) as BackendOptions]
const exec = createExec()
const [nft, iptables] = [createNft({ exec }), createIptables({ exec, variant: 'nft' })]
/** An endpoint that takes a quarter of a second to answer loses its turn: the rule, and no answer to what the suite asks on a busy machine. */
const patientClock: Clock = { ...systemClock, after: (ms, callback, options) => systemClock.after(20 * ms, callback, options) }
const backend = createUserspaceBackend({
  ...(kind === 'iptables'
    ? { inner: createIptablesBackend({ iptables, ...options }), guard: createIptablesGuard(iptables) }
    : { inner: createNftablesBackend({ nft, ...options }), guard: createNftGuard(nft) }),
  addresses: createLocalAddresses({ exec }), conntrack: createConntrack({ exec }), clock: patientClock, log: pino({ base: null }, pino.destination(2)),
})

/** Text has no identity, and backends go by it: a route that says the same is the one from before. */
let before = new Map<string, Route>()
const recognize = ({ routes, healthChecks }: ForwardingTable): ForwardingTable => {
  const known = routes.map((route) => {
    const old = before.get(route.id)
    return old && isDeepStrictEqual(JSON.parse(JSON.stringify(old)), route) ? old : { ...route, nodePort: route.nodePort, affinitySeconds: route.affinitySeconds }
  })
  before = new Map(known.map((route) => [route.id, route]))
  return { routes: known, healthChecks }
}

async function answer({ call, table }: { call: 'supported' | 'apply' | 'intact' | 'cleanup'; table?: ForwardingTable }): Promise<unknown> {
  return call === 'apply' ? backend.apply(recognize(table!)) : backend[call]()
}

const say = (line: { value: unknown } | { error: string }) => process.stdout.write(`${JSON.stringify(line)}\n`)
say({ value: 'ready' })
for await (const line of createInterface({ input: process.stdin })) {
  say(await answer(JSON.parse(line)).then((value) => ({ value: value ?? null }), (error: Error) => ({ error: error.stack ?? error.message })))
}
