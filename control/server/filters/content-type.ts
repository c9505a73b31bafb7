import { unsupportedMediaType } from '../../../api/errors.ts'
import { protobufMediaType } from '../../../api/protobuf/decode.ts'
import type { Filter } from '../context.ts'
import { mediaType } from '../media-type.ts'

const objects = ['application/json', 'application/yaml', protobufMediaType]
const aliases: Readonly<Record<string, string>> = { 'text/yaml': 'application/yaml', 'application/x-yaml': 'application/yaml' }

/** 415 for bodies in a form the server cannot read. Without a header a body is JSON, as in the original. Which patches there are depends on the kind: who patches checks. */
export const contentType: Filter = (next) => (context) => {
  const { request, info } = context
  if (info.isResource && info.rest.length === 0 && request.body !== undefined && request.method !== 'PATCH' && !isStream(info.subresource)) {
    const type = mediaType(request.headers['content-type'])
    const known = objects.includes(aliases[type] ?? type) || type === ''
    if (!known) throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${objects.join(', ')}`)
  }
  return next(context)
}

const isStream = (subresource: string): boolean => subresource === 'exec' || subresource === 'attach' || subresource === 'portforward' || subresource === 'proxy'
