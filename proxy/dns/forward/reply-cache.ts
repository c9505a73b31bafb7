import { rcodes, types, type Name, type ResourceRecord } from '../message.ts'
import { soaMinimum } from '../records.ts'
import type { Reply } from '../wire/read-reply.ts'

export interface ReplyCacheOptions {
  /** Bounds, in replies and in bytes. What was not asked for longest goes first. */
  readonly maxReplies?: number
  readonly maxBytes?: number
}

interface Entry { readonly reply: Reply; readonly since: number; readonly until: number; readonly bytes: number }

/** Seconds: the longest that answers and absences are kept, as CoreDNS has them; and a server's failure (RFC 9520). */
const longest = { answer: 3600, absence: 1800, failure: 5 } as const

/** Answers of upstream servers as long as they may be kept (RFC 2181, RFC 2308). Time comes in as an argument, in milliseconds. */
export class ReplyCache {
  readonly #entries = new Map<string, Entry>()
  readonly #maxReplies: number
  readonly #maxBytes: number
  #bytes = 0

  constructor({ maxReplies = 4096, maxBytes = 4 * 1024 * 1024 }: ReplyCacheOptions = {}) {
    this.#maxReplies = maxReplies
    this.#maxBytes = maxBytes
  }

  get size(): number {
    return this.#entries.size
  }

  /** The reply, its records as much shorter-lived as it is old. */
  get(key: string, now: number): Reply | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    this.#drop(key, entry)
    if (entry.until <= now) return undefined
    this.#keep(key, entry)
    const age = Math.floor((now - entry.since) / 1000)
    return age === 0 ? entry.reply : { ...entry.reply, answers: aged(entry.reply.answers, age), authority: aged(entry.reply.authority, age) }
  }

  set(key: string, reply: Reply, now: number): void {
    const old = this.#entries.get(key)
    if (old) this.#drop(key, old)
    const seconds = lifetimeOf(reply)
    const bytes = key.length + [...reply.answers, ...reply.authority].reduce((sum, record) => sum + weightOf(record), 64)
    if (seconds <= 0 || bytes > this.#maxBytes / 16) return
    this.#keep(key, { reply, since: now, until: now + seconds * 1000, bytes })
    for (const [first, entry] of this.#entries) {
      if (this.#entries.size <= this.#maxReplies && this.#bytes <= this.#maxBytes) break
      this.#drop(first, entry)
    }
  }

  #keep(key: string, entry: Entry): void {
    this.#entries.set(key, entry)
    this.#bytes += entry.bytes
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
  }
}

const aged = (records: readonly ResourceRecord[], seconds: number): ResourceRecord[] => records.map((record) => ({ ...record, ttl: Math.max(0, record.ttl - seconds) }))

/** Roughly what a record costs in memory. */
const weightOf = ({ name, data }: ResourceRecord): number => 160 + name.length + data.before.length + data.after.length + data.names.reduce((sum: number, each: Name) => sum + each.length, 0)

/** How many seconds a reply may be kept; 0: not at all. An absence without SOA has no lifetime (RFC 2308, 5). */
export function lifetimeOf({ rcode, truncated, answers, authority }: Reply): number {
  if (truncated) return 0
  if (rcode === rcodes.SERVFAIL) return longest.failure
  if (rcode !== rcodes.NOERROR && rcode !== rcodes.NXDOMAIN) return 0
  const least = Math.min(longest.answer, ...answers.map(({ ttl }) => ttl))
  const ends = answers.some(({ type }) => type !== types.CNAME && type !== types.DNAME)
  if (rcode === rcodes.NOERROR && ends) return least
  const soa = authority.find(({ type }) => type === types.SOA)
  return soa ? Math.min(least, longest.absence, soa.ttl, soaMinimum(soa)) : 0
}
