import { open, stat } from 'node:fs/promises'
import type { Clock } from '../../host/clock.ts'
import type { Service, ServiceManager } from '../services/services.ts'
import type { Say } from '../steps.ts'
import { HopelessError, until, within } from '../wait.ts'
import { parseLogLine } from './log-line.ts'

export interface PartStart {
  readonly manager: ServiceManager
  readonly service: Service
  readonly clock: Clock
  readonly deadlineMs: number
  readonly say: Say
}

/** systemd starts a part again that died; so often we let it try. */
const patientRestarts = 3
/** One that ran before and does not answer so long is started anew: it may be frozen, or lost in a world that changed under it. */
const patienceWithOldMs = 10_000
/** A look that hangs is a look in vain. */
const answerMs = 5_000
/** Asking systemd costs a process. */
const lookForLifeEveryMs = 200

/**
 * Makes the part run and waits for its sign of life. One that dies meanwhile will give none: then the last lines of its
 * log are the reason, at once. Resolves to what had to be done.
 */
export async function startPart(sign: string, start: PartStart, look: () => Promise<true | undefined>): Promise<string> {
  const { manager, service, say } = start
  const logged = await stat(service.logFile).then(({ size }) => size, () => 0)
  try {
    const did = await manager.ensure(service)
    if (did !== 'running') return await waitForLife(sign, start, look).then(() => did)
    const answers = await waitForLife(sign, { ...start, deadlineMs: patienceWithOldMs }, look).then(() => true, () => false)
    if (answers) return did
    say('does not answer, starting it anew')
    await manager.stop(service.name)
    await manager.ensure(service)
    await waitForLife(sign, start, look)
    return 'restarted'
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}.${await lastWords(service.logFile, logged)}`)
  }
}

async function waitForLife(sign: string, { manager, service, clock, deadlineMs, say }: PartStart, look: () => Promise<true | undefined>): Promise<void> {
  let asked = -Infinity
  await until(sign, async () => {
    const answer = await within(answerMs, clock, look()).catch((error: unknown) => ({ error }))
    if (answer === true) return true
    if (clock.now() - asked >= lookForLifeEveryMs) {
      asked = clock.now()
      const { running, restarts } = await manager.status(service.name)
      if (!running && !(restarts !== undefined && restarts < patientRestarts)) throw new HopelessError(`${service.description} ended at once`)
    }
    if (answer) throw answer.error
    return undefined
  }, { clock, deadlineMs, onWait: say })
}

const stackFrame = /^\s+at |^\s*[}^~]+$/
const keptBytes = 16 * 1024
const keptLines = 5

/** What was written to a log since it had `from` bytes, indented: the last of its grave lines, or where there are none its last. */
async function lastWords(logFile: string, from: number): Promise<string> {
  const file = await open(logFile, 'r').catch(() => undefined)
  if (!file) return ' It has written no log'
  try {
    const { size } = await file.stat()
    const start = Math.max(from <= size ? from : 0, size - keptBytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n').filter((line) => line.trim() && !stackFrame.test(line)).map(parseLogLine)
    const grave = lines.filter((line) => line.grave)
    const told = (grave.length ? grave : lines).slice(-keptLines)
    return told.length ? ` The end of ${logFile}:\n${told.map(({ text }) => `    ${text.slice(0, 300)}`).join('\n')}` : ` It wrote nothing to ${logFile}`
  } finally {
    await file.close()
  }
}
