import type { Logger } from 'pino'
import type { Clock } from '../../host/clock.ts'
import type { Conntrack } from '../../host/conntrack.ts'
import type { LocalAddresses } from '../../host/local-address.ts'
import type { Backend } from '../backend.ts'
import type { Family, ForwardingTable, Route } from '../table.ts'
import { Affinity, Balancer } from './balancer.ts'
import { FlowTable } from './flow-table.ts'
import type { Guard } from './guard.ts'
import type { Listener, OpenListener, Shared } from './listener.ts'
import { isCarried, listenersOf, redirect, type WantedListener } from './plan.ts'
import { openTcpListener } from './tcp-listener.ts'
import { openUdpListener } from './udp-listener.ts'

export interface UserspaceOptions {
  /** The backend of the kernel that leads packets to our listeners: nftables or iptables. */
  readonly inner: Backend
  /** By the same means as `inner`. */
  readonly guard: Guard
  readonly addresses: LocalAddresses
  readonly conntrack: Pick<Conntrack, 'deleteUdp'>
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
  readonly limits?: Partial<Limits>
  /** What opens the sockets; others in unit tests. */
  readonly open?: Readonly<Record<'TCP' | 'UDP', OpenListener>>
}

/** What all Services together may have of the machine. */
export interface Limits {
  /** TCP connections at a time; each is two sockets. More are reset. */
  readonly connections: number
  /** UDP flows at a time; each is one socket. The longest silent one makes room. */
  readonly flows: number
  /** After this long without a datagram a UDP flow ends, in milliseconds. */
  readonly flowIdleMs: number
}

/** The kernel forgets a one-way UDP flow after 30 s as well. kube-proxy's 250 ms lose every answer that takes longer. */
const defaultLimits: Limits = { connections: 8192, flows: 2048, flowIdleMs: 30_000 }

/** Where our listeners are: addresses that mean nothing outside this machine. Link-local (RFC 3927), and unique local (RFC 4193) as link-local IPv6 needs a link. */
export const listenerIP: Readonly<Record<Family, string>> = { ipv4: '169.254.75.56', ipv6: 'fd6b:3874:7300::1' }

const families = ['ipv4', 'ipv6'] as const satisfies Family[]

interface OpenListenerState { readonly wanted: WantedListener; readonly listener: Listener; readonly balancer: Balancer }

/**
 * Services carried by this process. The kernel is told by another backend, which gets the same table with each list of
 * endpoints replaced by one listener of ours; whatever that backend refuses, drops, masquerades and heals is not our affair.
 */
