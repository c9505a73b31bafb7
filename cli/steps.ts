import type { Clock } from '../host/clock.ts'

/** Tells what a step is at, or why it still waits. */
export type Say = (text: string) => void

/** Shows on the terminal what is being done, and how long it took. */
export interface Steps {
  /** Shows `doing`, runs `work`, then shows `done` (or what `work` returned, when that is text) with the time. */
  step<T>(doing: string, work: (say: Say) => Promise<T>): Promise<T>
  note(text: string): void
}

export interface StepsOptions {
  readonly out: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>
  readonly clock: Clock
}

export function createSteps({ out, clock }: StepsOptions): Steps {
  const began = clock.now()
  /** What is under way, with what it said last; steps may run side by side. */
  const active = new Map<object, string>()

  /** Lines that stay, above the one line of a terminal that tells what is under way. */
  const show = (line?: string): void => {
    if (!out.isTTY) return void (line !== undefined && out.write(`${line}\n`))
    const now = `  …         ${[...active.values()].join(' · ')}`.slice(0, (out.columns ?? 80) - 1)
    out.write(`\r\x1b[K${line === undefined ? '' : `${line}\n`}${active.size ? now : ''}`)
  }

  return {
    async step(doing, work) {
      const start = clock.now()
      const key = {}
      const end = (mark: string, text: string) => {
        active.delete(key)
        show(`  ${mark} ${`${((clock.now() - start) / 1000).toFixed(2)}s`.padStart(7)} ${text}`)
      }
      const say = (text: string) => {
        active.set(key, `${doing}: ${text}`)
        show(out.isTTY ? undefined : `  …         ${doing}: ${text}`)
      }
      active.set(key, doing)
      show()
      try {
        const result = await work(say)
        end('✓', typeof result === 'string' ? `${doing}: ${result}` : doing)
        return result
      } catch (error) {
        end('✗', doing)
        throw error
      }
    },
    note: (text) => show(text.replaceAll('{elapsed}', `${((clock.now() - began) / 1000).toFixed(1)} s`)),
  }
}
