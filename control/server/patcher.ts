import { badRequest, unsupportedMediaType } from '../../api/errors.ts'
import type { KubeObject } from '../../api/object.ts'
import { applyPatch, parsePatch, patchObject, patchTypes } from '../../api/patch/patch.ts'
import type { PatchInput } from '../../api/patch/patch.ts'
import { isReset } from '../../api/apply/managed-fields.ts'
import type { RequestContext, ResourceContext } from './context.ts'
import { warn } from './context.ts'
import { mediaType } from './media-type.ts'
import { checkNames } from './object-names.ts'
import { writeOptions } from './options.ts'
import type { Expected } from './read-body.ts'

export const applyType = 'application/apply-patch+yaml'

/** Whether the request is a server-side apply. 415 for a form of patch that the kind does not take: custom resources have no strategic merge. */
export function isApply({ request, kind }: ResourceContext): boolean {
  const type = mediaType(request.headers['content-type'])
  const supported = [...patchTypes.keys(), applyType].filter((candidate) => !kind.jsonOnly || !candidate.includes('strategic'))
  if (!supported.includes(type)) throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${supported.join(', ')}`)
  return type === applyType
}

/** Reads the patch of a request once; what comes back applies it to an object, as often as it takes, each time to a fresh one. */
export function patcherFor(context: ResourceContext, expected: Expected): (current: KubeObject) => unknown {
  const { fieldValidation } = writeOptions(context.request.query, 'PatchOptions')
  const input = patchOf(context)
  return (current) => {
    const { object, warnings } = expected.decode ? expected.decode(applyPatch(expected.schema, current, input), fieldValidation) : patchObject(expected.schema, current, input, fieldValidation)
    for (const sentence of warnings) warn(context, sentence)
    if (object.apiVersion && object.apiVersion !== expected.apiVersion) throw badRequest(`the API version in the data (${object.apiVersion}) does not match the expected API version (${expected.apiVersion})`)
    if (object.kind && object.kind !== expected.kind) throw badRequest(`the kind in the data (${object.kind}) does not match the expected kind (${expected.kind})`)
    object.apiVersion = expected.apiVersion
    object.kind = expected.kind
    checkNames(context.kind, object, context.info.namespace, context.info.name)
    if (asksReset(input)) object.metadata.managedFields = []
    return object
  }
}

function patchOf({ request }: RequestContext): PatchInput {
  const type = patchTypes.get(mediaType(request.headers['content-type']))!
  if (request.body?.kind === 'value') return { type, patch: request.body.value }
  const text = Buffer.from(request.body?.bytes ?? []).toString()
  return { type, patch: parsePatch(text), text }
}

/** An empty list falls away in decoding; here it means that all owners are to be forgotten. */
function asksReset({ type, patch }: PatchInput): boolean {
  if (type !== 'json') return isResetList((patch as { metadata?: { managedFields?: unknown } } | null)?.metadata?.managedFields)
  const operations: { op?: unknown; path?: unknown; value?: unknown }[] = Array.isArray(patch) ? patch : []
  return operations.some((operation) => operation?.path === '/metadata/managedFields' && operation.op !== 'remove' && operation.op !== 'test' && isResetList(operation.value))
}

export const isResetList = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null) && isReset(value)
