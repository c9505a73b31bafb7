import { spawn as start, type ChildProcess, type StdioOptions } from 'node:child_process'
import { open } from 'node:fs/promises'
import type { Readable, Writable } from 'node:stream'
import { systemClock, type Clock } from './clock.ts'

/** The one door to other programs. Everything that starts a process is handed an `Exec`. */
export interface Exec {
  /**
   * Runs to the end and gathers the output. Rejects with `ExecError` when the command is missing, ends with a code that
   * is not in `okCodes`, runs longer than `timeoutMs`, or is ended by a signal.
   */
  run(command: string, args?: readonly string[], options?: RunOptions): Promise<ExecResult>
  /** Starts something long-lived; resolves once it runs, rejects with `ExecError` when it cannot be started. */
  spawn(command: string, args?: readonly string[], options?: SpawnOptions): Promise<Spawned>
}

export interface RunOptions {
  /** Written to standard input, which is then closed; without it standard input is empty. */
  readonly input?: string | Uint8Array
  /** After this the process is killed and the run rejects with `timeout`. */
  readonly timeoutMs?: number
  /** Added to our own environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** Kills the process when aborted; the run rejects with `killed`. */
  readonly signal?: AbortSignal
  /** Exit codes that are answers, not failures. Default `[0]`. */
  readonly okCodes?: readonly number[]
}

export interface ExecResult {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

export interface SpawnOptions extends Pick<RunOptions, 'env' | 'cwd' | 'signal'> {
  /** Standard output and error are appended to this file (mode 0600) instead of being streams. */
  readonly logFile?: string
  /** In a session of its own, outliving us; needs `logFile`, or the output is thrown away. */
  readonly detached?: boolean
}

/** A running process. The streams are absent where the output goes to a file. */
export interface Spawned {
  readonly pid: number
  readonly stdin: Writable | undefined
  readonly stdout: Readable | undefined
  readonly stderr: Readable | undefined
  /** Resolves when the process has ended and its output is read to the end; never rejects. */
  readonly exited: Promise<Exit>
  /** Sends a signal (default SIGTERM); false when the process is gone. */
  kill(signal?: NodeJS.Signals): boolean
}

export interface Exit { readonly code: number | undefined; readonly signal: NodeJS.Signals | undefined }

/** `missing`: no such command. `failed`: ended with a bad code or could not start. `timeout` and `killed` say it. */
export type ExecReason = 'missing' | 'failed' | 'timeout' | 'killed'

/** The one error of this edge. `message` is a sentence with the command and what it wrote on standard error. */
export class ExecError extends Error {
  override readonly name = 'ExecError'
  readonly reason: ExecReason
  readonly command: string
  readonly args: readonly string[]
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string

  constructor(reason: ExecReason, command: string, args: readonly string[], said: { message: string; code?: number; stdout?: string; stderr?: string }) {
    super(said.message)
    this.reason = reason
    this.command = command
    this.args = args
    this.code = said.code
    this.stdout = said.stdout ?? ''
    this.stderr = said.stderr ?? ''
  }
}

export const isMissingCommand = (error: unknown): boolean => error instanceof ExecError && error.reason === 'missing'

const sentence = (command: string, args: readonly string[], what: string, stderr: string): string => {
  const line = [command, ...args].join(' ')
  const said = stderr.trim()
  return `${line.length > 200 ? `${line.slice(0, 200)}…` : line}: ${what}${said ? `: ${said.slice(0, 2000)}` : ''}`
}

const environment = (extra: RunOptions['env']): NodeJS.ProcessEnv => extra ? { ...process.env, ...extra } : process.env

/** Node's error of a failed start in our words. ENOENT may mean the working directory, so that is asked first. */
const startError = (error: NodeJS.ErrnoException, command: string, args: readonly string[]): ExecError => {
  const missing = error.code === 'ENOENT' && error.path === command
  return new ExecError(missing ? 'missing' : 'failed', command, args, {
    message: missing ? `${command}: command not found` : sentence(command, args, `cannot start: ${error.message}`, ''),
  })
}

/** Resolves when the process runs; rejects when it cannot. */
const started = (child: ChildProcess, command: string, args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', error => reject(startError(error, command, args)))
  })

/** The real thing. */
export const createExec = ({ clock = systemClock }: { clock?: Clock } = {}): Exec => execOver({ clock, launch, spawn: (command, args = [], options = {}) => spawn(command, args, options) })

