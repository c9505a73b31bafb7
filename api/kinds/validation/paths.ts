import type { FieldError } from '../../errors.ts'
import { invalid } from './field.ts'

/** No element may be `..`. */
export const noBacksteps = (path: string, field: string): FieldError[] =>
  (path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : [])

/** A path that stays below where it starts. */
export const localDescending = (path: string, field: string): FieldError[] =>
  [...(path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : []), ...noBacksteps(path, field)]

/** The same, and not in the volume's own `..` names, which its atomic writer uses. */
export const localNonReserved = (path: string, field: string): FieldError[] =>
  [...localDescending(path, field), ...(path.startsWith('..') && !path.startsWith('../') ? [invalid(field, path, "must not start with '..'")] : [])]

export const fileMode = (mode: number | undefined, field: string): FieldError[] =>
  (mode !== undefined && (mode > 0o777 || mode < 0) ? [invalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')] : [])
