import { createInterface } from 'node:readline'
import type { Exec } from '../../host/exec.ts'

/** A resident `ask.pl` in one place: starting Perl for each question costs most of the time where the machine is emulated. */
export interface Asker {
  ask(words: readonly (string | number)[]): Promise<string[]>
  close(): Promise<void>
}

export async function startAsker(exec: Exec, program: string): Promise<Asker> {
  const perl = await exec.spawn('perl', ['-e', program])
  const waiting = new Map<string, PromiseWithResolvers<string[]>>()
  let last = 0
  createInterface({ input: perl.stdout! }).on('line', (line) => {
    const [id, ...answers] = line.split('\t')
    waiting.get(id!)?.resolve(answers)
    waiting.delete(id!)
  })
  let said = ''
  perl.stderr!.on('data', (text: Buffer) => { said = (said + String(text)).slice(-2000) })
  void perl.exited.then(() => {
    for (const answer of waiting.values()) answer.reject(new Error(`ask.pl has ended: ${said}`))
  })
  return {
    ask(words) {
      const id = String((last += 1))
      const answer = Promise.withResolvers<string[]>()
      waiting.set(id, answer)
      perl.stdin!.write(`${[id, ...words].join('\t')}\n`)
      return answer.promise
    },
    async close() {
      perl.kill('SIGKILL')
      await perl.exited
    },
  }
}
