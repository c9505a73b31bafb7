import { open, stat } from 'node:fs/promises'
import type { Clock } from '../../host/clock.ts'
import type { Service, ServiceManager } from '../services/services.ts'
import type { Say } from '../steps.ts'
import { HopelessError, until } from '../wait.ts'

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
/** Asking systemd costs a process. */
const lookForLifeEveryMs = 200

/**
 * Makes the part run and waits for its sign of life. One that dies meanwhile will give none: then the last lines of its
 * log are the reason, at once. Resolves to what had to be done.
 */
export async function startPart(sign: string, { manager, service, clock, deadlineMs, say }: PartStart, look: () => Promise<true | undefined>): Promise<string> {
  const logged = await stat(service.logFile).then(({ size }) => size, () => 0)
  let did: 'started' | 'restarted' | 'running' = await manager.ensure(service)
  const began = clock.now()
  let asked = began - lookForLifeEveryMs
  await until(sign, async () => {
    const answer = await look().catch((error: unknown) => ({ error }))
    if (answer === true) return true
    if (clock.now() - asked >= lookForLifeEveryMs) {
      asked = clock.now()
      const { running, restarts } = await manager.status(service.name)
      if (!running && !(restarts !== undefined && restarts < patientRestarts)) throw new HopelessError(`${service.description} ended at once.${await lastWords(service.logFile, logged)}`)
    }
    if (did === 'running' && clock.now() - began > patienceWithOldMs) {
      say('does not answer, starting it anew')
      await manager.stop(service.name)
      await manager.ensure(service)
      did = 'restarted'
    }
    if (answer) throw answer.error
    return undefined
  }, { clock, deadlineMs, onWait: say }).catch(async (error: unknown) => {
    if (error instanceof HopelessError || !(error instanceof Error)) throw error
    throw new Error(`${error.message}.${await lastWords(service.logFile, logged)}`)
  })
  return did
}

const keptBytes = 16 * 1024
const keptLines = 5

/** What was written to a log since it had `from` bytes, its last lines, indented. */
async function lastWords(logFile: string, from: number): Promise<string> {
  const file = await open(logFile, 'r').catch(() => undefined)
  if (!file) return ' It has written no log'
  try {
    const { size } = await file.stat()
    const start = Math.max(from <= size ? from : 0, size - keptBytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n').filter((line) => line.trim()).slice(-keptLines)
    return lines.length ? ` The end of ${logFile}:\n${lines.map((line) => `    ${readable(line)}`).join('\n')}` : ` It wrote nothing to ${logFile}`
  } finally {
    await file.close()
  }
}

/** Our parts log JSON: the message and the error are what a person wants of it. */
function readable(line: string): string {
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } }
    return [msg, err?.message].filter(Boolean).join(': ') || line
  } catch {
    return line.slice(0, 300)
  }
}
