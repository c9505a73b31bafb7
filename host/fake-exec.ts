import { ExecError, type Exec, type ExecResult, type RunOptions } from './exec.ts'

/** One call as it was made. */
export interface ExecCall { readonly command: string; readonly args: readonly string[]; readonly options: RunOptions }

/** What a fake command answers: text for standard output, or more; `undefined`: no such command. */
export type FakeAnswer = string | Partial<ExecResult> | undefined

/** An `Exec` for unit tests: `answer` plays the commands, `calls` remembers them. It starts nothing. */
export const createFakeExec = (answer: (call: ExecCall) => FakeAnswer | Promise<FakeAnswer>): Exec & { readonly calls: ExecCall[] } => {
  const calls: ExecCall[] = []
  return {
    calls,
    async run(command, args = [], options = {}) {
      const call = { command, args, options }
      calls.push(call)
      const said = await answer(call)
      if (said === undefined) throw new ExecError('missing', command, args, { message: `${command}: command not found` })
      const result = { stdout: '', stderr: '', code: 0, ...(typeof said === 'string' ? { stdout: said } : said) }
      if (!(options.okCodes ?? [0]).includes(result.code)) {
        throw new ExecError('failed', command, args, { ...result, message: `${[command, ...args].join(' ')}: exit code ${result.code}: ${result.stderr}` })
      }
      return result
    },
    spawn: (command, args = []) =>
      Promise.reject(new ExecError('failed', command, args, { message: `${command}: the fake exec starts no long-lived process` })),
  }
}
