import { createRequire } from 'node:module'
import { getSystemErrorName } from 'node:util'

/**
 * The few C functions Node has no word for, over koffi. `libc()` loads the library on first use, so that a machine
 * without a koffi build (and every unit test) pays nothing. Calls throw `LibcError`; those with `…Async` run in a
 * thread of the pool and never block the event loop.
 */
export interface Libc {
  flock(fd: number, operation: number): void
  setns(fd: number, type: number): void
  socket(domain: number, type: number, protocol: number): number
  bind(fd: number, address: Uint8Array): void
  setsockopt(fd: number, level: number, name: number, value: number): void
  close(fd: number): void
  /** Bytes sent; throws `EIO` on any failure (the thread's errno is out of reach). */
  sendAsync(fd: number, bytes: Uint8Array): Promise<number>
  /** The size of the next datagram, `undefined` when none is there. Longer ones are cut. */
  recvAsync(fd: number, into: Uint8Array, flags: number): Promise<number | undefined>
  /** The same at once, on this thread. */
  recv(fd: number, into: Uint8Array, flags: number): number | undefined
}

/** A failed call, with the errno as a word (`EEXIST`) as Node's own errors have it. */
export class LibcError extends Error {
  override readonly name = 'LibcError'
  readonly code: string
  constructor(call: string, code: string) {
    super(`${call}: ${code}`)
    this.code = code
  }
}

export const LOCK_EX = 2
export const LOCK_NB = 4
export const LOCK_UN = 8
export const CLONE_NEWNET = 0x40000000
export const MSG_DONTWAIT = 0x40

/** 17 → `EEXIST`. */
export const errnoName = (errno: number): string => {
  try {
    return getSystemErrorName(-errno)
  } catch {
    return `errno ${errno}`
  }
}

let loaded: Libc | undefined

/** The library; the handle is the one thing of this module that lives as long as the process. */
export const libc = (): Libc => loaded ??= load()

const load = (): Libc => {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi').default
  const library = koffi.load(null) // ourselves: Node is linked with the C library of the machine, whichever that is
  const checked = (name: string, call: (...args: never[]) => number) => (...args: unknown[]): number => {
    const result = call(...args as never[])
    if (result < 0) throw new LibcError(name, errnoName(koffi.errno()))
    return result
  }
  const c = (name: string, signature: string) => checked(name, library.func(signature))
  const flock = c('flock', 'int flock(int fd, int operation)')
  const setns = c('setns', 'int setns(int fd, int type)')
  const socket = c('socket', 'int socket(int domain, int type, int protocol)')
  const bind = c('bind', 'int bind(int fd, void *address, uint32_t length)')
  const setsockopt = c('setsockopt', 'int setsockopt(int fd, int level, int name, void *value, uint32_t length)')
  const close = c('close', 'int close(int fd)')
  const send = library.func('long send(int fd, void *bytes, unsigned long length, int flags)')
  const recv = library.func('long recv(int fd, void *bytes, unsigned long length, int flags)')
  const inThread = (call: typeof send, ...args: unknown[]): Promise<number> =>
    new Promise((resolve, reject) => call.async(...args, (error: Error | null, result: number) => {
      args.length = 0 // Named here so that the buffer lives as long as the thread works on it.
      return error ? reject(error) : resolve(Number(result))
    }))
  return {
    flock: (fd, operation) => void flock(fd, operation),
    setns: (fd, type) => void setns(fd, type),
    socket: (domain, type, protocol) => socket(domain, type, protocol),
    bind: (fd, address) => void bind(fd, address, address.length),
    setsockopt: (fd, level, name, value) => void setsockopt(fd, level, name, Buffer.from(Int32Array.of(value).buffer), 4),
    close: fd => void close(fd),
    async sendAsync(fd, bytes) {
      const sent = await inThread(send, fd, bytes, bytes.length, 0)
      if (sent < 0) throw new LibcError('send', 'EIO')
      return sent
    },
    recv(fd, into, flags) {
      const size = Number(recv(fd, into, into.length, flags))
      return size < 0 ? undefined : size
    },
    async recvAsync(fd, into, flags) {
      const size = await inThread(recv, fd, into, into.length, flags)
      return size < 0 ? undefined : size
    },
  }
}
