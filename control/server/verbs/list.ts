import { setImmediate as turn } from 'node:timers/promises'
import type { Kind } from '../../../api/kinds/kind.ts'
import { apiVersionOf } from '../../../api/kinds/kind.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import type { ListMeta } from '../../../api/types/meta-v1/meta.ts'
import type { CacheEntry, CacheList } from '../../store/cache.ts'
import type { ResourceContext } from '../context.ts'
import { listParameters } from '../list-options.ts'
import { faceOf } from '../object-response.ts'
import { jsonBytes, valueResponse } from '../respond.ts'
import { selectionOf } from '../selection.ts'
import { partialList, shaped } from '../shapes.ts'
import type { Tools } from '../tools.ts'

/** Objects of one kind: all or one namespace's, selected, a page at a time. */
export async function list(tools: Tools, context: ResourceContext): Promise<ApiResponse> {
  const { kind, info, request, accepted } = context
  const parameters = listParameters(request.query, false)
  const selection = selectionOf(kind, request.query)
  const page = await tools.resources.cache(kind).list({
    namespace: info.namespace || (kind.namespaced ? selection.namespace : undefined) || undefined, filter: selection.filter,
    limit: parameters.limit, continue: parameters.continue, revision: parameters.revision, match: parameters.match,
  })
  const meta = metaOf(page)
  if (accepted.as === 'Table') return valueResponse(context, 200, shaped(tools, context, objectsOf(kind, page), meta))
  if (accepted.as !== '') return valueResponse(context, 200, partialList(objectsOf(kind, page), meta, accepted.version))
  const ready = context.wire && accepted.encoding === 'application/json' && !context.pretty && !kind.storedAs
  if (ready) return joined(headOf(kind, meta), page.entries)
  return valueResponse(context, 200, { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata: meta, items: objectsOf(kind, page) })
}

const objectsOf = (kind: Kind, page: CacheList) => page.entries.map((entry) => faceOf(kind, entry.object))

const metaOf = (page: CacheList): ListMeta => ({
  resourceVersion: String(page.revision),
  ...(page.continue !== undefined && { continue: page.continue }),
  ...(page.remaining !== undefined && page.remaining > 0 && { remainingItemCount: page.remaining }),
})

const headOf = (kind: Kind, meta: ListMeta): Buffer =>
  Buffer.from(`{"kind":"${kind.kind}List","apiVersion":"${apiVersionOf(kind)}","metadata":${JSON.stringify(meta)},"items":[`)
const comma = Buffer.from(',')
const tail = Buffer.from(']}\n')
/** Shorter lists go out in one piece; longer ones in pieces of this size, with a turn for others between them. */
const slice = 256 * 1024

/** The ready-made bytes of the entries, joined into the JSON of a list. */
function joined(head: Buffer, entries: readonly CacheEntry[]): ApiResponse {
  let length = head.length + tail.length + Math.max(0, entries.length - 1)
  for (const entry of entries) length += entry.bytes.length
  if (length <= slice) return jsonBytes(200, Buffer.concat(parts(head, entries), length))
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache, private', 'content-length': String(length) }
  return { status: 200, headers, body: { kind: 'chunks', chunks: slices(parts(head, entries)) } }
}

function parts(head: Buffer, entries: readonly CacheEntry[]): Uint8Array[] {
  const pieces: Uint8Array[] = [head]
  for (let i = 0; i < entries.length; i++) {
    if (i > 0) pieces.push(comma)
    pieces.push(entries[i]!.bytes)
  }
  pieces.push(tail)
  return pieces
}

async function* slices(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  let from = 0
  let length = 0
  for (let i = 0; i < pieces.length; i++) {
    length += pieces[i]!.length
    if (length < slice && i < pieces.length - 1) continue
    yield Buffer.concat(pieces.slice(from, i + 1), length)
    await turn()
    from = i + 1
    length = 0
  }
}
