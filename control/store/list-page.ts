import { badRequest } from '../../api/errors.ts'
import type { CacheEntry, CacheList, CacheListOptions } from './cache.ts'
import { isStoreError, tooOldToContinue, tooOldToList } from './cache-errors.ts'
import { decodeContinue, encodeContinue } from './continue-token.ts'
import { Entry } from './entry.ts'
import type { Log } from './log.ts'
import { SortedMap } from './sorted-map.ts'

/** A list request, understood. */
export interface Page {
  readonly prefix: string
  /** Begin behind this key. */
  readonly after: string
  readonly limit: number
  readonly filter: ((object: any) => boolean) | undefined
  readonly continued: boolean
  /** Exactly at this revision. */
  readonly exact: number | undefined
  readonly notOlderThan: number | undefined
}

export function pageOf(resourcePrefix: string, options: CacheListOptions): Page {
  const { namespace, filter, limit, continue: token, revision, match = 'notOlderThan' } = options
  const prefix = namespace === undefined ? resourcePrefix : `${resourcePrefix}${namespace}/`
  const common = { prefix, filter, limit: limit || Infinity }
  if (token) {
    if (revision) throw badRequest('specifying resource version is not allowed when using continue')
    const { revision: at, after } = decodeContinue(token)
    return { ...common, after: `${prefix}${after}`, continued: true, exact: at === -1 ? undefined : at, notOlderThan: undefined }
  }
  const exact = match === 'exact' ? revision : undefined
  return { ...common, after: '', continued: false, exact, notOlderThan: exact === undefined ? revision : undefined }
}

/** A page of memory as it was at `revision`: the live entries with the changes since undone. */
export function listPage(page: Page, revision: number, live: SortedMap<Entry>, undone: Map<string, Entry | undefined>): CacheList {
  const { prefix, after, limit, filter } = page
  const entries: CacheEntry[] = []
  let more = false
  for (const entry of asOf(prefix, after, live, undone)) {
    if (filter && !filter(entry.object)) continue
    if ((more = entries.length >= limit)) break
    entries.push(entry)
  }
  if (!more) return { entries, revision }
  const last = entries.at(-1)!.key
  return { entries, revision, ...continued(page, revision, last), ...(!filter && { remaining: countAsOf(prefix, last, live, undone) }) }
}

/** The same from the log, for revisions that memory has forgotten. */
export async function listFromLog(log: Log, page: Page, revision: number): Promise<CacheList> {
  const { prefix, limit, filter } = page
  const entries: CacheEntry[] = []
  let { after } = page
  for (;;) {
    const options = { revision, after, ...(limit < Infinity && { limit }) }
    const { records, remaining } = await log.list(prefix, options).catch((error: unknown) => {
      throw isStoreError(error, 'compacted') ? page.continued ? tooOldToContinue(continued(page, -1, after).continue) : tooOldToList() : error
    })
    for (const [i, { key, value, revision: at, created }] of records.entries()) {
      const entry = new Entry(key, at, created, value)
      if (filter && !filter(entry.object)) continue
      entries.push(entry)
      const left = remaining + records.length - i - 1
      if (entries.length >= limit) return { entries, revision, ...(left > 0 && { ...continued(page, revision, key), ...(!filter && { remaining: left }) }) }
    }
    if (remaining === 0) return { entries, revision }
    after = records.at(-1)!.key
  }
}

const continued = ({ prefix }: Page, revision: number, last: string) =>
  ({ continue: encodeContinue({ revision, after: last.slice(prefix.length) }) })

/** Merges the live entries that did not change since with the changed ones as they were, in key order. */
function * asOf(prefix: string, after: string, live: SortedMap<Entry>, undone: Map<string, Entry | undefined>): Generator<Entry> {
  if (undone.size === 0) return yield* live.range(prefix, after)
  const old = [...oldEntries(prefix, after, undone)].sort((a, b) => (a.key < b.key ? -1 : 1))
  let next = 0
  for (const entry of live.range(prefix, after)) {
    if (undone.has(entry.key)) continue
    while (next < old.length && old[next]!.key < entry.key) yield old[next++]!
    yield entry
  }
  yield* old.slice(next)
}

function countAsOf(prefix: string, after: string, live: SortedMap<Entry>, undone: Map<string, Entry | undefined>): number {
  let count = live.count(prefix, after)
  for (const key of undone.keys()) if (key.startsWith(prefix) && key > after && live.get(key)) count--
  return count + oldEntries(prefix, after, undone).length
}

const oldEntries = (prefix: string, after: string, undone: Map<string, Entry | undefined>): Entry[] =>
  [...undone.values()].filter((entry) => entry !== undefined).filter(({ key }) => key.startsWith(prefix) && key > after)
