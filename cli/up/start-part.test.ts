import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createManualClock, type ManualClock } from '../../host/manual-clock.ts'
import type { Service, ServiceManager, ServiceStatus } from '../services/services.ts'
import { startPart } from './start-part.ts'

let directory: string
let logFile: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'k8ts-part-'))
  logFile = join(directory, 'server.log')
  await writeFile(logFile, 'from an earlier run\n')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

function start(status: ServiceStatus | (() => ServiceStatus), says: string, look: () => Promise<true | undefined>, did: 'started' | 'running' = 'started') {
  const calls: string[] = []
  const clock = createManualClock()
  const said: string[] = []
  const service: Service = { name: 'k8ts-server', description: 'k8ts control plane', command: [], environment: {}, after: [], keepsChildren: false, directories: [], reads: '', logFile }
  const manager: ServiceManager = {
    kind: 'processes', remove: async () => {}, stop: async () => void calls.push('stop'),
    status: async () => (typeof status === 'function' ? status() : status),
    async ensure() { calls.push('ensure'); await appendFile(logFile, says); return did },
  }
  const outcome = startPart('The control plane answering', { manager, service, clock, deadlineMs: 60_000, say: (text) => said.push(text) }, look)
  outcome.catch(() => undefined)
  return { clock, said, outcome, calls }
}

/** Lets time pass until it has come to its end, whichever. */
async function until(outcome: Promise<unknown>, clock: ManualClock): Promise<void> {
  let ended = false
  void outcome.catch(() => undefined).then(() => { ended = true })
  while (!ended) await clock.advance('1s')
}

const never = async () => { throw new Error('connection refused') }

test('one that died is given up at once, with its last words in readable form', async () => {
  const { outcome, clock } = start({ running: false }, '{"level":50,"msg":"Cannot open","err":{"message":"disk full"}}\nk8ts: no way\n    at main (main.ts:1:1)\n', never)
  await expect(outcome).rejects.toThrow(`k8ts control plane ended at once. The end of ${logFile}:\n    Cannot open: disk full\n    k8ts: no way`)
  expect(clock.next).toBeUndefined()
})

test('of many words the grave ones are told', async () => {
  const info = (n: number) => `time="t" level=info msg="loading ${n}"\n{"level":30,"msg":"starting ${n}"}\n`
  const grave = 'time="t" level=warning msg="failed to load plugin cri" error="no space"\n'
  const { outcome } = start({ running: false }, `${grave}${[1, 2, 3, 4, 5].map(info).join('')}`, never)
  await expect(outcome).rejects.toThrow(new RegExp(`The end of ${logFile}:\n    failed to load plugin cri: no space$`))
})

test('one that dies without a word is told by where the word should be', async () => {
  await expect(start({ running: false }, '', never).outcome).rejects.toThrow(`It wrote nothing to ${logFile}`)
})

test('one that systemd starts again is given another chance, not for ever', async () => {
  let restarts = 0
  const { outcome, clock } = start(() => ({ running: false, restarts: restarts++ }), '', never)
  await until(outcome, clock)
  await expect(outcome).rejects.toThrow('ended at once')
  expect(restarts).toBe(4)
})

test('one that lives has time, and what it waits for is told', async () => {
  let looks = 0
  const { outcome, clock, said } = start({ running: true, pid: 1 }, '', async () => { if (looks++ > 100) return true; throw new Error('waiting for proxy') })
  while (said.length === 0) await clock.advance('1s')
  await until(outcome, clock)
  expect(await outcome).toBe('started')
  expect(said).toEqual(['waiting for proxy'])
})

test('one that ran before and does not answer is started anew, once', async () => {
  let calls: string[] = []
  const part = start({ running: true, pid: 1 }, '', async () => { if (calls.length === 3) return true; throw new Error('no answer') }, 'running')
  calls = part.calls
  while (calls.length < 3) await part.clock.advance('1s')
  await until(part.outcome, part.clock)
  expect(await part.outcome).toBe('restarted')
  expect([calls, part.said]).toEqual([['ensure', 'stop', 'ensure'], ['no answer', 'does not answer, starting it anew']])
})
