import type { Clock } from '../../host/clock.ts'
import type { Family } from '../table.ts'
import type { Balancer } from './balancer.ts'
import type { FlowTable } from './flow-table.ts'

/** A socket at which the callers of one way into a Service arrive, and what it carries. Never keeps the process alive. */
export interface Listener {
  readonly port: number
  /** False when the socket has failed by itself; then a new one is needed. */
  readonly alive: boolean
  /** The balancer has other endpoints: what cannot go on to those that are gone ends. */
  endpointsChanged(): void
  /** Takes no more callers. TCP connections go on to their end; UDP flows end. */
  close(): void
}

export interface ListenerOptions {
  /** Where to listen; the port is the kernel's choice. */
  readonly ip: string
  readonly family: Family
  readonly balancer: Balancer
  readonly clock: Clock
  readonly shared: Shared
}

/** What all listeners share, so that no Service can take all there is. */
export interface Shared {
  readonly flows: FlowTable
  /** Both sockets of every TCP connection, also of those whose listener has closed. */
  readonly connections: Set<{ destroy(): void }>
  /** More connections than these are refused. */
  readonly maxConnections: number
}

/** Opens a listener; rejects with Node's error when the machine has no more sockets or ports to give. */
export type OpenListener = (options: ListenerOptions) => Promise<Listener>

/** The default range of node ports: rules that refuse one of those must never meet a port of ours, whatever `ip_local_port_range` says. */
export const isNodePort = (port: number): boolean => port >= 30_000 && port <= 32_767
