import { constants } from 'node:os'
import { Readable, Writable } from 'node:stream'
import { ExecError, execOver, type Exec, type Exit, type Launched, type RunOptions, type Spawned } from '../../../host/exec.ts'
import { createFrameReader, encodeFrame, encodeWords, frameTypes, maxPayload, type Frame, type FrameType } from './frames.ts'

/** The machine's end of the line as an `Exec`. */
export interface VmExec extends Exec {
  /** Resolves when the server inside answers. */
  readonly ready: Promise<void>
  /** Tells all that waits that the machine is gone, and why. */
  lost(why: string): void
}

interface Remote extends Launched { readonly pid: number; readonly stdin: Writable }
interface Process {
  started(remote: Remote): void
  refused(reason: string): void
  readonly stdout: Readable
  readonly stderr: Readable
  exited(exit: Exit): void
}

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]))

/** `toMachine` and `fromMachine` are the two directions of the serial line. */
export function createVmExec(toMachine: Writable, fromMachine: Readable): VmExec {
  const processes = new Map<number, Process>()
  let last = 0
  let gone: string | undefined
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {}) // heard by whoever asks for it

  const send = (type: FrameType, process: number, payload?: Uint8Array, written?: () => void): void => {
    if (gone === undefined) toMachine.write(encodeFrame(type, process, payload), () => written?.())
    else written?.()
  }
  toMachine.on('error', () => {}) // the machine's end says more
  fromMachine.on('data', createFrameReader((frame) => receive(frame)))

  function receive({ type, process: number, payload }: Frame): void {
    if (type === frameTypes.ready) return ready.resolve()
    const process = processes.get(number)
    if (!process) return
    if (type === frameTypes.started) process.started(remote(number, Number(payload), process))
    if (type === frameTypes.stdout) process.stdout.push(Buffer.from(payload))
    if (type === frameTypes.stderr) process.stderr.push(Buffer.from(payload))
    if (type === frameTypes.refused) {
      processes.delete(number)
      process.refused(payload.toString())
    }
    // In a turn of its own: whoever started it may have heard of that just now and does not listen yet.
    if (type === frameTypes.exited) setImmediate(end, number, process, payload[1] ? { code: undefined, signal: signalNames.get(payload[1]) } : { code: payload[0], signal: undefined })
  }

  function end(number: number, process: Process, exit: Exit): void {
    if (!processes.delete(number)) return
    process.stdout.push(null)
    process.stderr.push(null)
    process.exited(exit)
  }

  function remote(number: number, pid: number, { stdout, stderr }: Process): Remote {
    const stdin = new Writable({
      write(chunk: Buffer, _, done) {
        for (let at = 0; at < chunk.length; at += maxPayload) {
          const rest = at + maxPayload >= chunk.length
          send(frameTypes.stdin, number, chunk.subarray(at, at + maxPayload), rest ? done : undefined)
        }
        if (chunk.length === 0) done()
      },
      final(done) {
        send(frameTypes.eof, number)
        done()
      },
    })
    return {
      pid, stdin, stdout, stderr, exited: exits.get(number)!,
      kill(signal = 'SIGTERM') {
        if (!processes.has(number)) return false
        send(frameTypes.kill, number, Buffer.from(signal))
        return true
      },
    }
  }

  const exits = new Map<number, Promise<Exit>>()
  function start(command: string, args: readonly string[], { env = {}, cwd = '' }: Pick<RunOptions, 'env' | 'cwd'>): Promise<Remote> {
    const failed = (reason: 'missing' | 'failed', message: string) => new ExecError(reason, command, args, { message })
    if (gone !== undefined) return Promise.reject(failed('failed', `${command}: cannot start: ${gone}`))
    const number = ++last
    const { promise, resolve, reject } = Promise.withResolvers<Remote>()
    const exited = Promise.withResolvers<Exit>()
    exits.set(number, exited.promise)
    void exited.promise.then(() => exits.delete(number))
    // Read by nobody any more: the machine need not wait for the end of what was thrown away.
    const output = () => new Readable({ read() {}, destroy: (error, done) => { send(frameTypes.forget, number); done(error) }, autoDestroy: false })
    processes.set(number, {
      stdout: output(), stderr: output(), exited: exited.resolve, started: resolve,
      refused(reason) {
        exited.resolve({ code: undefined, signal: undefined })
        reject(reason.startsWith('missing') ? failed('missing', `${command}: command not found`) : failed('failed', `${command}: cannot start: ${reason.replace(/^failed /, '')}`))
      },
    })
    const environment = Object.entries(env).map(([name, value]) => value === undefined ? name : `${name}=${value}`)
    send(frameTypes.start, number, encodeWords([cwd, String(environment.length), ...environment, command, ...args]))
    return promise
  }

  const exec = execOver({
    async launch(command, args, options) {
      const started = await start(command, args, options)
      if (!options.input) started.stdin.end()
      return started
    },
    async spawn(command, args = [], options = {}): Promise<Spawned> {
      if (options.logFile !== undefined || options.detached) throw new Error(`Cannot start ${command} with a log file or detached inside a virtual machine`)
      const { signal } = options
      const started = await start(command, args, options)
      const abort = () => void started.kill()
      if (signal?.aborted) abort()
      signal?.addEventListener('abort', abort, { once: true })
      void started.exited.then(() => signal?.removeEventListener('abort', abort))
      return started
    },
  })
  return {
    ...exec,
    ready: ready.promise,
    lost(why) {
      gone ??= why
      ready.reject(new Error(why))
      for (const [number, process] of processes) {
        process.refused(`failed ${why}`)
        end(number, process, { code: undefined, signal: 'SIGKILL' })
      }
    },
  }
}
