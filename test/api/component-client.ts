import { connect } from 'node:http2'
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import { builtinKinds } from '../../api/kinds/registry.ts'
import { decodeMessage, openEnvelope } from '../../api/protobuf/decode.ts'
import { encodeMessage, sealEnvelope } from '../../api/protobuf/encode.ts'
import { bytes, list, opt, string, struct } from '../../api/schema/schema.ts'
import type { StructSchema } from '../../api/schema/schema.ts'
import { TokenRequest } from '../../api/types/authentication-v1.ts'
import { DeleteOptions } from '../../api/types/meta-v1/options.ts'
import { ListMeta } from '../../api/types/meta-v1/meta.ts'
import { Status } from '../../api/types/meta-v1/status.ts'
import { Eviction } from '../../api/types/policy-v1.ts'

/** How a component speaks: the original's own parts prefer protobuf, many others know JSON only. */
export type Form = 'protobuf' | 'json'

export interface Answer { readonly status: number; readonly type: string; readonly body: any }
export interface Event { readonly type: string; readonly object: any }

/** A component of the original cluster as it stands in the door: HTTP/2 with a certificate or token, typed bodies in its form, patches in JSON. */
export interface ComponentClient {
  ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<Answer>
  patch(path: string, body: object, type?: 'strategic-merge' | 'merge'): Promise<Answer>
  /** Events of a watch, until `stop`. */
  watch(path: string): Promise<{ readonly status: number; next(wanted: (event: Event) => boolean): Promise<Event>; stop(): void }>
  close(): void
}

export interface Identity { readonly key?: string; readonly certificate?: string; readonly token?: string }

const protobuf = 'application/vnd.kubernetes.protobuf'
const patience = 20_000
const RawEvent = struct('meta/v1.WatchEvent', { type: opt(1, string), object: opt(2, struct('runtime.RawExtension', { raw: opt(1, bytes) })) })
const schemas = new Map<string, StructSchema>([
  ['v1/Status', Status], ['v1/DeleteOptions', DeleteOptions], ['policy/v1/Eviction', Eviction], ['authentication.k8s.io/v1/TokenRequest', TokenRequest],
  ...builtinKinds.map((kind) => [`${apiVersionOf(kind)}/${kind.kind}`, kind.schema] as const),
])

function schemaOf(apiVersion: string, kind: string): StructSchema {
  const schema = schemas.get(`${apiVersion}/${kind}`)
  if (schema) return schema
  const item = kind.endsWith('List') && schemas.get(`${apiVersion}/${kind.slice(0, -4)}`)
  if (!item) throw new Error(`There is no ${kind} of ${apiVersion}`)
  return struct(kind, { metadata: opt(1, ListMeta), items: opt(2, list(item)) })
}

function opened(body: Uint8Array): object {
  const { apiVersion, kind, raw } = openEnvelope(body)
  return { apiVersion, kind, ...decodeMessage(schemaOf(apiVersion, kind), raw) }
}

function sealed(body: object): Buffer {
  const { apiVersion, kind, ...rest } = body as { apiVersion: string; kind: string }
  return sealEnvelope(apiVersion, kind, encodeMessage(schemaOf(apiVersion, kind), rest))
}

export function componentClient(url: string, ca: string, { key, certificate, token }: Identity, form: Form, userAgent: string): ComponentClient {
  const session: ClientHttp2Session = connect(url, { ca, ...(key && certificate && { key, cert: certificate }) })
  session.on('error', () => undefined) // each request tells
  const headers = { 'user-agent': userAgent, accept: form === 'protobuf' ? `${protobuf},application/json` : 'application/json', ...(token && { authorization: `Bearer ${token}` }) }

  function begin(method: string, path: string, type?: string, body?: Uint8Array): ClientHttp2Stream {
    const stream = session.request({ ':method': method, ':path': path, ...headers, ...(type && { 'content-type': type }) }, { endStream: !body })
    if (body) stream.end(body)
    return stream
  }

  async function send(method: string, path: string, type?: string, body?: Uint8Array): Promise<Answer> {
    const stream = begin(method, path, type, body)
    const head = await headOf(stream)
    const parts: Buffer[] = []
    for await (const part of stream) parts.push(part)
    const whole = Buffer.concat(parts)
    const answered = String(head['content-type'])
    return { status: Number(head[':status']), type: answered, body: answered === protobuf ? opened(whole) : answered.startsWith('application/json') ? JSON.parse(whole.toString()) : whole.toString() }
  }

  return {
    ask: (method, path, body) => form === 'protobuf' && body ? send(method, path, protobuf, sealed(body)) : send(method, path, body && 'application/json', body && Buffer.from(JSON.stringify(body))),
    patch: (path, body, type = 'strategic-merge') => send('PATCH', path, `application/${type}-patch+json`, Buffer.from(JSON.stringify(body))),
    async watch(path) {
      const stream = begin('GET', path)
      const head = await headOf(stream)
      const events = eventsOf(stream, form)
      return {
        status: Number(head[':status']),
        async next(wanted) {
          const timer = setTimeout(() => stream.destroy(new Error(`Nothing of what was waited for came from ${path}`)), patience)
          try {
            for (;;) {
              const { value, done } = await events.next()
              if (done) throw new Error(`The watch of ${path} ended`)
              if (wanted(value)) return value
            }
          } finally {
            clearTimeout(timer)
          }
        },
        stop: () => stream.close(),
      }
    },
    close: () => session.destroy(),
  }
}

const headOf = (stream: ClientHttp2Stream): Promise<IncomingHttpHeaders & { ':status'?: number }> => new Promise((resolve, reject) => {
  stream.once('response', resolve)
  stream.once('error', reject)
})

/** Frames of a length and an event in protobuf, lines in JSON. */
async function* eventsOf(stream: AsyncIterable<Buffer>, form: Form): AsyncGenerator<Event> {
  let rest = Buffer.alloc(0)
  for await (const part of stream) {
    rest = Buffer.concat([rest, part])
    for (;;) {
      const end = form === 'protobuf' ? (rest.length < 4 ? Infinity : 4 + rest.readUInt32BE()) : rest.indexOf('\n') + 1 || Infinity
      if (rest.length < end) break
      const frame = rest.subarray(0, end)
      rest = rest.subarray(end)
      yield form === 'protobuf' ? eventOf(frame.subarray(4)) : JSON.parse(frame.toString()) as Event
    }
  }
}

function eventOf(frame: Uint8Array): Event {
  const { type, object } = decodeMessage(RawEvent, frame) as { type: string; object: { raw: string } }
  return { type, object: opened(Buffer.from(object.raw, 'base64')) }
}
