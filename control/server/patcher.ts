import { badRequest, unsupportedMediaType } from '../../api/errors.ts'
import type { KubeObject } from '../../api/object.ts'
import { parsePatch, patchObject, patchTypes } from '../../api/patch/patch.ts'
import type { PatchInput } from '../../api/patch/patch.ts'
import type { RequestContext } from './context.ts'
import { warn } from './context.ts'
import { mediaType } from './media-type.ts'
import { checkNames } from './object-names.ts'
import { writeOptions } from './options.ts'
import type { Expected } from './read-body.ts'
import type { ResourceContext } from './context.ts'

/** Reads the patch of a request once; what comes back applies it to an object, as often as it takes, each time to a fresh one. */
export function patcherFor(context: ResourceContext, expected: Expected): (current: KubeObject) => unknown {
  const { fieldValidation } = writeOptions(context.request.query, 'PatchOptions')
  const input = patchOf(context)
  return (current) => {
    const { object, warnings } = patchObject(expected.schema, current, input, fieldValidation)
    for (const sentence of warnings) warn(context, sentence)
    if (object.apiVersion && object.apiVersion !== expected.apiVersion) throw badRequest(`the API version in the data (${object.apiVersion}) does not match the expected API version (${expected.apiVersion})`)
    if (object.kind && object.kind !== expected.kind) throw badRequest(`the kind in the data (${object.kind}) does not match the expected kind (${expected.kind})`)
    object.apiVersion = expected.apiVersion
    object.kind = expected.kind
    checkNames(context.kind, object, context.info.namespace, context.info.name)
    return object
  }
}

function patchOf({ request }: RequestContext): PatchInput {
  const type = patchTypes.get(mediaType(request.headers['content-type']))
  if (!type) throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${[...patchTypes.keys()].join(', ')}`)
  if (request.body?.kind === 'value') return { type, patch: request.body.value }
  const text = Buffer.from(request.body?.bytes ?? []).toString()
  return { type, patch: parsePatch(text), text }
}
