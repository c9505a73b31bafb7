import type { FieldError } from '../../errors.ts'
import { invalid, invalidFor, required } from './field.ts'
import { dnsSubdomain } from './names.ts'

const path = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/
const pathPattern = String.raw`[A-Za-z0-9/\-._~%!$&'()*+,;=:]+`

/** `example.com/ingress-controller`: a domain of the maker's own, and a path in it. */
export function validateDomainPrefixedPath(value: string, field: string): FieldError[] {
  if (!value) return [required(field)]
  const at = value.indexOf('/')
  const domain = value.slice(0, at), rest = value.slice(at + 1)
  if (at <= 0 || !rest) return [invalid(field, value, `must be a domain-prefixed path (such as "acme.io/foo")`)]
  return [
    ...invalidFor(field, domain, dnsSubdomain(domain)),
    ...(path.test(rest) ? [] : [invalid(field, rest, `Invalid path (regex used for validation is '${pathPattern}')`)]),
  ]
}
