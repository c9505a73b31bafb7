import type { Kind } from '../../api/kinds/kind.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import { protobufMediaType } from '../../api/protobuf/decode.ts'
import { sealEnvelope } from '../../api/protobuf/encode.ts'
import type { ApiResponse } from '../../api/transport.ts'
import type { KubeObject } from '../../api/object.ts'
import type { CacheEntry } from '../store/cache.ts'
import type { ResourceContext } from './context.ts'
import { wrongShape } from './media-type.ts'
import { protobufMessage } from './protobuf-form.ts'
import { jsonBytes, protobufBytes, valueResponse } from './respond.ts'
import { partialObject, shaped } from './shapes.ts'
import type { Tools } from './tools.ts'

/** An object in the form the kind of the request has. */
export const faceOf = (kind: Kind, object: KubeObject): KubeObject => (kind.storedAs ? kind.storedAs.fromStored(object) : object)

/**
 * To be waited for before `faceOf`: kinds that convert by webhook ask it for these stored objects. Undefined when there is
 * nothing to wait for, which is so for all others.
 */
export const facesReady = (kind: Kind, objects: readonly KubeObject[]): Promise<void> | undefined => kind.storedAs?.ready?.(objects)

/** An object of `kind` in the form in which it is stored. */
export const storedForm = (kind: Kind, object: any): KubeObject | Promise<KubeObject> =>
  (kind.storedAs?.toStoredLater ? kind.storedAs.toStoredLater(object) : kind.storedAs ? kind.storedAs.toStored(object) : object)

/** A stored object as an answer, from its ready-made bytes wherever the form allows. */
export function entryResponse(tools: Tools, context: ResourceContext, status: number, entry: Pick<CacheEntry, 'object' | 'bytes'>): ApiResponse | Promise<ApiResponse> {
  // Without anybody to ask the object need not even be parsed.
  const waiting = context.kind.storedAs?.ready?.([entry.object])
  return waiting ? waiting.then(() => readyResponse(tools, context, status, entry)) : readyResponse(tools, context, status, entry)
}

function readyResponse(tools: Tools, context: ResourceContext, status: number, entry: Pick<CacheEntry, 'object' | 'bytes'>): ApiResponse {
  const { kind, accepted } = context
  const plain = accepted.as === '' && accepted.encoding === 'application/json' && !context.pretty && (!kind.storedAs || faceOf(kind, entry.object) === entry.object)
  if (plain && context.wire) return jsonBytes(status, entry.bytes)
  if (context.wire && accepted.as === '' && accepted.encoding === protobufMediaType && !kind.storedAs) {
    return protobufBytes(status, sealEnvelope(apiVersionOf(kind), kind.kind, protobufMessage(kind, entry.object)))
  }
  return objectResponse(tools, context, status, faceOf(kind, entry.object))
}

/** An object that is not (or not yet) stored: the result of a dry run, a view. */
export function objectResponse(tools: Tools, context: ResourceContext, status: number, object: KubeObject): ApiResponse {
  const { accepted } = context
  if (accepted.as === 'Table') return valueResponse(context, status, shaped(tools, context, [object], { resourceVersion: object.metadata.resourceVersion ?? '' }))
  if (accepted.as === 'PartialObjectMetadataList') throw wrongShape(accepted.as, context.kind.kind)
  if (accepted.as === 'PartialObjectMetadata') return valueResponse(context, status, partialObject(object, accepted.version))
  return valueResponse(context, status, object)
}
