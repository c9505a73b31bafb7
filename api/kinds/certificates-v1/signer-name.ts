import type { FieldError } from '../../errors.ts'
import { invalid, required, tooLong } from '../validation/field.ts'
import { dnsLabel, dnsSubdomain } from '../validation/names.ts'

/** Signers the cluster knows by itself. */
export const signers = Object.freeze({
  apiServerClient: 'kubernetes.io/kube-apiserver-client',
  kubeletClient: 'kubernetes.io/kube-apiserver-client-kubelet',
  kubeletServing: 'kubernetes.io/kubelet-serving',
  legacy: 'kubernetes.io/legacy-unknown',
})

const longest = 253 + 1 + 253 + 63 + 1

/** `example.com/name`: a domain of at least two labels, one slash, and a path of subdomains. */
export function validateSignerName(name: string | undefined, field: string): FieldError[] {
  if (!name) return [required(field, 'signerName must be provided')]
  const segments = name.split('/')
  if (segments.length !== 2) return [invalid(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
  const [domain, path] = segments as [string, string]
  const labels = domain.split('.')
  return [
    ...(domain.length > 253 ? [tooLong(field, 253)] : []),
    ...firstWrong(labels, dnsLabel, domain, field),
    ...(labels.length < 2 ? [invalid(field, domain, 'should be a domain with at least two segments separated by dots')] : []),
    ...firstWrong(path.split('.'), dnsSubdomain, path, field),
    ...(name.length > longest ? [tooLong(field, longest)] : []),
  ]
}

function firstWrong(labels: readonly string[], rule: (label: string) => string[], value: string, field: string): FieldError[] {
  const label = labels.find((each) => rule(each).length > 0)
  return label === undefined ? [] : rule(label).map((detail) => invalid(field, value, `validating label ${JSON.stringify(label)}: ${detail}`))
}
