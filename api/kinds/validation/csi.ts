import type { FieldError } from '../../errors.ts'
import { invalidFor, required, tooLong } from './field.ts'
import { dnsSubdomain } from './names.ts'

/** The name under which a CSI driver registers itself. */
export const validateDriverName = (name: string | undefined, field: string): FieldError[] => [
  ...(name ? [] : [required(field)]),
  ...((name?.length ?? 0) > 63 ? [tooLong(field, 63)] : []),
  ...invalidFor(field, name ?? '', dnsSubdomain((name ?? '').toLowerCase())),
]
