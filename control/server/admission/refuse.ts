import { forbidden } from '../../../api/errors.ts'
import type { ApiError } from '../../../api/errors.ts'
import type { AdmissionRequest } from './admission.ts'

/** The refusal of a request: `pods "web" is forbidden: …`. An object without a name yet goes by the beginning of it. */
export function refuse({ kind, name, object }: AdmissionRequest, why: string): ApiError {
  return forbidden(kind, name || object?.metadata?.name || object?.metadata?.generateName || 'Unknown', why)
}

/** Several reasons as the original joins them. */
export const joined = (reasons: readonly string[]): string => (reasons.length === 1 ? reasons[0]! : `[${reasons.join(', ')}]`)
