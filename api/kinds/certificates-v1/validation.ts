import { X509Certificate } from 'node:crypto'
import type { FieldError } from '../../errors.ts'
import { KeyUsage } from '../../types/certificates-v1.ts'
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../../types/certificates-v1.ts'
import { semanticEqual } from '../validation/equal.ts'
import { duplicate, each, forbidden, invalid, notSupported, required } from '../validation/field.ts'
import { wrongCertificateRequest } from './request.ts'
import { signers, validateSignerName } from './signer-name.ts'
import { isRepeated } from '../validation/repeated.ts'

/** What an older version, or an object that was stored long ago, may have wrong. */
export interface Leniency {
  readonly legacySigner?: boolean
  readonly duplicateConditions?: boolean
  readonly emptyConditions?: boolean
  readonly anyCertificate?: boolean
  readonly anyUsages?: boolean
}

const usages = [...KeyUsage.values!].sort()
const known = ['Approved', 'Denied', 'Failed']
const conditionsOf = ({ status }: CertificateSigningRequest, type: string) => (status?.conditions ?? []).filter((condition) => condition.type === type)

/** Every failed check of a request and its status. `checkRequest`: the expensive look into the CSR itself, needed while it is new. */
export function validateCertificateSigningRequest(csr: CertificateSigningRequest, { checkRequest, lenient = {} }: { readonly checkRequest: boolean; readonly lenient?: Leniency }): FieldError[] {
  const { spec, status } = csr
  const wrong = checkRequest ? wrongCertificateRequest(spec.request) : undefined
  const wanted = spec.usages ?? []
  return [
    ...(wrong === undefined ? [] : [invalid('spec.request', spec.request, wrong)]),
    ...(wanted.length ? [] : [required('spec.usages', 'usages must be provided')]),
    ...(lenient.anyUsages ? [] : each(wanted, 'spec.usages', (usage, path) => (usages.includes(usage) ? [] : [notSupported(path, usage, usages)]))),
    ...(lenient.anyUsages ? [] : each(wanted, 'spec.usages', (usage, path, index) => (isRepeated(wanted, usage, index) ? [duplicate(path, usage)] : []))),
    ...(spec.signerName === signers.legacy && !lenient.legacySigner
      ? [invalid('spec.signerName', spec.signerName, 'the legacy signerName is not allowed via this API version')] : validateSignerName(spec.signerName, 'spec.signerName')),
    ...((spec.expirationSeconds ?? 600) < 600 ? [invalid('spec.expirationSeconds', spec.expirationSeconds, 'may not specify a duration less than 600 seconds (10 minutes)')] : []),
    ...validateConditions(status?.conditions ?? [], lenient),
    ...(lenient.anyCertificate || !status?.certificate ? [] : validateCertificate(status.certificate)),
  ]
}

function validateConditions(conditions: readonly CertificateSigningRequestCondition[], lenient: Leniency): FieldError[] {
  return each(conditions, 'status.conditions', ({ type, status }, path, index) => {
    const before = conditions.slice(0, index).map((condition) => condition.type)
    const allowed = known.includes(type) ? ['True'] : ['False', 'True', 'Unknown']
    const opposite = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined
    return [
      ...(type || lenient.emptyConditions ? [] : [required(`${path}.type`)]),
      ...(status ? allowed.includes(status) ? [] : [notSupported(`${path}.status`, status, allowed)] : [required(`${path}.status`)]),
      ...(opposite && before.includes(opposite) ? [invalid(`${path}.type`, type, 'Approved and Denied conditions are mutually exclusive')] : []),
      ...(before.includes(type) && !lenient.duplicateConditions ? [duplicate(`${path}.type`, type)] : []),
    ]
  })
}

function validateCertificate(base64: string): FieldError[] {
  const wrong = wrongCertificate(Buffer.from(base64, 'base64').toString('latin1'))
  return wrong === undefined ? [] : [invalid('status.certificate', '<certificate data>', wrong)]
}

function wrongCertificate(text: string): string | undefined {
  const blocks = [...text.matchAll(/-----BEGIN ([^-]+)-----\r?\n([^-]*)-----END \1-----/g)]
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block'
  for (const [block, type, content] of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`
    if (content!.includes(':')) return 'no PEM block headers are permitted'
    try {
      new X509Certificate(block)
    } catch {
      return 'x509: malformed certificate'
    }
  }
  return undefined
}

/** What may not happen on an update, by the door it comes through. */
export function validateTransition(csr: CertificateSigningRequest, old: CertificateSigningRequest, door: { readonly mayApprove?: boolean; readonly mayIssue?: boolean; readonly mayReissue?: boolean }): FieldError[] {
  const at = 'status.conditions'
  const removed = known.filter((type) => conditionsOf(csr, type).length < conditionsOf(old, type).length)
  const decisions = door.mayApprove ? [] : ['Approved', 'Denied']
  return [
    ...removed.map((type) => forbidden(at, `updates may not remove a condition of type ${JSON.stringify(type)}`)),
    ...decisions.filter((type) => !removed.includes(type)).flatMap((type) => {
      const [now, before] = [conditionsOf(csr, type), conditionsOf(old, type)]
      if (now.length > before.length) return [forbidden(at, `updates may not add a condition of type ${JSON.stringify(type)}`)]
      return semanticEqual(now, before) ? [] : [forbidden(at, `updates may not modify a condition of type ${JSON.stringify(type)}`)]
    }),
    ...validateIssuance(csr.status?.certificate ?? '', old.status?.certificate ?? '', door),
  ]
}

function validateIssuance(certificate: string, before: string, { mayIssue, mayReissue }: { readonly mayIssue?: boolean; readonly mayReissue?: boolean }): FieldError[] {
  if (certificate === before) return []
  if (!mayIssue) return [forbidden('status.certificate', 'updates may not set certificate content')]
  return before && !mayReissue ? [forbidden('status.certificate', 'updates may not modify existing certificate content')] : []
}

/** What the stored object already has wrong may stay wrong. */
export function leniencyFor(csr: CertificateSigningRequest, { spec, status }: CertificateSigningRequest): Leniency {
  const types = (status?.conditions ?? []).map(({ type }) => type)
  const wanted = spec.usages ?? []
  return {
    legacySigner: spec.signerName === signers.legacy, duplicateConditions: new Set(types).size < types.length, emptyConditions: types.includes(''),
    anyCertificate: (csr.status?.certificate ?? '') === (status?.certificate ?? ''),
    anyUsages: wanted.some((usage) => !usages.includes(usage)) || new Set(wanted).size < wanted.length,
  }
}
