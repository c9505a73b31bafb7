import { systemClock, type Clock } from './clock.ts'
import type { Exec, Spawned } from './exec.ts'

/**
 * An `nft` that stays (`nft -i`) and runs one short script after the other. Starting one for each costs ten times
 * what the kernel needs for the change: it loads a dozen libraries. Starts with the first script, ends when unused for a
 * while, when told to, and with us, as its input then ends.
 */
export interface NftSession {
  /** What `nft` said of the script: nothing when all went well. Undefined: there can be no session, and the script was not run. Rejects when it ended before it answered: then nobody knows. */
  run(script: string): Promise<string | undefined>
  /** Ends it; the next script starts another one. */
  close(): void
}

/** Answered without the kernel, in words that are no error. */
const question = 'describe tcp dport'
const answer = /^payload expression, datatype inet_service.*\n/m

const idleMs = 600_000
/** It keeps what it was told, as people's shells do; after so many characters another one takes over. */
const mostText = 4_000_000

/** And would write it to a file of the user's. */
const withoutHistory = { HOME: '/dev/null' }

export interface NftSessionOptions {
  readonly exec: Exec
  readonly clock?: Clock
  /** After this without an answer it is killed. */
  readonly timeoutMs?: number
}

export const createNftSession = ({ exec, clock = systemClock, timeoutMs = 60_000 }: NftSessionOptions): NftSession => {
  let running: Running | undefined
  /** This machine's `nft` takes no commands this way. */
  let isImpossible = false
  let last: Promise<unknown> = Promise.resolve()
  let cancelIdle = () => {}

  /** One that has answered once. */
  const start = async (): Promise<Running | undefined> => {
    try {
      const started = readAnswers(await exec.spawn('sh', ['-c', 'exec nft -i 2>&1'], { env: withoutHistory }), clock, timeoutMs)
      await started.say('')
      return started
    } catch {
      return undefined
    }
  }
  const end = (): void => {
    cancelIdle()
    running?.end()
    running = undefined
  }
  /** After what is being said, or one that is being started would be left. */
  const close = (): void => { last = last.then(end) }
  const run = async (script: string): Promise<string | undefined> => {
    cancelIdle()
    if (isImpossible) return undefined
    if (running && running.told() > mostText) end()
    if (!running?.isAlive()) running = await start()
    isImpossible = running === undefined
    cancelIdle = clock.after(idleMs, close, { unref: true })
    return running?.say(asLine(script))
  }
  return {
    close,
    run(script) {
      const done = last.then(() => run(script))
      last = done.catch(() => {})
      return done
    },
  }
}

/** One line is one transaction. */
const asLine = (script: string): string => script.split('\n').filter(line => line.trim() !== '').join('; ')

interface Running {
  say(line: string): Promise<string>
  end(): void
  isAlive(): boolean
  /** Characters so far. */
  told(): number
}

function readAnswers(spawned: Spawned, clock: Clock, timeoutMs: number): Running {
  let said = ''
  let waiting: PromiseWithResolvers<string> | undefined
  let [isAlive, told] = [true, 0]
  void spawned.exited.then(() => {
    isAlive = false
    waiting?.reject(new Error(`nft ended before it answered: ${said.slice(0, 1000)}`))
  })
  spawned.stdout!.setEncoding('utf8').on('data', (text: string) => {
    said += text
    const found = answer.exec(said)
    if (!found) return
    waiting?.resolve(said.slice(0, found.index))
    said = said.slice(found.index + found[0].length)
  })
  return {
    isAlive: () => isAlive,
    told: () => told,
    end: () => void spawned.stdin!.end(),
    async say(line) {
      if (!isAlive) throw new Error('nft has ended')
      waiting = Promise.withResolvers()
      told += line.length
      const cancelTimeout = clock.after(timeoutMs, () => void spawned.kill('SIGKILL'))
      spawned.stdin!.write(`${line}\n${question}\n`)
      try {
        return await waiting.promise
      } finally {
        cancelTimeout()
        waiting = undefined
      }
    },
  }
}
