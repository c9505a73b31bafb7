import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { StoreError } from './log.ts'
import type { FileOptions } from './sqlite-file.ts'
import type { Opened, Reply, Request } from './sqlite-protocol.ts'

interface Asked { resolve(result: any): void; reject(error: unknown): void }

/** Questions to the worker thread and their answers. The thread keeps the process alive only while it has some. */
export class SqliteConnection {
  readonly #worker: Worker
  readonly #asked = new Map<number, Asked>()
  readonly #exited: Promise<void>
  #last = 0
  #closing = false
  #failure: StoreError | undefined
  /** Called once when the thread dies without having been asked to. */
  onFailure: ((error: StoreError) => void) | undefined

  constructor(options: FileOptions) {
    this.#worker = new Worker(new URL(`./sqlite-worker${extname(import.meta.url)}`, import.meta.url), { workerData: options, name: 'store', execArgv: [] })
    this.#worker.on('message', (reply: Reply) => this.#settle(reply))
    this.#worker.on('error', (error: Error) => this.#fail(new StoreError('failed', `The store ${options.path} failed: ${error.message}`)))
    this.#exited = new Promise((resolve) => this.#worker.on('exit', () => {
      this.#fail(new StoreError('closed', 'The store was closed'))
      resolve()
    }))
  }

  static async open(options: FileOptions): Promise<{ connection: SqliteConnection; opened: Opened }> {
    const connection = new SqliteConnection(options)
    try {
      return { connection, opened: await connection.#expect<Opened>(0) }
    } catch (error) {
      connection.#worker.ref() // or a process with nothing else to do ends here, before it could say why
      await connection.#exited
      throw error
    }
  }

  async ask<R>(request: Request, transfer: ArrayBuffer[] = []): Promise<R> {
    if (this.#failure) throw this.#failure
    const id = ++this.#last
    const answer = this.#expect<R>(id)
    this.#worker.postMessage({ id, request }, transfer)
    return answer
  }

  /** Says goodbye and waits until the thread has gone. What it could not flush is the rejection. */
  async close(): Promise<void> {
    this.onFailure = undefined
    const goodbye = this.ask<void>({ type: 'close' })
    this.#closing = true
    await Promise.allSettled([goodbye, this.#exited])
    await goodbye
  }

  #expect<R>(id: number): Promise<R> {
    if (this.#asked.size === 0) this.#worker.ref()
    return new Promise<R>((resolve, reject) => { this.#asked.set(id, { resolve, reject }) })
  }

  #settle(reply: Reply): void {
    const asked = this.#asked.get(reply.id)
    this.#asked.delete(reply.id)
    if (this.#asked.size === 0 && !this.#closing) this.#worker.unref()
    if ('error' in reply) asked?.reject(new StoreError(reply.error.reason, reply.error.message))
    else asked?.resolve(reply.result)
  }

  #fail(error: StoreError): void {
    if (this.#failure) return
    this.#failure = error
    for (const { reject } of this.#asked.values()) reject(error)
    this.#asked.clear()
    this.onFailure?.(error)
  }
}
