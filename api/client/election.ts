import { isConflict, isNotFound } from '../errors.ts'
import { leases } from '../kinds/coordination-v1/lease.ts'
import type { ObjectKey } from '../object.ts'
import type { Lease, LeaseSpec } from '../types/coordination-v1.ts'
import type { Client } from './client.ts'
import type { Deps } from './deps.ts'
import { claim, release } from './lease-claim.ts'
import type { Observation } from './lease-claim.ts'

export interface ElectionOptions extends Deps {
  readonly client: Client
  readonly lease: Required<{ readonly [K in keyof ObjectKey]: string }>
  /** Who we are: different for every process, also on one machine. */
  readonly identity: string
  /** How long others wait for a silent leader, milliseconds. Default 15 s. */
  readonly leaseDuration?: number
  /** How long after its last renewal a leader goes on without another. Less than `leaseDuration`. Default 10 s. */
  readonly renewDeadline?: number
  /** The pause between attempts. Default 2 s. */
  readonly retryPeriod?: number
  /** The work of a leader. The signal ends with the leadership: whoever gets it must stop writing at once. */
  readonly onLead: (signal: AbortSignal) => void
  /** Called with the identity of every new leader, ourselves included. */
  readonly onLeader?: (identity: string) => void
}

export interface Election {
  readonly isLeader: boolean
  /** Who leads, as far as we have seen. */
  readonly leader: string | undefined
  /** Ends the candidacy; a leader lets go of the Lease, so that another can take it at once. */
  stop(): Promise<void>
}

/** Leader election on a Lease, with the rules of client-go. A leader that is cut off loses its `onLead` signal before anybody else can lead. */
export function startElection(options: ElectionOptions): Election {
  const { client, clock, lease: key, identity, leaseDuration = 15_000, renewDeadline = 10_000, retryPeriod = 2_000 } = options
  if (renewDeadline >= leaseDuration || retryPeriod * 1.2 >= renewDeadline) throw new RangeError('Cannot hold an election: leaseDuration > renewDeadline > retryPeriod × 1.2 must hold')
  const over = new AbortController()
  const signal = AbortSignal.any([options.signal, over.signal])
  const log = options.log.child({ lease: `${key.namespace}/${key.name}` })
  let held: Lease | undefined
  let observed: Observation | undefined
  let reign: AbortController | undefined
  let leader: string | undefined

  let renewedAt = 0

  const observe = (lease: Lease) => {
    if (held?.metadata.resourceVersion !== lease.metadata.resourceVersion) observed = { spec: lease.spec, at: clock.now() }
    held = lease
    const holder = lease.spec.holderIdentity || undefined
    if (holder && holder !== leader) options.onLeader?.(holder)
    leader = holder
  }

  const write = async (spec: LeaseSpec, asked: { signal?: AbortSignal }): Promise<void> => {
    if (held) observe(await client.update(leases, { ...held, spec }, asked))
    else observe(await client.create(leases, { metadata: key, spec }, asked))
  }

  /** One attempt to take or keep the Lease. A leader writes straight away; a candidate looks first. */
  const attempt = async (until: AbortSignal): Promise<boolean> => {
    try {
      if (!reign || !held) {
        try {
          observe(await client.get(leases, key, { signal: until }))
        } catch (error) {
          if (!isNotFound(error)) throw error
          held = observed = undefined
        }
      }
      const spec = claim({ identity, leaseDuration }, observed, clock.now())
      if (!spec) return false
      const asked = clock.now()
      await write(spec, { signal: until })
      renewedAt = asked
      return true
    } catch (error) {
      if (!signal.aborted) log[isConflict(error) ? 'debug' : 'warn']({ err: error }, reign ? 'Renew lease failed' : 'Take lease failed')
      // Our picture of the Lease may be old: look again before the next write.
      if (!until.aborted) await refresh(until)
      return false
    }
  }
  const refresh = async (until: AbortSignal) => {
    if (held) await client.get(leases, key, { signal: until }).then(observe, () => {})
  }

  const acquire = async (): Promise<void> => {
    while (!signal.aborted && !await attempt(signal)) await clock.sleep(retryPeriod * (1 + 1.2 * clock.random()), signal).catch(() => {})
  }

  /** Returns when the Lease could not be renewed for `renewDeadline`, or belongs to somebody else. */
  const hold = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(retryPeriod, signal).catch(() => {})
      if (!await renewed()) return
    }
  }
  const renewed = async (): Promise<boolean> => {
    const late = new AbortController()
    const cancel = clock.after(renewedAt + renewDeadline - clock.now(), () => late.abort(), { unref: true })
    const until = AbortSignal.any([signal, late.signal])
    try {
      while (!until.aborted) {
        if (await attempt(until)) return true
        if (leader !== undefined && leader !== identity) return false
        await clock.sleep(retryPeriod, until).catch(() => {})
      }
      return false
    } finally {
      cancel()
    }
  }

  const letGo = async (): Promise<void> => {
    try {
      // A renewal that was cut off by the stop may have arrived: the second try goes by what the server has.
      for (let tries = 2; tries > 0 && held && leader === identity; tries--) {
        await write(release(held.spec, clock.now()), {}).catch(async (error: unknown) => {
          if (!isConflict(error)) throw error
          observe(await client.get(leases, key))
        })
      }
    } catch (error) {
      log.warn({ err: error }, 'Release lease failed')
    }
  }

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await acquire()
      if (signal.aborted) break
      reign = new AbortController()
      log.info({ identity }, 'Lead')
      options.onLead(reign.signal)
      await hold()
      reign.abort()
      reign = undefined
      log[signal.aborted ? 'info' : 'error']({ identity }, 'Lead no more')
    }
    await letGo()
  }

  const running = run()
  return {
    get isLeader() { return reign !== undefined },
    get leader() { return leader },
    async stop() {
      over.abort()
      await running
    },
  }
}
