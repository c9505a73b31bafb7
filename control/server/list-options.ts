import { badRequest, invalid } from '../../api/errors.ts'
import type { FieldError } from '../../api/errors.ts'
import { flag, integer, revisionOf } from './options.ts'

/** What a list or watch may say of versions and pages. */
export interface ListParameters {
  readonly limit: number | undefined
  readonly continue: string | undefined
  readonly revision: number | undefined
  readonly match: 'notOlderThan' | 'exact' | undefined
  readonly sendInitialEvents: boolean | undefined
  readonly bookmarks: boolean
  readonly timeoutSeconds: number | undefined
}

const matches: Readonly<Record<string, 'notOlderThan' | 'exact'>> = { NotOlderThan: 'notOlderThan', Exact: 'exact' }
const none: ListParameters = Object.freeze({ limit: undefined, continue: undefined, revision: undefined, match: undefined, sendInitialEvents: undefined, bookmarks: false, timeoutSeconds: undefined })

/** Reads them; 422 for combinations the original refuses. */
export function listParameters(query: URLSearchParams, watch: boolean): ListParameters {
  if (query.size === 0) return none
  const revision = revisionOf(query.get('resourceVersion'))
  const match = query.get('resourceVersionMatch') || undefined
  const token = query.get('continue') || undefined
  const sendInitialEvents = flag(query, 'sendInitialEvents')
  const errors = [
    ...matchErrors(match, query.get('resourceVersion') ?? '', token, watch, sendInitialEvents),
    ...(!watch && sendInitialEvents !== undefined ? [forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list')] : []),
  ]
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors)
  if (token !== undefined && revision !== undefined && revision !== 0) throw badRequest('specifying resource version is not allowed when using continue')
  const limit = integer(query, 'limit')
  return {
    limit: limit !== undefined && limit > 0 ? limit : undefined, continue: token, revision, match: match ? matches[match] : undefined,
    sendInitialEvents, bookmarks: flag(query, 'allowWatchBookmarks') ?? false, timeoutSeconds: integer(query, 'timeoutSeconds'),
  }
}

const forbiddenField = (field: string, detail: string): FieldError => ({ type: 'Forbidden', field, detail })

function matchErrors(match: string | undefined, version: string, token: string | undefined, watch: boolean, sendInitialEvents: boolean | undefined): FieldError[] {
  const field = 'resourceVersionMatch'
  if (watch && sendInitialEvents !== undefined) {
    if (match === undefined) return [forbiddenField(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')]
    if (match !== 'NotOlderThan') return [{ type: 'NotSupported', field, value: match, detail: 'supported values: "NotOlderThan"' }]
    return []
  }
  if (match === undefined) return []
  if (watch) return [forbiddenField(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')]
  if (!Object.hasOwn(matches, match)) return [{ type: 'NotSupported', field, value: match, detail: 'supported values: "Exact", "NotOlderThan", ""' }]
  if (version === '') return [forbiddenField(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided')]
  if (token !== undefined) return [forbiddenField(field, 'resourceVersionMatch is forbidden when continue is provided')]
  if (match === 'Exact' && version === '0') return [forbiddenField(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')]
  return []
}
