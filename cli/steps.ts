import type { Clock } from '../host/clock.ts'

/** Shows on the terminal what is being done, and how long it took. */
export interface Steps {
  /** Shows `doing`, runs `work`, then shows `done` (or what `work` returned, when that is text) with the time. */
  step<T>(doing: string, work: () => Promise<T>): Promise<T>
  note(text: string): void
}

export function createSteps({ out, clock }: { out: NodeJS.WriteStream; clock: Clock }): Steps {
  const began = clock.now()
  return {
    async step(doing, work) {
      const start = clock.now()
      const took = () => `${((clock.now() - start) / 1000).toFixed(2)}s`.padStart(7)
      // A terminal sees the line while it is worked on; a file gets only the outcome.
      if (out.isTTY) out.write(`  …       ${doing}`)
      const begin = out.isTTY ? '\r\x1b[K' : ''
      try {
        const result = await work()
        out.write(`${begin}  ✓ ${took()} ${typeof result === 'string' ? `${doing}: ${result}` : doing}\n`)
        return result
      } catch (error) {
        out.write(`${begin}  ✗ ${took()} ${doing}\n`)
        throw error
      }
    },
    note: (text) => void out.write(text.replaceAll('{elapsed}', `${((clock.now() - began) / 1000).toFixed(1)} s`) + '\n'),
  }
}
