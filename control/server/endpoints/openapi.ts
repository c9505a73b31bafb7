import { createHash } from 'node:crypto'
import { noSuchResource } from '../../../api/errors.ts'
import { encodeOpenApiV2, openApiV2Accept, openApiV2MediaType } from '../../../api/openapi/v2-protobuf.ts'
import { openApiV2 } from '../../../api/openapi/v2.ts'
import { openApiHash, openApiV3, openApiV3Index, openApiV3Paths } from '../../../api/openapi/v3.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import type { RemoteDiscovery } from '../aggregation/remote-discovery.ts'
import type { RequestContext } from '../context.ts'
import type { KindTable } from '../kind-table.ts'
import type { Endpoint } from './endpoints.ts'

const json = 'application/json'

/** `/openapi/v2` and `/openapi/v3…`. The documents are big and seldom wanted: each is made at its first request and kept. */
export function openApi(table: KindTable, remote: Pick<RemoteDiscovery, 'groups'>, version: string): Readonly<Record<string, Endpoint>> {
  const made = new Map<string, Document>()
  let generation = table.generation
  const once = (name: string, type: string, make: () => Uint8Array): Document => {
    if (generation !== table.generation) {
      generation = table.generation
      made.clear()
    }
    const known = made.get(name)
    if (known) return known
    const bytes = make()
    const document = { type, bytes, etag: etagOf(bytes) }
    made.set(name, document)
    return document
  }
  const third = (path: string): Document => once(path, json, () => encode(found(openApiV3(table.all, path, version))))
  return {
    '/openapi/v2': (context) => serve(context, wantsProtobuf(context)
      ? once('v2 protobuf', openApiV2MediaType, () => encodeOpenApiV2(openApiV2(table.all, version)))
      : once('v2', json, () => encode(openApiV2(table.all, version)))),
    '/openapi/v3': (context) => serve(context, withRemote(remote, once('v3', json, () => encode(openApiV3Index(openApiV3Paths(table.all).map((path) => [path, third(path).bytes] as const)))))),
    '/openapi/v3/*': (context) => serveHashed(context, third(context.request.path.slice('/openapi/v3/'.length))),
  }
}

/** Groups that other servers answer for describe themselves: the index says where, and requests for it are passed on. */
function withRemote(remote: Pick<RemoteDiscovery, 'groups'>, index: Document): Document {
  const paths = remote.groups().flatMap(({ versions }) => versions.map(({ groupVersion }) => `apis/${groupVersion}`))
  if (paths.length === 0) return index
  const { paths: local } = JSON.parse(Buffer.from(index.bytes).toString()) as { paths: Record<string, { serverRelativeURL: string }> }
  const bytes = encode({ paths: { ...local, ...Object.fromEntries(paths.map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}` }])) } })
  return { type: index.type, bytes, etag: etagOf(bytes) }
}

/** `kubectl` before 1.27 takes nothing else. */
const wantsProtobuf = ({ request }: RequestContext): boolean => {
  const accept = request.headers['accept'] ?? ''
  return accept.includes(openApiV2Accept) || accept.includes(openApiV2MediaType)
}

interface Document { readonly type: string; readonly bytes: Uint8Array; readonly etag: string }

const etagOf = (bytes: Uint8Array): string => `"${createHash('sha256').update(bytes).digest('hex').toUpperCase()}"`
const encode = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

function serve({ request }: RequestContext, { type, bytes, etag }: Document): ApiResponse {
  const headers = { 'content-type': type, 'cache-control': 'no-cache, private', etag, vary: 'Accept' }
  return request.headers['if-none-match'] === etag
    ? { status: 304, headers, body: { kind: 'empty' } }
    : { status: 200, headers, body: { kind: 'bytes', bytes } }
}

/** What the index names with its hash never changes; whoever names an older hash is sent to the present one. */
function serveHashed(context: RequestContext, document: Document): ApiResponse {
  const { path, query } = context.request
  const hash = query.get('hash')
  if (!hash) return serve(context, document)
  const present = openApiHash(document.bytes)
  if (hash !== present) return { status: 301, headers: { location: `${path}?hash=${present}` }, body: { kind: 'empty' } }
  const response = serve(context, document)
  return { ...response, headers: { ...response.headers, 'cache-control': 'public, immutable, max-age=31536000' } }
}

function found<T>(document: T | undefined): T {
  if (document === undefined) throw noSuchResource()
  return document
}
