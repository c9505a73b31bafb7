import { expect, it } from 'vitest'
import { logSuite } from './log.suite.ts'
import { createMemoryLog } from './memory.ts'

logSuite('memory', async () => createMemoryLog())

it('trims its history', async () => {
  const log = createMemoryLog({ keep: 10 })
  let revision = await log.create('/k', new Uint8Array())
  for (let i = 0; i < 100; i++) revision = await log.update('/k', new Uint8Array([i]), revision)
  expect(await log.compacted()).toBeGreaterThan(revision - 14)
  expect((await log.changes('/', revision - 10)).changes).toHaveLength(10)
  await expect(log.changes('/', revision - 50)).rejects.toMatchObject({ reason: 'compacted' })
})
