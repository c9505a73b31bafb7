import { setImmediate as turn } from 'node:timers/promises'
import type { Kind } from '../../api/kinds/kind.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { ApiResponse } from '../../api/transport.ts'
import type { ListMeta } from '../../api/types/meta-v1/meta.ts'
import { protobufMediaType } from '../../api/protobuf/decode.ts'
import type { CacheEntry } from '../store/cache.ts'
import { protobufList, protobufMessage } from './protobuf-form.ts'

const comma = Buffer.from(',')
const open = Buffer.from('{')
const tail = Buffer.from(']}\n')
const metadataKey = Buffer.from('"metadata":{')
/** Shorter lists go out in one piece; longer ones in pieces of this size, with a turn for others between them. */
const slice = 256 * 1024

/** The ready-made bytes of stored objects as the JSON of a list. */
export function jsonList(kind: Kind, meta: ListMeta, entries: readonly CacheEntry[]): ApiResponse {
  const head = Buffer.from(`{"kind":"${kind.listKind ?? `${kind.kind}List`}","apiVersion":"${apiVersionOf(kind)}","metadata":${JSON.stringify(meta)},"items":[`)
  // Items of built-in lists do not say what they are: the list does. Those of custom resources do.
  const typed = kind.jsonOnly ? 0 : `{"apiVersion":"${apiVersionOf(kind)}","kind":"${kind.kind}",`.length
  const pieces: Uint8Array[] = [head]
  for (let i = 0; i < entries.length; i++) {
    if (i > 0) pieces.push(comma)
    const { bytes } = entries[i]!
    if (typed > 0 && metadataKey.compare(bytes, typed, typed + metadataKey.length) === 0) pieces.push(open, bytes.subarray(typed))
    else pieces.push(bytes)
  }
  pieces.push(tail)
  return joined(pieces, 'application/json')
}

/** The messages of stored objects as a protobuf list. */
export const protobufListOf = (kind: Kind, meta: ListMeta, objects: readonly object[]): ApiResponse =>
  joined(protobufList(apiVersionOf(kind), `${kind.kind}List`, meta, objects.map((object) => protobufMessage(kind, object))), protobufMediaType)

function joined(pieces: readonly Uint8Array[], type: string): ApiResponse {
  let length = 0
  for (const piece of pieces) length += piece.length
  const headers = { 'content-type': type, 'cache-control': 'no-cache, private' }
  if (length <= slice) return { status: 200, headers, body: { kind: 'bytes', bytes: Buffer.concat(pieces, length) } }
  return { status: 200, headers: { ...headers, 'content-length': String(length) }, body: { kind: 'chunks', chunks: slices(pieces) } }
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