/** A started process whose output `run` gathers. Without `input` its standard input is empty. */
export type Launch = (command: string, args: readonly string[], options: Pick<RunOptions, 'env' | 'cwd'> & { readonly input: boolean }) => Promise<Launched>
export interface Launched extends Pick<Spawned, 'stdin' | 'exited' | 'kill'> { readonly stdout: Readable; readonly stderr: Readable }

/** What `run` promises (input, deadlines, codes, sentences), for processes that are started in any way and anywhere. */
export const execOver = ({ clock = systemClock, launch, spawn }: { clock?: Clock; launch: Launch; spawn: Exec['spawn'] }): Exec => ({
  run: (command, args = [], options = {}) => run(clock, launch, command, args, options),
  spawn,
})

const run = async (clock: Clock, launch: Launch, command: string, args: readonly string[], options: RunOptions): Promise<ExecResult> => {
  options.signal?.throwIfAborted()
  const { stdin, stdout: out, stderr: err, exited, kill } = await launch(command, args, {
    input: options.input !== undefined, ...(options.env && { env: options.env }), ...(options.cwd !== undefined && { cwd: options.cwd }),
  })
  const stdout = gather(out)
  const stderr = gather(err)
  let why: 'timeout' | 'killed' | undefined
  const stop = (reason: 'timeout' | 'killed') => () => {
    why ??= reason
    kill('SIGKILL')
    // Grandchildren may hold the pipes open; the answer must not wait for them.
    out.destroy()
    err.destroy()
  }
  const cancelTimeout = options.timeoutMs === undefined ? () => {} : clock.after(options.timeoutMs, stop('timeout'))
  const abort = stop('killed')
  if (options.signal?.aborted) abort() // while it was being started
  options.signal?.addEventListener('abort', abort, { once: true })
  try {
    stdin?.end(options.input)
    const { code, signal } = await exited
    const said = { stdout: stdout(), stderr: stderr(), ...(code !== undefined && { code }) }
    const fail = (reason: ExecReason, what: string) => new ExecError(reason, command, args, { ...said, message: sentence(command, args, what, said.stderr) })
    if (why === 'timeout') throw fail('timeout', `did not end within ${options.timeoutMs} ms`)
    if (why === 'killed' || code === undefined) throw fail('killed', `killed by ${signal ?? 'SIGKILL'}`)
    if (!(options.okCodes ?? [0]).includes(code)) throw fail('failed', `exit code ${code}`)
    return { stdout: said.stdout, stderr: said.stderr, code }
  } finally {
    cancelTimeout()
    options.signal?.removeEventListener('abort', abort)
  }
}

const launch: Launch = async (command, args, { input, env, cwd }) => {
  const child = start(command, [...args], { stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'], env: environment(env), ...(cwd !== undefined && { cwd }) })
  const exited = ending(child)
  child.stdin?.on('error', () => {}) // A command may end without reading all of its input; its exit code says whether that was right.
  await started(child, command, args)
  return { stdin: child.stdin ?? undefined, stdout: child.stdout!, stderr: child.stderr!, exited, kill: signal => child.kill(signal ?? 'SIGTERM') }
}

const spawn = async (command: string, args: readonly string[], options: SpawnOptions): Promise<Spawned> => {
  const log = options.logFile === undefined ? undefined : await open(options.logFile, 'a', 0o600)
  try {
    const output = log ? log.fd : options.detached ? 'ignore' : 'pipe'
    const stdio: StdioOptions = [options.detached ? 'ignore' : 'pipe', output, output]
    const child = start(command, [...args], {
      stdio, env: environment(options.env), detached: options.detached ?? false, ...(options.cwd !== undefined && { cwd: options.cwd }),
    })
    const exited = ending(child)
    await started(child, command, args)
    if (options.detached) child.unref()
    child.stdin?.on('error', () => {})
    const abort = () => void child.kill('SIGTERM')
    if (options.signal?.aborted) abort()
    options.signal?.addEventListener('abort', abort, { once: true })
    void exited.then(() => options.signal?.removeEventListener('abort', abort))
    return {
      pid: child.pid!, stdin: child.stdin ?? undefined, stdout: child.stdout ?? undefined, stderr: child.stderr ?? undefined, exited,
      kill: signal => child.kill(signal ?? 'SIGTERM'),
    }
  } finally {
    await log?.close()
  }
}

const ending = (child: ChildProcess): Promise<Exit> =>
  new Promise(resolve => child.once('close', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined })))

const gather = (stream: Readable): () => string => {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString('utf8')
}
