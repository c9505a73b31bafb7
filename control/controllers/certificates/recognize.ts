import type { CertificateRequest } from '../../../api/kinds/certificates-v1/request.ts'
import { signers } from '../../../api/kinds/certificates-v1/signer-name.ts'

type Recognize = (request: CertificateRequest, usages: readonly string[]) => string | undefined

const nodePrefix = 'system:node:'
const sorted = (list: readonly string[]): string => list.toSorted().join(', ')
const printed = (usages: readonly string[]): string => `[${usages.toSorted().join(' ')}]`

/** What a node may ask for as client and as server, with keys of either kind: only RSA keys encipher. */
const nodeUsages = (purpose: string): readonly (readonly string[])[] => [['digital signature', purpose], ['digital signature', 'key encipherment', purpose]]

function wrongUsages(usages: readonly string[], purpose: string): string | undefined {
  const allowed = nodeUsages(purpose)
  return allowed.some((set) => sorted(set) === sorted(usages)) ? undefined : `usages did not match ${printed(allowed[1]!)}`
}

const ofNode = ({ organizations }: CertificateRequest): boolean => organizations.length === 1 && organizations[0] === 'system:nodes'

/** What keeps a request from being one for a kubelet's client certificate. */
export const wrongKubeletClient: Recognize = (request, usages) => {
  if (!ofNode(request)) return 'subject organization is not system:nodes'
  if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed'
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed'
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed'
  if (!request.commonName.startsWith(nodePrefix)) return `subject common name does not begin with ${nodePrefix}`
  return wrongUsages(usages, 'client auth')
}

/** What keeps a request from being one for what a kubelet shows to those who call it. */
export const wrongKubeletServing: Recognize = (request, usages) => {
  if (!ofNode(request)) return 'subject organization is not system:nodes'
  if (request.dnsNames.length === 0 && request.ipAddresses.length === 0) return 'DNS or IP subjectAltName is required'
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed'
  if (!request.commonName.startsWith(nodePrefix)) return `subject common name does not begin with ${nodePrefix}`
  return wrongUsages(usages, 'server auth')
}

const wrongClient: Recognize = (_, usages) => {
  const stray = usages.find((usage) => !['digital signature', 'key encipherment', 'client auth'].includes(usage))
  if (stray !== undefined) return `invalid usage for client certificate: ${stray}`
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth'
}

/** The signers of the cluster, each with what it refuses to sign. */
export const refusals: ReadonlyMap<string, Recognize> = new Map<string, Recognize>([
  [signers.apiServerClient, wrongClient],
  [signers.kubeletClient, wrongKubeletClient],
  [signers.kubeletServing, wrongKubeletServing],
  [signers.legacy, () => undefined],
])
