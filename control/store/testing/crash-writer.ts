import { systemClock } from '../../../host/clock.ts'
import { openSqliteLog } from '../sqlite.ts'

/**
 * A process to be killed: writes without end, and says on its output what was acknowledged, one line each. Even writers
 * write durably; the odd one renews a lease.
 */
const log = await openSqliteLog({ path: process.argv[2]!, clock: systemClock })
const value = (text: string) => new TextEncoder().encode(text.padEnd(700, '.'))
const say = (...words: (string | number)[]) => process.stdout.write(`${words.join(' ')}\n`)

async function renew(): Promise<never> {
  const key = '/registry/leases/a/lease'
  let revision = (await log.get(key))?.revision ?? await log.create(key, value('lease'), { lazy: true })
  for (;;) say('lazy', key, revision = await log.update(key, value('lease'), revision, { lazy: true }))
}

async function write(writer: number): Promise<never> {
  for (let i = 0; ; i++) {
    const key = `/registry/pods/${process.pid}/${writer}-${i}`
    const created = await log.create(key, value('1'))
    say('created', key, created)
    if (i % 3 === 0) say('updated', key, await log.update(key, value('2'), created))
    if (i % 3 === 1) say('deleted', key, await log.delete(key, created))
  }
}

await Promise.all([renew(), ...Array.from({ length: 6 }, (_, writer) => write(writer))])
