import type { Logger } from 'pino'
import type { Clock } from '../../host/clock.ts'
import { answerFromCluster, type ClusterAnswer, type ClusterZones } from './cluster/answer.ts'
import type { ClusterRecords } from './cluster/cluster-index.ts'
import type { Forwarder } from './forward/forwarder.ts'
import { classes, rcodes, types, type Answer, type Query } from './message.ts'
import { hinfo } from './records.ts'
import { isInternet, isRefused, readQuery } from './wire/read-query.ts'
import type { Reply } from './wire/read-reply.ts'
import { createAnswerWriter, limitOf, writeRefusal } from './wire/write-answer.ts'

export interface ResolverOptions {
  readonly cluster: ClusterRecords
  readonly zones: ClusterZones
  readonly forwarder: Pick<Forwarder, 'ask'>
  readonly clock: Pick<Clock, 'random'>
  readonly log: Logger
  readonly observe?: ResolverObserver
  /** Clients that may wait for upstream servers at once. */
  readonly maxWaiting?: number
}

/** Where an answer came from, in the words of CoreDNS' plugins; empty: the query was refused as it stood. */
export type AnsweredBy = 'kubernetes' | 'forward' | ''

export interface ResolverObserver {
  answered(what: { readonly protocol: 'udp' | 'tcp'; readonly type: number | undefined; readonly rcode: number; readonly by: AnsweredBy; readonly bytes: number }): void
  panicked(): void
}

/** One packet in, at most one out. Never throws and never rejects. Undefined: say nothing. */
export type Resolve = (packet: Buffer, protocol: 'udp' | 'tcp') => Buffer | undefined | Promise<Buffer | undefined>

const plain = (rcode: number): Answer => ({ rcode, authoritative: false, answers: [], authority: [], additional: [] })
const servfail = plain(rcodes.SERVFAIL)
const transfers = new Set<number>([types.AXFR, types.IXFR])
/** Types that are questions or signals, not data (RFC 6895, 3.1). */
const isMeta = (type: number): boolean => type === 0 || type === types.OPT || (type >= 128 && type !== types.ANY && !transfers.has(type) && type < 256)

/** The whole way of a query: read, decide who answers, ask upstream where it must be, write. */
export function createResolver({ cluster, zones, forwarder, clock, log, observe, maxWaiting = 4096 }: ResolverOptions): Resolve {
  const write = createAnswerWriter()
  let waiting = 0

  return (packet, protocol) => {
    const query = readQuery(packet)
    if (!query) return undefined
    if (isRefused(query)) {
      observe?.answered({ protocol, type: undefined, rcode: query.refused, by: '', bytes: packet.length })
      return writeRefusal(query.head, query.refused)
    }
    const finish = (answer: Answer, by: AnsweredBy): Buffer => {
      observe?.answered({ protocol, type: query.question.type, rcode: answer.rcode, by, bytes: packet.length })
      return write(query, answer, limitOf(query, protocol))
    }
    const fail = (error: unknown): Buffer => {
      log.error({ err: error, query: packet.toString('base64') }, 'Cannot answer a DNS query')
      observe?.panicked()
      return finish(servfail, '')
    }
    try {
      const policy = answerByPolicy(query)
      if (policy !== undefined) return finish(policy, '')
      const own = answerFromCluster(query.question, cluster, zones, clock.random())
      if (own && !own.follow) return finish(own, 'kubernetes')
      const refused = own ? undefined : refusedToForward(query)
      if (refused) return finish(refused, '')
      if (waiting >= maxWaiting) return finish(own ? { ...own, rcode: rcodes.SERVFAIL } : servfail, 'forward')
      const question = { ...query.question, class: classes.IN, ...(own?.follow && { name: own.follow, key: own.follow }) }
      const reply = forwarder.ask(question, { dnssecOk: query.edns?.dnssecOk ?? false, checkingDisabled: query.checkingDisabled })
      if (!(reply instanceof Promise)) return finish(joined(own, reply), own ? 'kubernetes' : 'forward')
      waiting += 1
      return reply.then((late) => finish(joined(own, late), own ? 'kubernetes' : 'forward')).catch(fail).finally(() => { waiting -= 1 })
    } catch (error) {
      return fail(error)
    }
  }
}

/** What is answered whatever the name: transfers, what is no data, other classes. */
function answerByPolicy(query: Query): Answer | undefined {
  const { type } = query.question
  if (!isInternet(query) || transfers.has(type)) return plain(rcodes.REFUSED)
  return isMeta(type) ? plain(rcodes.NOTIMP) : undefined
}

/** ANY gets the least that is an answer (RFC 8482), and who does not want recursion gets none. */
function refusedToForward({ question, recursionDesired }: Query): Answer | undefined {
  if (!recursionDesired) return plain(rcodes.REFUSED)
  return question.type === types.ANY ? { ...plain(rcodes.NOERROR), answers: [hinfo(question.key, 3600, 'RFC8482', '')] } : undefined
}

/** The upstream servers' reply, behind the CNAME of ours that led to it. */
function joined(own: ClusterAnswer | undefined, { rcode, authenticData, answers, authority }: Reply): Answer {
  if (own) return { rcode, authoritative: true, answers: [...own.answers, ...answers], authority, additional: [] }
  return { rcode, authoritative: false, authenticData, answers, authority, additional: [] }
}
