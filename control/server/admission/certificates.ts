import type { CertificateSigningRequest } from '../../../api/types/certificates-v1.ts'
import type { Tools } from '../tools.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { joined, refuse } from './refuse.ts'

const concerns = ({ kind }: AdmissionRequest): boolean => kind.group === 'certificates.k8s.io' && kind.resource === 'certificatesigningrequests'
const apiserverClient = 'kubernetes.io/kube-apiserver-client'

/** Who approves or denies a certificate must be allowed to `approve` for its signer. */
export const certificateApproval: AdmissionPlugin = {
  name: 'CertificateApproval',
  validate(request, tools) {
    if (!concerns(request) || request.operation !== 'update' || request.subresource !== 'approval') return
    return needsSigner(request, tools, 'approve')
  },
}

/** Who puts a certificate into the status must be allowed to `sign` for its signer. */
export const certificateSigning: AdmissionPlugin = {
  name: 'CertificateSigning',
  validate(request, tools) {
    if (!concerns(request) || request.operation !== 'update' || request.subresource !== 'status') return
    const now = (request.object as CertificateSigningRequest).status, before = (request.old as CertificateSigningRequest).status
    if (now?.certificate === before?.certificate && JSON.stringify(now?.conditions ?? []) === JSON.stringify(before?.conditions ?? [])) return
    return needsSigner(request, tools, 'sign')
  },
}

/** The old object's signer counts: the name may not be changed on the way. */
async function needsSigner(request: AdmissionRequest, { authorizer }: Tools, verb: 'approve' | 'sign'): Promise<void> {
  const signer = (request.old as CertificateSigningRequest).spec.signerName
  for (const name of [signer, `${signer.split('/')[0]}/*`]) {
    const attributes = { user: request.user, isResource: true, path: '', verb, group: 'certificates.k8s.io', version: '*', namespace: '', resource: 'signers', name, subresource: '' }
    if ((await authorizer.authorize(attributes)).verdict === 'allow') return
  }
  throw refuse(request, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`)
}

/** Nobody gets a certificate of `system:masters` by asking for one. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  validate(request) {
    if (!concerns(request) || request.operation !== 'create' || request.subresource !== '') return
    const { spec } = request.object as CertificateSigningRequest
    return spec.signerName === apiserverClient ? checkSubject(request, spec.request) : undefined
  },
}

async function checkSubject(request: AdmissionRequest, encoded: string): Promise<void> {
  let groups: readonly string[]
  try {
    groups = await organizationsOf(Buffer.from(encoded, 'base64').toString())
  } catch (error) {
    throw refuse(request, `failed to parse CSR: ${joined([error instanceof Error ? error.message : String(error)])}`)
  }
  if (groups.includes('system:masters')) throw refuse(request, `use of ${apiserverClient} signer with system:masters group is not allowed`)
}

/** The library takes a tenth of a second to load: only who asks for such a certificate waits for it. */
async function organizationsOf(pem: string): Promise<readonly string[]> {
  if (!pem.includes('-----BEGIN CERTIFICATE REQUEST-----')) throw new Error('PEM block type must be CERTIFICATE REQUEST')
  await import('reflect-metadata')
  const { Pkcs10CertificateRequest } = await import('@peculiar/x509')
  return new Pkcs10CertificateRequest(pem).subjectName.getField('O')
}
