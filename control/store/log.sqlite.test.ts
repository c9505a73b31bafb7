import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { systemClock } from '../../host/clock.ts'
import { logSuite } from './log.suite.ts'
import { openSqliteLog } from './sqlite.ts'

let directory: string
let count = 0
beforeAll(async () => { directory = await mkdtemp(join(tmpdir(), 'store-')) })
afterAll(() => rm(directory, { recursive: true, force: true }))

logSuite('sqlite', () => openSqliteLog({ path: join(directory, `${count++}`, 'state.db'), clock: systemClock }))
