import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import type { Clock } from '../../../host/clock.ts'
import type { Question } from '../message.ts'
import { isReplyTo, readReply, type Reply } from '../wire/read-reply.ts'
import { writeQuery, type Wishes } from '../wire/write-query.ts'

/** One question to one server. Rejects when there is no usable answer in time. */
export type Exchange = (server: string, question: Question, wishes: Wishes, timeoutMs: number) => Promise<Reply>

export interface ExchangeOptions {
  readonly clock: Clock
  /** Where name servers listen. Default 53. */
  readonly port?: number
}

/**
 * Over UDP, and again over TCP when the answer was cut off. Every question has a socket of its own: its port, drawn by the kernel, and
 * the id are what somebody who wants to answer in the server's place would have to guess (RFC 5452). The socket is
 * connected, so the kernel lets nobody else's packets through and tells at once when nobody listens.
 */
export function createExchange({ clock, port = 53 }: ExchangeOptions): Exchange {
  return async (server, question, wishes, timeoutMs) => {
    const begun = clock.now()
    const reply = await overUdp(server, question, wishes, timeoutMs)
    return reply.truncated ? overTcp(server, question, wishes, timeoutMs - (clock.now() - begun)) : reply
  }

  function overUdp(server: string, question: Question, wishes: Wishes, timeoutMs: number): Promise<Reply> {
    const id = randomInt(65_536)
    const socket = createSocket(isIPv6(server) ? 'udp6' : 'udp4')
    return within(timeoutMs, server, (resolve, reject) => {
      socket.once('error', reject)
      socket.on('message', (bytes) => {
        if (!isReplyTo(bytes, id, question)) return
        const reply = readReply(bytes, question)
        if (reply) resolve(reply)
        else reject(new Error(`${server} sent a malformed answer`))
      })
      socket.connect(port, server, () => socket.send(writeQuery(id, question, wishes), (error) => { if (error) reject(error) }))
      return () => socket.removeAllListeners('error').on('error', () => undefined).close()
    })
  }

  function overTcp(server: string, question: Question, wishes: Wishes, timeoutMs: number): Promise<Reply> {
    const id = randomInt(65_536)
    return within(timeoutMs, server, (resolve, reject) => {
      const query = writeQuery(id, question, wishes)
      const length = Buffer.alloc(2)
      length.writeUInt16BE(query.length)
      const socket = connect({ port, host: server }, () => socket.write(Buffer.concat([length, query])))
      let received: Buffer = Buffer.alloc(0)
      socket.on('error', reject)
      socket.on('close', () => reject(new Error(`${server} closed the connection`)))
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk])
        if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
        const bytes = received.subarray(2, 2 + received.readUInt16BE(0))
        const reply = isReplyTo(bytes, id, question) ? readReply(bytes, question) : undefined
        if (reply && !reply.truncated) resolve(reply)
        else reject(new Error(`${server} sent a malformed answer by TCP`))
      })
      return () => socket.destroy()
    })
  }

  /** Runs until it settles or time is over, and then closes what it opened. */
  function within<T>(ms: number, server: string, run: (resolve: (value: T) => void, reject: (error: Error) => void) => () => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let close = () => undefined as void
      const cancel = clock.after(ms, () => settle(() => reject(new Error(`${server} did not answer in ${ms} ms`))))
      let settled = false
      const settle = (how: () => void) => {
        if (settled) return
        settled = true
        cancel()
        close()
        how()
      }
      close = run((value) => settle(() => resolve(value)), (error) => settle(() => reject(error)))
    })
  }
}
