import type { Kind } from '../../../api/kinds/kind.ts'
import { apiVersionOf } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import { protobufMediaType } from '../../../api/protobuf/decode.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import type { ListMeta } from '../../../api/types/meta-v1/meta.ts'
import type { CacheList } from '../../store/cache.ts'
import type { ResourceContext } from '../context.ts'
import { jsonList, protobufListOf } from '../list-body.ts'
import { listParameters } from '../list-options.ts'
import { wrongShape } from '../media-type.ts'
import { facesReady, faceOf } from '../object-response.ts'
import { valueResponse } from '../respond.ts'
import { selectionOf } from '../selection.ts'
import { partialList, shaped } from '../shapes.ts'
import type { Tools } from '../tools.ts'

/** Objects of one kind: all or one namespace's, selected, a page at a time. */
export async function list(tools: Tools, context: ResourceContext): Promise<ApiResponse> {
  const { kind, info, request } = context
  if (context.accepted.as === 'PartialObjectMetadata') throw wrongShape('PartialObjectMetadata', kind.listKind ?? `${kind.kind}List`)
  const parameters = listParameters(request.query, false)
  const selection = selectionOf(kind, request.query)
  if (selection.converted) await convertAll(tools, kind, selection.converted.early)
  const page = await tools.resources.cache(kind).list({
    namespace: info.namespace || (kind.namespaced ? selection.namespace : undefined) || undefined, filter: selection.filter,
    limit: parameters.limit, continue: parameters.continue, revision: parameters.revision, match: parameters.match,
  })
  if (kind.storedAs) await facesReady(kind, page.entries.map(({ object }) => object))
  return listResponse(tools, context, page)
}

/** Fields of another version can be selected by only once everything has been converted. */
async function convertAll(tools: Tools, kind: Kind, early: ((object: KubeObject) => boolean) | undefined): Promise<void> {
  const cache = tools.resources.cache(kind)
  await cache.ready()
  const objects = cache.peekAll().map(({ object }) => object)
  await facesReady(kind, early ? objects.filter(early) : objects)
}

/** A page in the form the client wants: from ready-made bytes wherever that form allows. */
function listResponse(tools: Tools, context: ResourceContext, page: CacheList): ApiResponse {
  const { kind, accepted, wire } = context
  const meta = metaOf(page)
  const plain = wire && accepted.as === '' && accepted.encoding === 'application/json' && !context.pretty
  if (plain && !kind.storedAs) return jsonList(kind, meta, page.entries)
  const objects = page.entries.map((entry) => faceOf(kind, entry.object))
  if (plain && objects.every((object, i) => object === page.entries[i]!.object)) return jsonList(kind, meta, page.entries)
  if (accepted.as === 'Table') return valueResponse(context, 200, shaped(tools, context, objects, meta))
  if (accepted.as !== '') return valueResponse(context, 200, partialList(objects, meta, accepted.version))
  if (wire && accepted.encoding === protobufMediaType) return protobufListOf(kind, meta, objects)
  return valueResponse(context, 200, { kind: kind.listKind ?? `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata: meta, items: wire ? untyped(kind, objects) : objects })
}

/** Items of built-in lists do not say what they are: the list does. */
const untyped = (kind: Kind, objects: readonly KubeObject[]): readonly object[] =>
  kind.jsonOnly ? objects : objects.map(({ apiVersion: _, kind: __, ...rest }) => rest)

const metaOf = (page: CacheList): ListMeta => ({
  resourceVersion: String(page.revision),
  ...(page.continue !== undefined && { continue: page.continue }),
  ...(page.remaining !== undefined && page.remaining > 0 && { remainingItemCount: page.remaining }),
})
