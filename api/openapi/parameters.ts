/** A query parameter, in the words both dialects share. Only what clients look for or people ask about has a description. */
export interface QueryParameter {
  readonly name: string
  readonly type: 'string' | 'boolean' | 'integer'
  readonly description: string
}

const query = (name: string, type: QueryParameter['type'], description: string): QueryParameter => Object.freeze({ name, type, description })

const dryRun = query('dryRun', 'string', 'With the value All, nothing is kept of what the request does.')
const fieldManager = query('fieldManager', 'string', 'The name under which the change is recorded.')
const fieldValidation = query('fieldValidation', 'string', 'What becomes of unknown and duplicate fields: Ignore, Warn or Strict.')
const resourceVersion = query('resourceVersion', 'string', 'The revision that the answer may be as old as, or must have.')
const pretty = query('pretty', 'string', 'Whether the answer is indented.')

const selection: readonly QueryParameter[] = [
  query('continue', 'string', 'Where the previous part of a list ended.'),
  query('fieldSelector', 'string', 'Only objects whose fields match.'),
  query('labelSelector', 'string', 'Only objects whose labels match.'),
  query('limit', 'integer', 'The most objects to answer with at once.'),
  resourceVersion,
  query('resourceVersionMatch', 'string', 'How resourceVersion is meant: Exact or NotOlderThan.'),
  query('sendInitialEvents', 'boolean', 'Whether a watch begins with the objects that are there.'),
  query('timeoutSeconds', 'integer', 'After how long the answer ends.'),
]

const deletion: readonly QueryParameter[] = [
  query('gracePeriodSeconds', 'integer', 'How long the object may take to end.'),
  query('orphanDependents', 'boolean', 'Whether what the object owns stays. Use propagationPolicy instead.'),
  query('propagationPolicy', 'string', 'What becomes of what the object owns: Orphan, Background or Foreground.'),
]

export const readParameters: readonly QueryParameter[] = [pretty]
export const listParameters: readonly QueryParameter[] = [
  pretty, query('allowWatchBookmarks', 'boolean', 'Whether a watch may send bookmarks.'), ...selection, query('watch', 'boolean', 'Whether to go on with a stream of changes.'),
]
export const writeParameters: readonly QueryParameter[] = [pretty, dryRun, fieldManager, fieldValidation]
export const patchParameters: readonly QueryParameter[] = [...writeParameters, query('force', 'boolean', 'Whether an apply takes fields over from other managers.')]
export const deleteParameters: readonly QueryParameter[] = [pretty, dryRun, ...deletion]
export const deleteCollectionParameters: readonly QueryParameter[] = [pretty, dryRun, ...selection, ...deletion]