export function createUserspaceBackend({ inner, guard, addresses, conntrack, clock, log, limits, open = { TCP: openTcpListener, UDP: openUdpListener } }: UserspaceOptions): Backend {
  const { connections, flows, flowIdleMs } = { ...defaultLimits, ...limits }
  const shared: Shared = { flows: new FlowTable({ clock, idleMs: flowIdleMs, limit: flows }), connections: new Set(), maxConnections: connections }
  const listeners = new Map<string, OpenListenerState>()
  const affinities = new Map<string, Affinity>()
  const redirected = new WeakMap<Route, Route>()
  /** Families whose address and guard are in place. */
  const ready = new Set<Family>()
  /** Families in which no flow of an earlier process is left. */
  const flushed = new Set<Family>()
  const warned = new Set<string>()

  async function ensureListener(wanted: WantedListener): Promise<void> {
    const affinity = affinityOf(wanted)
    const known = listeners.get(wanted.key)
    if (known?.listener.alive) {
      if (known.wanted.route === wanted.route) return
      known.balancer.update(wanted.targets, affinity)
      known.listener.endpointsChanged()
      listeners.set(wanted.key, { ...known, wanted })
      return
    }
    known?.listener.close()
    const balancer = new Balancer()
    balancer.update(wanted.targets, affinity)
    const listener = await open[wanted.protocol]({ ip: listenerIP[wanted.family], family: wanted.family, balancer, clock, shared })
    listeners.set(wanted.key, { wanted, listener, balancer })
    redirected.delete(wanted.route)
    if (known) await forget(known)
  }

  function affinityOf({ route: { id, affinitySeconds } }: WantedListener): Affinity | undefined {
    if (affinitySeconds === undefined) {
      affinities.delete(id)
      return undefined
    }
    const affinity = affinities.get(id) ?? new Affinity(affinitySeconds, { clock })
    affinity.seconds = affinitySeconds
    affinities.set(id, affinity)
    return affinity
  }

  function toListeners(route: Route): Route {
    const known = redirected.get(route)
    if (known) return known
    const made = redirect(route, (key) => {
      const found = listeners.get(key)
      return found && { ip: listenerIP[route.family], port: found.listener.port }
    })
    redirected.set(route, made)
    return made
  }

  /** The kernel would lead a caller that goes on talking to whoever gets the port next. */
  async function forget({ wanted: { protocol, family }, listener }: OpenListenerState): Promise<void> {
    if (protocol === 'UDP') await forgetUdp(family, listener.port)
  }
  async function forgetUdp(family: Family, endpointPort?: number): Promise<void> {
    await conntrack.deleteUdp({ endpoint: listenerIP[family], ...(endpointPort !== undefined && { endpointPort }) })
      .catch((error: unknown) => log.warn({ err: error }, 'Cannot forget the UDP flows of a listener that is gone'))
  }

  function warnOfUncarried(routes: readonly Route[]): void {
    for (const route of routes) {
      if (isCarried(route) || warned.has(route.id)) continue
      warned.add(route.id)
      log.warn({ route: route.id }, 'Refusing connections to an SCTP port: the userspace proxy carries TCP and UDP only')
    }
  }

  async function stop(): Promise<void> {
    for (const { listener } of listeners.values()) listener.close()
    for (const socket of shared.connections) socket.destroy()
    listeners.clear()
    affinities.clear()
    await inner.stop?.()
  }

  return {
    name: 'userspace',
    stop,
    supported: () => inner.supported(),

    async apply({ routes, healthChecks }: ForwardingTable) {
      warnOfUncarried(routes)
      const wanted = new Map(routes.flatMap(listenersOf).map((listener) => [listener.key, listener]))
      const used = families.filter((family) => [...wanted.values()].some((listener) => listener.family === family))
      for (const family of used) {
        if (ready.has(family)) continue
        // Shut before there is anything to enter.
        await guard.ensure(family, listenerIP[family])
        await addresses.add(listenerIP[family])
        ready.add(family)
      }
      for (const listener of wanted.values()) await ensureListener(listener)
      await inner.apply({ routes: routes.map(toListeners), healthChecks })

      for (const family of used) {
        if (flushed.has(family)) continue
        await forgetUdp(family)
        flushed.add(family)
      }
      const routeIds = new Set(routes.map(({ id }) => id))
      for (const id of affinities.keys()) if (!routeIds.has(id)) affinities.delete(id)
      for (const [key, gone] of listeners) {
        if (wanted.has(key)) continue
        listeners.delete(key)
        gone.listener.close()
        await forget(gone)
      }
    },

    async intact() {
      const [innerIntact, ...doors] = await Promise.all([
        inner.intact(),
        ...[...ready].map(async (family) => {
          const intact = await addresses.has(listenerIP[family]) && await guard.intact(family)
          if (!intact) ready.delete(family)
          return intact
        }),
      ])
      return innerIntact && doors.every(Boolean) && [...listeners.values()].every(({ listener }) => listener.alive)
    },

    async cleanup() {
      await inner.cleanup()
      await stop()
      ready.clear()
      flushed.clear()
      await removeListenerAddress({ addresses, conntrack })
      await guard.remove()
    },
  }
}

/** Takes the address of the listeners away, also that of a process that is gone, with the flows that the kernel still leads there. */
export async function removeListenerAddress({ addresses, conntrack }: Pick<UserspaceOptions, 'addresses' | 'conntrack'>): Promise<void> {
  for (const family of families) {
    if (!await addresses.has(listenerIP[family])) continue
    // Without the tool, or the right, these end by themselves.
    await conntrack.deleteUdp({ endpoint: listenerIP[family] }).catch(() => {})
    await addresses.remove(listenerIP[family])
  }
}
