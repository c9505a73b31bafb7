import type { Status, StatusCause, StatusDetails } from './types/meta-v1/status.ts'

/**
 * The one error class of the API edge, on both sides of it: verbs, admission and validation throw it, the server
 * writes it as a `Status` body, the client reads that body back into it. Callers ask the predicates (`isNotFound`, …)
 * and never match message text.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: number
  readonly reason: StatusReason
  readonly details: StatusDetails | undefined
  /** Of a list that cannot go on as it began: the token with which the rest can be had nevertheless, as it is now. */
  readonly continue: string | undefined

  constructor(code: number, reason: StatusReason, message: string, details?: StatusDetails, continueToken?: string) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
    this.continue = continueToken
  }
}

/** `metav1.StatusReason`; the empty string is "unknown". */
export type StatusReason =
  | '' | 'AlreadyExists' | 'BadRequest' | 'Conflict' | 'Expired' | 'Forbidden' | 'Gone' | 'InternalError' | 'Invalid'
  | 'MethodNotAllowed' | 'NotAcceptable' | 'NotFound' | 'RequestEntityTooLarge' | 'ServerTimeout' | 'ServiceUnavailable'
  | 'Timeout' | 'TooManyRequests' | 'Unauthorized' | 'UnsupportedMediaType'

export interface GroupResource { readonly group: string; readonly resource: string }
export interface GroupKind { readonly group: string; readonly kind: string }

/** `pods` or `deployments.apps`, as error messages print it. */
export const qualified = (of: GroupResource): string => (of.group ? `${of.resource}.${of.group}` : of.resource)

const details = (of: GroupResource, name: string): StatusDetails => ({ name, ...(of.group && { group: of.group }), kind: of.resource })

export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message)
export const unauthorized = (message = 'Unauthorized'): ApiError => new ApiError(401, 'Unauthorized', message)
export const forbidden = (of: GroupResource, name: string, why: string): ApiError =>
  new ApiError(403, 'Forbidden', name ? `${qualified(of)} ${JSON.stringify(name)} is forbidden: ${why}` : `${qualified(of)} is forbidden: ${why}`, details(of, name))
export const notFound = (of: GroupResource, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${qualified(of)} ${JSON.stringify(name)} not found`, details(of, name))
/** The path leads nowhere (as opposed to an object that is not there). */
export const noSuchResource = (): ApiError => new ApiError(404, 'NotFound', 'the server could not find the requested resource', {})
export const methodNotAllowed = (of: GroupResource, verb: string): ApiError =>
  new ApiError(405, 'MethodNotAllowed', `${verb} is not supported on resources of kind ${JSON.stringify(qualified(of))}`, { ...(of.group && { group: of.group }), kind: of.resource })
export const alreadyExists = (of: GroupResource, name: string): ApiError =>
  new ApiError(409, 'AlreadyExists', `${qualified(of)} ${JSON.stringify(name)} already exists`, details(of, name))
export const conflict = (of: GroupResource, name: string, why: string): ApiError =>
  new ApiError(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(of)} ${JSON.stringify(name)}: ${why}`, details(of, name))
/** The sentence of a failed compare-and-set; `kubectl` and client-go users know it by heart. */
export const staleWrite = (of: GroupResource, name: string): ApiError =>
  conflict(of, name, 'the object has been modified; please apply your changes to the latest version and try again')
export const expired = (message: string): ApiError => new ApiError(410, 'Expired', message)
export const gone = (message: string): ApiError => new ApiError(410, 'Gone', message)
export const tooLarge = (message: string): ApiError => new ApiError(413, 'RequestEntityTooLarge', message)
export const unsupportedMediaType = (message: string): ApiError => new ApiError(415, 'UnsupportedMediaType', message)
export const internal = (message: string): ApiError => new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })
export const unavailable = (message: string): ApiError => new ApiError(503, 'ServiceUnavailable', message)

/** One failed check of validation (`field.Error`). `detail` is the sentence behind the type. */
export interface FieldError {
  readonly type: 'Required' | 'Invalid' | 'Duplicate' | 'NotFound' | 'NotSupported' | 'Forbidden' | 'TooLong' | 'TooMany' | 'TypeInvalid' | 'InternalError'
  /** `spec.containers[0].ports[1].containerPort` */
  readonly field: string
  readonly value?: unknown
  /** How Go prints the value, where that is not JSON. */
  readonly printed?: string
  readonly detail: string
}

const fieldErrorWords: Record<FieldError['type'], string> = {
  Required: 'Required value', Invalid: 'Invalid value', Duplicate: 'Duplicate value', NotFound: 'Not found', NotSupported: 'Unsupported value',
  Forbidden: 'Forbidden', TooLong: 'Too long', TooMany: 'Too many', TypeInvalid: 'Invalid value', InternalError: 'Internal error',
}
const printedWithoutValue = new Set<FieldError['type']>(['Required', 'Forbidden', 'TooLong', 'InternalError'])

/** The text behind the field path, as the original prints it: `Invalid value: "a b": must not have blanks`. */
export function fieldErrorBody(error: FieldError): string {
  const head = fieldErrorWords[error.type]
  const value = printedWithoutValue.has(error.type) || error.value === undefined ? head : `${head}: ${error.printed ?? JSON.stringify(error.value)}`
  return error.detail ? `${value}: ${error.detail}` : value
}

/** Failed checks may repeat what was sent a thousand times over; an answer does not. */
const longestReport = 1024 * 1024

/** 422 with one cause a failed check, as many as there is room for. The message is the aggregate Kubernetes prints: `Pod "x" is invalid: …`. */
export function invalid(of: GroupKind, name: string, errors: readonly FieldError[]): ApiError {
  const causes: StatusCause[] = []
  const said = new Set<string>()
  let length = 0
  for (const error of errors) {
    const message = fieldErrorBody(error)
    length += error.field.length + message.length
    if (length > longestReport && causes.length > 0) break
    causes.push({ reason: `FieldValue${error.type}`, message, field: error.field })
    said.add(`${error.field}: ${message}`)
  }
  const sentences = [...said]
  const text = sentences.length === 1 ? sentences[0] : `[${sentences.join(', ')}]`
  const kind = of.group ? `${of.kind}.${of.group}` : of.kind
  return new ApiError(422, 'Invalid', `${kind} ${JSON.stringify(name)} is invalid: ${text}`, { name, ...(of.group && { group: of.group }), kind: of.kind, causes })
}

/** The `Status` body of an error, exactly as the original writes it. */
export const statusOf = (error: ApiError): Status => ({
  kind: 'Status', apiVersion: 'v1', metadata: error.continue === undefined ? {} : { continue: error.continue }, status: 'Failure', message: error.message,
  ...(error.reason && { reason: error.reason }), ...(error.details && { details: error.details }), code: error.code,
})

/** Any thrown thing as an `ApiError`; what was not one is a 500. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  // Only what was sent can be nested so deeply.
  if (error instanceof RangeError && error.message.includes('call stack')) return badRequest('exceeded max depth')
  return internal(error instanceof Error ? error.message : String(error))
}

const is = (reason: StatusReason) => (error: unknown): boolean => error instanceof ApiError && error.reason === reason
export const isNotFound = is('NotFound')
export const isAlreadyExists = is('AlreadyExists')
export const isConflict = is('Conflict')
export const isInvalid = is('Invalid')
export const isForbidden = is('Forbidden')
/** The watch or list asked for a revision that is compacted away: list again. */
export const isGone = (error: unknown): boolean => error instanceof ApiError && error.code === 410
