import { ApiError, badRequest } from '../../../../api/errors.ts'
import type { StatusReason } from '../../../../api/errors.ts'

/** What a webhook answered, checked for its form. */
export interface Verdict {
  readonly allowed: boolean
  readonly status: { readonly code?: number; readonly message?: string; readonly reason?: string } | undefined
  readonly patch: readonly unknown[] | undefined
  readonly warnings: readonly string[]
}

/** The first version of AdmissionReview that the webhook and we speak. */
export const reviewVersion = (versions: readonly string[]): 'v1' | 'v1beta1' | undefined => versions.find((version) => version === 'v1' || version === 'v1beta1')

type Raw = Readonly<Record<string, unknown>>
const isRecord = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value)

/** How many warnings of one answer are passed on, and how long each may be. */
const mostWarnings = 100
const longestWarning = 4096

/** Reads an AdmissionReview that came back. Throws an Error with what is wrong with it. */
export function readVerdict(answer: unknown, version: 'v1' | 'v1beta1', uid: string, mayPatch: boolean): Verdict {
  const { apiVersion, kind, response } = isRecord(answer) ? answer : {} as Raw
  if (!isRecord(response)) throw new Error('webhook response was absent')
  if (version === 'v1') {
    const wanted = 'admission.k8s.io/v1, Kind=AdmissionReview'
    const got = `${String(apiVersion ?? '')}, Kind=${String(kind ?? '')}`
    if (got !== wanted) throw new Error(`expected webhook response of ${wanted}, got ${got}`)
    if (response['uid'] !== uid) throw new Error(`expected response.uid="${uid}", got ${JSON.stringify(response['uid'] ?? '')}`)
  }
  return { allowed: response['allowed'] === true, status: statusOf(response['status']), patch: patchOf(response, version, mayPatch), warnings: warningsOf(response['warnings']) }
}

function statusOf(status: unknown): Verdict['status'] {
  if (!isRecord(status)) return undefined
  const { code, message, reason } = status
  return { ...(typeof code === 'number' && { code }), ...(typeof message === 'string' && { message }), ...(typeof reason === 'string' && { reason }) }
}

function patchOf({ patch, patchType }: Raw, version: 'v1' | 'v1beta1', mayPatch: boolean): readonly unknown[] | undefined {
  const given = typeof patch === 'string' && patch !== ''
  if (!mayPatch) {
    if (given && version === 'v1') throw new Error('unexpected patch in response to validating webhook')
    return undefined
  }
  if (!given) {
    if (patchType && version === 'v1') throw new Error('webhook returned response.patchType but not response.patch')
    return undefined
  }
  if (version === 'v1' && !patchType) throw new Error('webhook returned response.patch but not response.patchType')
  if (patchType && patchType !== 'JSONPatch') throw new Error(`unsupported patch type ${JSON.stringify(patchType)}`)
  const parsed: unknown = JSON.parse(Buffer.from(patch, 'base64').toString())
  if (!Array.isArray(parsed)) throw new Error('the patch is no list of operations')
  return parsed
}

function warningsOf(warnings: unknown): readonly string[] {
  if (!Array.isArray(warnings)) return []
  return warnings.filter((warning): warning is string => typeof warning === 'string').slice(0, mostWarnings).map((warning) => warning.slice(0, longestWarning))
}

/** The refusal of a webhook, in its own words, code and reason. */
export function denial(webhook: string, status: Verdict['status']): ApiError {
  const denied = `admission webhook ${JSON.stringify(webhook)} denied the request`
  const why = status?.message || status?.reason
  const code = status?.code !== undefined && status.code >= 400 && status.code <= 599 ? status.code : 400
  return new ApiError(code, (status?.reason ?? '') as StatusReason, why ? `${denied}: ${why}` : `${denied} without explanation`)
}

export const noDryRun = (webhook: string): ApiError => badRequest(`admission webhook ${JSON.stringify(webhook)} does not support dry run`)
