import { Client, credentials } from '@grpc/grpc-js'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import type { Clock } from './clock.ts'

export interface HttpProbe {
  readonly scheme: 'HTTP' | 'HTTPS'
  readonly host: string
  readonly port: number
  readonly path: string
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly timeoutMs: number
}

const largestBody = 10 * 1024
const longestRedirects = 10

/** How probes reach a pod. Nothing is kept between two of them: a probe must see what a new client sees. */
export const createProbeNetwork = ({ clock }: { clock: Clock }) => ({
  http: (probe: HttpProbe): Promise<{ status: number; body: string }> => get(probe, clock, longestRedirects),
  tcp: (host: string, port: number, timeoutMs: number): Promise<void> => new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const cancel = clock.after(timeoutMs, () => socket.destroy(new Error(`dial tcp ${joinHostPort(host, port)}: i/o timeout`)), { unref: true })
    socket.once('connect', () => { cancel(); socket.destroy(); resolve() })
    socket.once('error', (error) => { cancel(); socket.destroy(); reject(dialError(error, host, port)) })
  }),
  grpc: (host: string, port: number, service: string, timeoutMs: number): Promise<string> => checkHealth(joinHostPort(host, port), service, clock.now() + timeoutMs, timeoutMs),
})

const joinHostPort = (host: string, port: number): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)

/** Node's error in the words the original's users know. */
function dialError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const words: Readonly<Record<string, string>> = { ECONNREFUSED: 'connect: connection refused', EHOSTUNREACH: 'connect: no route to host', ENETUNREACH: 'connect: network is unreachable', ECONNRESET: 'read: connection reset by peer', ENOTFOUND: 'lookup: no such host' }
  const word = words[error.code ?? '']
  return word ? new Error(`dial tcp ${joinHostPort(host, port)}: ${word}`) : error
}

function get(probe: HttpProbe, clock: Clock, redirects: number): Promise<{ status: number; body: string }> {
  const { scheme, host, port, timeoutMs } = probe
  const path = probe.path.startsWith('/') ? probe.path : `/${probe.path}`
  const headers = new Map<string, string>([['user-agent', 'kube-probe/1.36'], ['accept', '*/*'], ['connection', 'close']])
  for (const { name, value } of probe.headers) headers.set(name.toLowerCase(), value)
  return new Promise((resolve, reject) => {
    const asked = (scheme === 'HTTPS' ? httpsRequest : httpRequest)({
      host, port, path, method: 'GET', headers: Object.fromEntries(headers), agent: false, ...(scheme === 'HTTPS' && { rejectUnauthorized: false }),
    })
    const cancel = clock.after(timeoutMs, () => asked.destroy(new Error('context deadline exceeded (Client.Timeout exceeded while awaiting headers)')), { unref: true })
    asked.once('error', (error) => { cancel(); reject(dialError(error, host, port)) })
    asked.once('response', (answer) => {
      const status = answer.statusCode ?? 0
      const target = status >= 300 && status < 400 && answer.headers.location ? new URL(answer.headers.location, `${scheme.toLowerCase()}://${joinHostPort(host, port)}${path}`) : undefined
      // A redirect to another host is an answer by itself, and a good one.
      if (target && redirects > 0 && target.hostname.replace(/^\[|\]$/g, '') === host) {
        cancel()
        answer.destroy()
        const nextScheme = target.protocol === 'https:' ? 'HTTPS' : 'HTTP'
        const nextPort = Number(target.port || (nextScheme === 'HTTPS' ? 443 : 80))
        get({ ...probe, scheme: nextScheme, port: nextPort, path: target.pathname + target.search }, clock, redirects - 1).then(resolve, reject)
        return
      }
      const parts: Buffer[] = []
      let size = 0
      const done = (): void => { cancel(); answer.destroy(); resolve({ status, body: Buffer.concat(parts).toString('utf8') }) }
      answer.on('data', (part: Buffer) => {
        parts.push(part.subarray(0, largestBody - size))
        size += part.length
        if (size >= largestBody) done()
      })
      answer.once('end', done)
      answer.once('error', done)
    })
    asked.end()
  })
}

const statuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']

/** `grpc.health.v1.Health/Check`: both messages have one field, so they are written and read by hand. */
function checkHealth(target: string, service: string, deadline: number, timeoutMs: number): Promise<string> {
  const client = new Client(target, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1, 'grpc.primary_user_agent': 'kube-probe/1.36' })
  const name = Buffer.from(service)
  const encode = (): Buffer => (name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, name.length]), name]))
  const decode = (message: Buffer): string => statuses[message[0] === 0x08 ? message[1] ?? 0 : 0] ?? 'UNKNOWN'
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest('/grpc.health.v1.Health/Check', encode, decode, undefined, { deadline }, (error, answer) => {
      client.close()
      if (!error) return resolve(answer ?? 'UNKNOWN')
      if (error.code === 4) return reject(new Error(`timeout: failed to connect service ${JSON.stringify(target)} within ${timeoutMs / 1000}s: context deadline exceeded`))
      reject(new Error(error.code === 12 ? `this server does not implement the grpc health protocol (grpc.health.v1.Health): ${error.details}` : error.details || error.message))
    })
  })
}
