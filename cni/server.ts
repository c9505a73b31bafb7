import { createServer, type Socket } from 'node:net'
import { chmod, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Logger } from 'pino'
import type { Files } from '../host/files.ts'
import { CniError, code, type CniRequest, type Reply } from './spec.ts'
import { decodeRequest, encodeReply } from './wire.ts'

/** The resident side: answers the thin executable on a unix socket that only root can open. */
export interface CniServer {
  listen(): Promise<void>
  /** Takes no new calls, ends those under way, removes the socket. */
  close(): Promise<void>
}

export interface CniServerOptions {
  /** Path of the socket. Its directory is made, mode 0700. */
  readonly socket: string
  readonly handle: (request: CniRequest) => Promise<Reply>
  readonly files: Pick<Files, 'ensureDir'>
  readonly logger: Pick<Logger, 'warn'>
}

const maxRequest = 4 * 1024 * 1024

export const createCniServer = ({ socket: path, handle, files, logger }: CniServerOptions): CniServer => {
  const underWay = new Set<Promise<void>>()
  const answer = async (socket: Socket): Promise<void> => {
    const request = await readRequest(socket)
    const reply = request ? await handle(request) : refusal
    await new Promise<void>(resolve => socket.end(encodeReply(reply), resolve))
  }
  const server = createServer({ allowHalfOpen: true }, socket => {
    socket.on('error', () => {}) // A caller that went away; what it asked for is done all the same.
    const work = answer(socket).catch(error => {
      logger.warn({ err: error }, 'Failed to answer a CNI call')
      socket.destroy()
    }).finally(() => underWay.delete(work))
    underWay.add(work)
  })
  return {
    async listen() {
      await files.ensureDir(dirname(path))
      await removeDead(path)
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(path, () => {
          server.off('error', reject)
          resolve()
        })
      })
      await chmod(path, 0o600)
    },
    async close() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      await Promise.all(underWay)
      await closed
    },
  }
}

/** A killed agent leaves its socket behind, and a second `listen` would fail on it. */
const removeDead = (path: string): Promise<void> => unlink(path).catch(error => {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
})

const refusal: Reply = {
  exitCode: 1,
  output: JSON.stringify({ cniVersion: '1.1.0', code: code.decodingFailure, msg: 'not a call of the k8ts CNI executable' }),
}

const readRequest = async (socket: Socket): Promise<CniRequest | undefined> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxRequest) throw new CniError(code.decodingFailure, `a request of more than ${maxRequest} bytes`)
    chunks.push(chunk)
  }
  return decodeRequest(Buffer.concat(chunks))
}
