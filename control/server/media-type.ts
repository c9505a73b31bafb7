import { ApiError } from '../../api/errors.ts'
import { protobufMediaType } from '../../api/protobuf/decode.ts'

/** The form an answer is to have: the encoding, and the shape objects are brought into (`as=Table` …). */
export interface Accepted {
  readonly encoding: Encoding
  readonly as: '' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'
  /** `v1` or `v1beta1` of `meta.k8s.io`, for `as`. */
  readonly version: string
}

export type Encoding = 'application/json' | 'application/yaml' | typeof protobufMediaType

/** JSON, in no special shape. */
export const plainAccepted: Accepted = Object.freeze({ encoding: 'application/json', as: '', version: '' })
/** What holds before the form has been settled; a value of its own, so that it can be told from a wish for JSON. */
export const notSettled: Accepted = Object.freeze({ ...plainAccepted })
const protobuf: Accepted = Object.freeze({ encoding: protobufMediaType, as: '', version: '' })
const yaml: Accepted = Object.freeze({ encoding: 'application/yaml', as: '', version: '' })
const shapes = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'])
const encodings: readonly Encoding[] = ['application/json', 'application/yaml', protobufMediaType]
const byPattern: Readonly<Record<string, Accepted>> = {
  '': plainAccepted, '*/*': plainAccepted, 'application/*': plainAccepted, 'application/json': plainAccepted, 'application/yaml': yaml,
  [protobufMediaType]: protobuf,
}

interface Clause { readonly type: string; readonly parameters: ReadonlyMap<string, string>; readonly quality: number }

function clauseOf(text: string): Clause {
  const [type = '', ...rest] = text.split(';')
  const parameters = new Map(rest.map((part) => {
    const equals = part.indexOf('=')
    return equals < 0 ? [part.trim().toLowerCase(), ''] as const : [part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim()] as const
  }))
  const quality = Number(parameters.get('q') ?? 1)
  return { type: type.trim().toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 0 }
}

/**
 * The best form an `Accept` header names that the server has. Shapes it does not have (an unknown `as`) and encodings
 * it does not have (protobuf, where there is none: custom resources, tables) are passed over, as in the original; nothing left is 406.
 */
export function negotiate(accept: string | undefined, withProtobuf = true): Accepted {
  if (accept === undefined || accept === '' || accept === 'application/json' || accept === '*/*') return plainAccepted
  const known = remembered.get(accept)
  if (known && withProtobuf) return known
  const found = best(accept, withProtobuf)
  if (withProtobuf && remembered.size < 256) remembered.set(accept, found)
  return found
}

/** Clients send the same few headers again and again. */
const remembered = new Map<string, Accepted>()

function best(accept: string, withProtobuf: boolean): Accepted {
  const clauses = accept.split(',', 64).map(clauseOf)
  clauses.sort((a, b) => b.quality - a.quality)
  for (const clause of clauses) {
    const base = Object.hasOwn(byPattern, clause.type) ? byPattern[clause.type] : undefined
    if (!base || clause.quality <= 0 || (base === protobuf && !withProtobuf)) continue
    const as = clause.parameters.get('as')
    if (as === undefined) return base
    const version = clause.parameters.get('v') ?? 'v1'
    if (as === 'Table' && base === protobuf) continue
    if (shapes.has(as) && clause.parameters.get('g') === 'meta.k8s.io' && (version === 'v1' || version === 'v1beta1')) {
      return { encoding: base.encoding, as: as as Accepted['as'], version }
    }
  }
  throw notAcceptable(withProtobuf ? encodings : encodings.slice(0, 2))
}

/** The form of what has no other shape than its own (errors, discovery): nothing is refused for it. */
export function plainForm(accept: string | undefined): Accepted {
  try {
    const accepted = negotiate(accept)
    return accepted.as === '' ? accepted : plainAccepted
  } catch {
    return plainAccepted
  }
}

/** 406 in the original's words. */
export const notAcceptable = (supported: readonly string[]): ApiError =>
  new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${supported.join(', ')}`)

/** 406: the metadata of one object was asked for where there is a list, or the other way round. */
export const wrongShape = (asked: Accepted['as'], what: string): ApiError =>
  new ApiError(406, 'NotAcceptable', `you requested ${asked}, but the requested object is ${asked === 'PartialObjectMetadata' ? 'a' : 'not a'} list (*v1.${what})`)

/** The media type of a `Content-Type` header, without parameters. */
export function mediaType(contentType: string | undefined): string {
  if (contentType === undefined) return ''
  const semicolon = contentType.indexOf(';')
  return (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase()
}

/** Whether the client would take gzip, and the answer is long enough for it to pay (the original's 128 KiB). */
export const gzipThreshold = 128 * 1024
export const acceptsGzip = (acceptEncoding: string | undefined): boolean =>
  acceptEncoding !== undefined && acceptEncoding.split(',').some((part) => {
    const clause = clauseOf(part)
    return clause.type === 'gzip' && clause.quality > 0
  })
