/**
 * `node test/bench/api.ts [objects]`: the API server on SQLite over TLS, in a process of its own, under clients that do
 * nothing but ask. Prints for each kind of request, at 1, 8 and 64 clients: requests a second, p50, p99, CPU seconds of the
 * server for 1,000 requests, its memory, and the longest time its event loop was held up. No peer is on the machine:
 * kube-apiserver is not to be had from the registries this project installs from, so the aims stand for it.
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../../cli/programs.ts'
import { createClusterPki } from '../../control/pki/cluster-pki.ts'
import { systemClock } from '../../host/clock.ts'
import { openConnection } from './api/connection.ts'
import type { Connection, Identity } from './api/connection.ts'
import type { Usage } from './api/usage.ts'
import { lineOf, percentile } from './report.ts'

const objects = Number(process.argv[2] ?? 5000)
const home = join(import.meta.dirname, '../..')
const programs = join(home, '.runtime', `bench-${process.pid}`)
const directory = await mkdtemp(join(tmpdir(), 'k8ts-bench-'))
let server: ChildProcess | undefined
/** How many pods there are. */
let made = 0
const pods = '/api/v1/namespaces/default/pods'
try {
  const identity = await start(directory)
  const all = await Promise.all(Array.from({ length: 64 }, () => openConnection(identity)))
  await prepare(all[0]!)
  for (const clients of [1, 8, 64]) await rounds(all.slice(0, clients))
  await fanOut(identity)
  for (const connection of all) connection.close()
} finally {
  server?.disconnect()
  await Promise.all([directory, programs].map((path) => rm(path, { recursive: true, force: true })))
}

async function start(place: string): Promise<Identity> {
  const { ca, apiserver, admin, serviceAccount } = await createClusterPki({ clock: systemClock, nodes: [] })
  const files = { 'server.key': apiserver.key, 'server.crt': apiserver.certificate, 'ca.crt': ca.certificate, 'service-account.key': serviceAccount.key }
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(place, name), text, { mode: 0o600 })))
  // Joined into few files, as `up` does with what it installs.
  await bundle(home, { server: join(import.meta.dirname, 'api/server.ts'), 'sqlite-worker': join(home, 'control/store/sqlite-worker.ts') }, programs)
  // The first start fills the compile cache, as installing does; the second is a new cluster, the third one that has been there before.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(place, 'compile-cache') }
  for (const run of ['', 'new cluster', 'cluster made before']) {
    if (run === 'new cluster') await Promise.all(['state.db', 'state.db-wal', 'state.db-shm'].map((name) => rm(join(place, name), { force: true })))
    const begun = performance.now()
    server = fork(join(programs, 'server.js'), [place], { env, execArgv: ['--max-semi-space-size=4'] })
    const [{ port }] = await once(server, 'message') as [{ port: number }]
    if (run) console.log(lineOf({ name: `ready to serve, ${run}`, value: performance.now() - begun, unit: 'ms', aim: { atMost: 400 } }))
    if (run === 'cluster made before') return { port, ca: ca.certificate, key: admin.key, cert: admin.certificate }
    const over = once(server, 'exit')
    server.disconnect()
    await over
  }
  throw new Error('unreachable')
}

/** What the server has used; `begin` starts a new count of stalls. */
async function usage(message: 'begin' | 'end'): Promise<Usage> {
  server!.send(message)
  return (await once(server!, 'message') as [Usage])[0]
}

function podOf(name: string, group: number): string {
  return JSON.stringify({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: 'bench', group: String(group) } },
  spec: { containers: [{ name: 'main', image: 'web:1', resources: { requests: { cpu: '10m', memory: '16Mi' } }, env: [{ name: 'GREETING', value: 'hello' }] }] },
  })
}

async function prepare(connection: Connection): Promise<void> {
  await connection.request('POST', '/api/v1/namespaces/default/serviceaccounts', JSON.stringify({ metadata: { name: 'default' } }))
}

