/**
 * The server under load, in a process of its own: SQLite, TLS, nothing else. Says its port over IPC, and what it has
 * used of the machine whenever it is asked.
 */
import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { createApiServer } from '../../../control/server/api-server.ts'
import { createObjectStore } from '../../../control/store/object-store.ts'
import { openSqliteLog } from '../../../control/store/sqlite.ts'
import { createWatchCache } from '../../../control/store/watch-cache.ts'
import { systemClock as clock } from '../../../host/clock.ts'
import type { Usage } from './usage.ts'

const directory = process.argv[2]!
const pem = (name: string) => readFile(join(directory, name), 'utf8')
const [key, cert, ca, serviceAccount] = await Promise.all(['server.key', 'server.crt', 'ca.crt', 'service-account.key'].map(pem)) as [string, string, string, string]

const log = await openSqliteLog({ path: join(directory, 'state.db'), clock, log: pino({ level: 'silent' }) })
const cache = createWatchCache({ log, clock })
const server = createApiServer({
  store: createObjectStore({ log, cache }), clock, log: pino({ level: 'warn' }), metrics: new Registry(), serviceAccountKey: createPrivateKey(serviceAccount),
})
const { port } = await server.listen({ host: '127.0.0.1', port: 0, tls: { key, cert, ca } })
process.send!({ port })

const delay = monitorEventLoopDelay({ resolution: 1 })
process.on('message', (message) => {
  if (message === 'begin') {
    delay.reset()
    delay.enable()
    process.send!({ begun: true })
  } else {
    delay.disable()
    const { user, system } = process.cpuUsage()
    process.send!({ cpuSeconds: (user + system) / 1e6, residentMiB: process.memoryUsage.rss() / 2 ** 20, stallMs: delay.max / 1e6 } satisfies Usage)
  }
})
process.on('disconnect', () => process.exit())
