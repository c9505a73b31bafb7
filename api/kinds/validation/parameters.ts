import type { FieldError } from '../../errors.ts'
import { invalid, invalidFor, required, tooLong } from './field.ts'
import { qualifiedName } from './names.ts'

const mostParameters = 512
const mostBytes = 256 * 1024

/** What a class of storage tells its driver; opaque to the cluster, so only its size is looked at. */
export function validateParameters(parameters: Readonly<Record<string, string>> | undefined, field: string): FieldError[] {
  const entries = Object.entries(parameters ?? {})
  if (entries.length > mostParameters) return [tooLong(field, mostParameters)]
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  return [
    ...entries.filter(([key]) => key === '').map(() => invalid(field, '', 'field can not be empty.')),
    ...(size > mostBytes ? [tooLong(field, mostBytes)] : []),
  ]
}

/** Who makes the volumes: `example.com/nfs`. */
export const validateProvisioner = (name: string, field: string): FieldError[] => (name ? invalidFor(field, name, qualifiedName(name.toLowerCase())) : [required(field)])
