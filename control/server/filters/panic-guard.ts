import { ApiError, asApiError, internal } from '../../../api/errors.ts'
import { StoreError } from '../../store/log.ts'
import type { Filter } from '../context.ts'
import { notSettled, plainForm } from '../media-type.ts'
import { errorResponse } from '../respond.ts'

/**
 * Whatever is thrown behind this point becomes a `Status`. What was not thrown for the client is logged with its stack:
 * it is a fault of ours, and the client learns only its sentence.
 */
export const panicGuard: Filter = (next, { log }) => async (context) => {
  try {
    return await next(context)
  } catch (error) {
    const known = error instanceof StoreError ? storeFault(error) : asApiError(error)
    if (known.code >= 500 && !(error instanceof ApiError) && !isTooLarge(error)) log.error({ err: error, path: context.request.path }, 'Answered with an internal error')
    // Refused before the form of the answer was settled: the refusal has the form that was asked for all the same.
    if (context.accepted === notSettled) context.accepted = plainForm(context.request.headers['accept'])
    return errorResponse(context, known)
  }
}

const isTooLarge = (error: unknown): boolean => error instanceof StoreError && error.reason === 'tooLarge'

/** Store errors that no verb turned into something better. */
function storeFault(error: StoreError): ApiError {
  if (error.reason === 'compacted') return new ApiError(410, 'Expired', 'The resourceVersion for the provided list is too old.')
  // As everybody knows it from the original, which passes on what etcd says.
  if (isTooLarge(error)) return new ApiError(500, '', 'etcdserver: request is too large')
  if (error.reason === 'full' || error.reason === 'closed') return new ApiError(503, 'ServiceUnavailable', error.message)
  return internal(error.message)
}