async function rounds(clients: readonly Connection[]): Promise<void> {
  const first = made
  const share = Math.ceil(objects / 3)
  const name = (index: number) => `${pods}/pod-${first + index}`
  await round('create', clients, share, 201, (client, i) => client.request('POST', pods, podOf(`pod-${first + i}`, i % 50)))
  made += share
  await round('get', clients, share * 3, 200, (client, i) => client.request('GET', name(i % share)))
  await round(`list of ${made} pods`, clients, 40, 200, (client) => client.request('GET', pods))
  await round('list by selector', clients, 200, 200, (client, i) => client.request('GET', `${pods}?labelSelector=group%3D${i % 50}`))
  await round('list, page of 500', clients, 200, 200, (client) => client.request('GET', `${pods}?limit=500`))
  await round('update (status)', clients, share, 200, (client, i) => client.request('PUT', `${name(i)}/status`, JSON.stringify({ ...JSON.parse(podOf(`pod-${first + i}`, i % 50)), status: { phase: 'Running', podIP: '10.0.0.1' } })))
  await round('patch (merge)', clients, share, 200, (client, i) => client.request('PATCH', name(i), JSON.stringify({ metadata: { annotations: { touched: String(i) } } }), 'application/merge-patch+json'))
  if (clients.length === 64) await round('delete', clients, made, 200, (client, i) => client.request('DELETE', `${pods}/pod-${i}?gracePeriodSeconds=0`))
}

async function round(what: string, clients: readonly Connection[], count: number, expected: number, ask: (client: Connection, index: number) => ReturnType<Connection['request']>): Promise<void> {
  const times: number[] = []
  const before = await usage('end')
  await usage('begin')
  let next = 0
  const begun = performance.now()
  await Promise.all(clients.map(async (client) => {
    for (let index = next++; index < count; index = next++) {
      const from = performance.now()
      const { status } = await ask(client, index)
      times.push(performance.now() - from)
      if (status !== expected) throw new Error(`${what}: answered ${status}`)
    }
  }))
  const seconds = (performance.now() - begun) / 1000
  const after = await usage('end')
  const parts = [
    `${what}, ${clients.length} client${clients.length > 1 ? 's' : ''}`.padEnd(32), `${(count / seconds).toFixed(0).padStart(6)}/s`,
    `p50 ${percentile(times, 0.5).toFixed(2)} ms`, `p99 ${percentile(times, 0.99).toFixed(2)} ms`,
    `CPU ${((after.cpuSeconds - before.cpuSeconds) / count * 1000).toFixed(3)} s/1000`, `${after.residentMiB.toFixed(0)} MiB`, `stall ${after.stallMs.toFixed(0)} ms`,
  ]
  console.log(parts.join('  '))
}

/** 100 watchers, 200 updates: from the first update until every watcher has seen the last. */
async function fanOut(identity: Identity): Promise<void> {
  const watchers = 100
  const updates = 200
  const client = await openConnection(identity)
  const maps = '/api/v1/namespaces/default/configmaps'
  await client.request('POST', maps, JSON.stringify({ metadata: { name: 'watched' }, data: { at: '' } }))
  let seen = 0
  const done = Promise.withResolvers<void>()
  const connections = await Promise.all(Array.from({ length: watchers }, () => openConnection(identity)))
  const started = Promise.withResolvers<void>()
  for (const connection of connections) connection.watch(`${maps}?watch=1`, (lines) => {
    seen += lines
    if (seen === watchers) started.resolve()
    if (seen === watchers * (updates + 1)) done.resolve()
  })
  await started.promise
  const before = await usage('end')
  await usage('begin')
  const begun = performance.now()
  for (let i = 0; i < updates; i++) await client.request('PATCH', `${maps}/watched`, JSON.stringify({ data: { at: String(i) } }), 'application/merge-patch+json')
  await done.promise
  const seconds = (performance.now() - begun) / 1000
  const after = await usage('end')
  console.log(`watch, ${watchers} watchers × ${updates} updates  ${(watchers * updates / seconds).toFixed(0)} events/s  CPU ${((after.cpuSeconds - before.cpuSeconds) / (watchers * updates) * 1000).toFixed(3)} s/1000 events  ${after.residentMiB.toFixed(0)} MiB  stall ${after.stallMs.toFixed(0)} ms`)
  for (const connection of [client, ...connections]) connection.close()
}
