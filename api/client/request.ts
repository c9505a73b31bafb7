import type { DeleteOptions, ListOptions, Patch, WatchOptions } from './client.ts'
import type { CallOptions } from './client.ts'
import type { RequestBody } from '../transport.ts'

/** The query every verb understands. */
export function callQuery(options: CallOptions | undefined): URLSearchParams {
  const query = new URLSearchParams()
  if (options?.fieldManager) query.set('fieldManager', options.fieldManager)
  if (options?.dryRun) query.set('dryRun', 'All')
  return query
}

export function listQuery(options: ListOptions | undefined): URLSearchParams {
  const query = callQuery(options)
  if (options?.labelSelector) query.set('labelSelector', options.labelSelector)
  if (options?.fieldSelector) query.set('fieldSelector', options.fieldSelector)
  if (options?.limit) query.set('limit', String(options.limit))
  if (options?.continue) query.set('continue', options.continue)
  if (options?.resourceVersion) query.set('resourceVersion', options.resourceVersion)
  return query
}

export function watchQuery(options: WatchOptions | undefined): URLSearchParams {
  const query = listQuery(options)
  query.set('watch', 'true')
  if (options?.allowBookmarks) query.set('allowWatchBookmarks', 'true')
  if (options?.timeoutSeconds) query.set('timeoutSeconds', String(options.timeoutSeconds))
  return query
}

/** The `DeleteOptions` body, or none when there is nothing to say. */
export function deleteBody(options: DeleteOptions | undefined): unknown {
  const said = {
    ...(options?.gracePeriodSeconds !== undefined && { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(options?.propagation && { propagationPolicy: options.propagation }),
    ...(options?.preconditions && { preconditions: options.preconditions }),
    ...(options?.dryRun && { dryRun: ['All'] }),
  }
  return Object.keys(said).length > 0 ? { apiVersion: 'v1', kind: 'DeleteOptions', ...said } : undefined
}

export const patchTypes: Readonly<Record<Patch['type'], string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}

/** The caller's object as it would arrive after JSON: a private frozen copy without `undefined` fields, so that in process and on the wire mean the same. */
export const bodyOf = (value: unknown): RequestBody => ({ kind: 'value', value: plain(value) })

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map((item) => plain(item) ?? null))
  if (typeof value !== 'object' || value === null) return typeof value === 'number' && !Number.isFinite(value) ? null : value
  const copy: Record<string, unknown> = {}
  for (const [key, child] of Object.entries(value)) {
    if (child === undefined) continue
    // A key named __proto__ is data like any other.
    if (key === '__proto__') Object.defineProperty(copy, key, { value: plain(child), enumerable: true })
    else copy[key] = plain(child)
  }
  return Object.freeze(copy)
}
