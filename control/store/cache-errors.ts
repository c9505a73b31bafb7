import { ApiError, expired } from '../../api/errors.ts'
import { StoreError } from './log.ts'

/** The cache's refusals, in the original's words. */
export const tooOldToWatch = (revision: number, oldest: number): ApiError => expired(`too old resource version: ${revision} (${oldest})`)
export const tooOldToList = (): ApiError => expired('The resourceVersion for the provided list is too old.')
/** With `token` the rest of the list can be had as it is now. */
export const tooOldToContinue = (token: string): ApiError => new ApiError(410, 'Expired',
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. '
  + 'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.', undefined, token)
export const notYet = (revision: number, current: number): ApiError =>
  new ApiError(504, 'Timeout', `Too large resource version: ${revision}, current: ${current}`, {
    retryAfterSeconds: 1, causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
  })
/** 429 makes clients watch again from where they were, where 410 would make them list everything. */
export const fellBehind = (): ApiError =>
  new ApiError(429, 'TooManyRequests', 'The watch was closed because its reader fell too far behind; watch again from the last resourceVersion seen', { retryAfterSeconds: 1 })

export const isStoreError = (error: unknown, reason: StoreError['reason']): error is StoreError =>
  error instanceof StoreError && error.reason === reason
