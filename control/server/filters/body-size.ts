import { tooLarge } from '../../../api/errors.ts'
import type { Filter } from '../context.ts'

/** The original's `MaxRequestBodyBytes`. The listening edge stops reading one byte behind it. */
export const maxBodyBytes = 3 * 1024 * 1024

/** 413 for bodies over 3 MB. In process objects are as big as their JSON; the store's own limit holds for them. */
export const bodySize: Filter = (next) => (context) => {
  const { body } = context.request
  if (body?.kind === 'bytes' && body.bytes.length > maxBodyBytes) throw tooLarge(`Request entity too large: limit is ${maxBodyBytes}`)
  return next(context)
}
