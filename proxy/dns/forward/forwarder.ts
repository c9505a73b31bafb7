import type { Logger } from 'pino'
import type { Clock } from '../../../host/clock.ts'
import { rcodes, type Question } from '../message.ts'
import type { Reply } from '../wire/read-reply.ts'
import type { Wishes } from '../wire/write-query.ts'
import type { Exchange } from './exchange.ts'
import { ReplyCache } from './reply-cache.ts'
import { nameServersOf } from './resolv-conf.ts'

export interface ForwarderOptions {
  readonly exchange: Exchange
  /** The text of the node's resolv.conf as it is now. */
  readonly resolvConf: () => Promise<string>
  /** Addresses that are never asked: those where we are asked ourselves. */
  readonly except: readonly string[]
  readonly cache?: ReplyCache
  readonly clock: Clock
  readonly log: Logger
  /** Questions under way at once; more are refused. */
  readonly maxInFlight?: number
  /** How long one server may take, and all of them together: less than the 5 s after which clients ask again. */
  readonly tryMs?: number
  readonly totalMs?: number
  readonly observe?: ForwardObserver
}

/** Told of every question that was sent to a server, and of those refused for there being too many. */
export interface ForwardObserver {
  asked(server: string, rcode: number | 'failed', ms: number): void
  cached(kind: 'hit' | 'miss'): void
  rejected(): void
}

export interface Forwarder {
  /** Never rejects: a question that nobody answers is a reply with SERVFAIL. Immediate when the cache has it. */
  ask(question: Question, wishes: Wishes): Reply | Promise<Reply>
}

const failure: Reply = { rcode: rcodes.SERVFAIL, truncated: false, authenticData: false, answers: [], authority: [] }
/** How old what we know of resolv.conf may be; looked at only when there is something to ask. */
const rereadMs = 5_000
/** A server that did not answer is asked last for so long. */
const shunMs = 10_000

/**
 * Asks the node's upstream servers what is not the cluster's: in their order, those that failed of late last. Who asks the same while it
 * is under way gets the same answer; so a ring of forwarders ends with us.
 */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const { exchange, clock, log, observe, cache = new ReplyCache(), maxInFlight = 1000, tryMs = 1500, totalMs = 4500 } = options
  const underWay = new Map<string, Promise<Reply>>()
  const failedAt = new Map<string, number>()
  let servers: readonly string[] = []
  let readAt = -Infinity

  async function currentServers(): Promise<readonly string[]> {
    if (clock.now() - readAt < rereadMs) return servers
    readAt = clock.now()
    const found = nameServersOf(await options.resolvConf(), options.except)
    if (found.join() !== servers.join()) {
      log.info({ servers: found }, 'Forwarding DNS to the upstream servers of this node')
      failedAt.clear()
    }
    return (servers = found)
  }

  async function resolve(key: string, question: Question, wishes: Wishes): Promise<Reply> {
    try {
      const reply = await askServers(inOrder(await currentServers()), question, wishes)
      cache.set(key, reply, clock.now())
      return reply
    } catch (error) {
      log.warn({ err: error }, 'Cannot read the upstream DNS servers of this node')
      return failure
    } finally {
      underWay.delete(key)
    }
  }

  const inOrder = (all: readonly string[]): string[] => {
    const shunned = (server: string) => clock.now() - (failedAt.get(server) ?? -Infinity) < shunMs
    return [...all.filter((server) => !shunned(server)), ...all.filter(shunned)]
  }

  /** Round and round until one answers or time is over: a packet may be lost, and a single server is asked again. */
  async function askServers(all: readonly string[], question: Question, wishes: Wishes): Promise<Reply> {
    const end = clock.now() + totalMs
    let refusal = failure
    for (let turn = 0; all.length > 0 && turn < Math.max(3, all.length); turn += 1) {
      const server = all[turn % all.length]!
      const left = Math.min(tryMs, end - clock.now())
      if (left <= 0) break
      const begun = clock.now()
      try {
        const reply = await exchange(server, question, wishes, left)
        observe?.asked(server, reply.rcode, clock.now() - begun)
        failedAt.delete(server)
        if (reply.rcode === rcodes.NOERROR || reply.rcode === rcodes.NXDOMAIN) return reply
        refusal = reply
        if (turn + 1 >= all.length) return refusal
      } catch (error) {
        observe?.asked(server, 'failed', clock.now() - begun)
        failedAt.set(server, clock.now())
        log.debug({ err: error, server }, 'Cannot get an answer from an upstream DNS server')
        // Nobody listens there: asking again would hear the same at once, as often as we like.
        if (all.length === 1 && clock.now() - begun < 50) break
      }
    }
    return refusal
  }

  return {
    ask(question, wishes) {
      const key = `${question.key}${question.type}/${wishes.dnssecOk ? 'd' : ''}${wishes.checkingDisabled ? 'c' : ''}`
      const known = cache.get(key, clock.now())
      observe?.cached(known ? 'hit' : 'miss')
      if (known) return known
      const running = underWay.get(key)
      if (running) return running
      if (underWay.size >= maxInFlight) {
        observe?.rejected()
        return failure
      }
      const promise = resolve(key, question, wishes)
      underWay.set(key, promise)
      return promise
    },
  }
}
