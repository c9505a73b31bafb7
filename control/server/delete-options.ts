import { badRequest, invalid } from '../../api/errors.ts'
import type { FieldError } from '../../api/errors.ts'
import { decode } from '../../api/schema/decode.ts'
import { DeleteOptions } from '../../api/types/meta-v1/options.ts'
import type { RequestContext } from './context.ts'
import { dryRunErrors, flag, integer } from './options.ts'
import { parsedBody } from './read-body.ts'
import type { DeletionOptions } from './verbs/plan-deletion.ts'

export interface AskedDeletion {
  readonly options: DeletionOptions
  readonly dryRun: boolean
  /** The retired `orphanDependents: false`, to which an unfinished deletion answers 202. */
  readonly foregroundAsked: boolean
  /** The `DeleteOptions` as asked, for admission. */
  readonly object: Readonly<Record<string, unknown>>
}

const policies = ['Background', 'Foreground', 'Orphan']

/** The `DeleteOptions` of the body, or of the query when there is no body. */
export function askedDeletion(context: RequestContext): AskedDeletion {
  const options = context.request.body === undefined ? fromQuery(context.request.query) : fromBody(context)
  return checkDeleteOptions(options)
}

/** Checks what was asked; 422 in the original's words. */
export function checkDeleteOptions(options: Partial<DeleteOptions>): AskedDeletion {
  const errors: FieldError[] = []
  const { propagationPolicy, orphanDependents, dryRun = [], preconditions } = options
  if (orphanDependents !== undefined && propagationPolicy !== undefined) errors.push({ type: 'Invalid', field: 'propagationPolicy', value: propagationPolicy, detail: 'orphanDependents and deletionPropagation cannot be both set' })
  if (propagationPolicy !== undefined && !policies.includes(propagationPolicy)) {
    errors.push({ type: 'NotSupported', field: 'propagationPolicy', value: propagationPolicy, detail: 'supported values: "Background", "Foreground", "Orphan"' })
  }
  errors.push(...dryRunErrors(dryRun))
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors)
  return {
    options: {
      gracePeriodSeconds: options.gracePeriodSeconds, uid: preconditions?.uid, resourceVersion: preconditions?.resourceVersion,
      propagation: orphanDependents === undefined ? propagationPolicy as DeletionOptions['propagation'] : orphanDependents ? 'Orphan' : 'Background',
    },
    dryRun: dryRun.length > 0, foregroundAsked: orphanDependents === false,
    object: { ...options, kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', ...(dryRun.length === 0 && { dryRun: undefined }) },
  }
}

function fromBody(context: RequestContext): Partial<DeleteOptions> {
  const { value } = parsedBody(context, { kind: 'DeleteOptions', schema: DeleteOptions })
  const kind = (value as { kind?: unknown } | null)?.kind
  if (typeof kind === 'string' && kind !== '' && kind !== 'DeleteOptions') throw badRequest('decoded object cannot be converted to DeleteOptions')
  const { object } = decode<DeleteOptions>(DeleteOptions, value, 'Ignore')
  return object
}

function fromQuery(query: URLSearchParams): Partial<DeleteOptions> {
  if (query.size === 0) return {}
  const policy = query.get('propagationPolicy')
  const orphan = flag(query, 'orphanDependents')
  const grace = integer(query, 'gracePeriodSeconds')
  const uid = query.get('preconditions.uid')
  return {
    ...(grace !== undefined && { gracePeriodSeconds: grace }), ...(policy && { propagationPolicy: policy }),
    ...(orphan !== undefined && { orphanDependents: orphan }), ...(uid && { preconditions: { uid } }), dryRun: query.getAll('dryRun'),
  }
}
