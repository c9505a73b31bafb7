import type { FieldError } from '../../errors.ts'
import { invalid, invalidFor, required, tooLong } from '../validation/field.ts'
import { cIdentifier, dnsSubdomain } from '../validation/names.ts'

/** The name of a driver: a subdomain of at most 63 characters. */
export function validateDriverName(name: string, field: string): FieldError[] {
  if (!name) return [required(field)]
  return [...(name.length > 63 ? [tooLong(field, 63)] : []), ...invalidFor(field, name, dnsSubdomain(name))]
}

/** A pool: subdomains with slashes between them. */
export function validatePoolName(name: string, field: string): FieldError[] {
  if (!name) return [required(field)]
  return [...(name.length > 253 ? [tooLong(field, 253)] : []), ...name.split('/').flatMap((part) => invalidFor(field, part, dnsSubdomain(part)))]
}

/** `size` or `example.com/size`: attributes and capacities of devices. */
export function validateQualifiedIdentifier(name: string, field: string): FieldError[] {
  if (!name) return [required(field, 'name required')]
  const parts = name.split('/')
  if (parts.length > 2) return [invalid(field, name, 'a qualified name must be of the form [domain/]name')]
  const id = parts.at(-1)!
  return [
    ...(parts.length === 2 ? parts[0] ? validateDriverName(parts[0], field) : [required(field, 'the domain must not be empty')] : []),
    ...(id ? [...(id.length > 32 ? [tooLong(field, 32)] : []), ...invalidFor(field, id, cIdentifier(id))] : [required(field, 'the name must not be empty')]),
  ]
}
