import type { Logger } from 'pino'
import { monitorAddresses } from '../../host/address-monitor.ts'
import type { Clock } from '../../host/clock.ts'
import type { Exec } from '../../host/exec.ts'
import { saveConfig, type Config } from '../config.ts'
import { addressesOf, addressOfThisMachine, networkView } from '../own-address.ts'

/** Something that has been started. */
export interface Running {
  /** Rejects when it cannot do its work. */
  readonly ready: Promise<void>
  stop(): Promise<void>
}

export interface RunDeps {
  readonly exec: Exec
  readonly clock: Clock
  readonly log: Logger
  readonly signalled: Promise<unknown>
}

/**
 * Runs the node agent until `signalled`. A worker may come back at another address, by a reboot or while it runs: then everything that knows the
 * address (what the node says of itself, certificates, rules, routes) is begun anew with the new one. Containers do not notice.
 */
export async function runAtOwnAddress(config: Config, deps: RunDeps, start: (config: Config) => Promise<Running>): Promise<void> {
  const { log, signalled } = deps
  const over = new AbortController()
  const address = config.role === 'worker' && !config.fixedNodeIP ? await followAddress(config, deps, over.signal) : undefined
  try {
    for (let settled = config; ;) {
      if (address) {
        const nodeIP = await Promise.race([address.present(), signalled.then(() => undefined)])
        if (nodeIP === undefined) return
        settled = { ...settled, nodeIP }
        await saveConfig({ ...config, nodeIP })
      }
      const running = await start(settled)
      const failed = running.ready.then(() => {
        log.info({ node: settled.nodeName, address: settled.nodeIP }, 'Running the node agent')
        return new Promise<never>(() => {})
      })
      failed.catch(() => {})
      const moved = address?.otherThan(settled.nodeIP) ?? new Promise<never>(() => {})
      const next = await Promise.race([failed, moved, signalled.then(() => undefined)])
      if (next === undefined) log.info('Stopping the node agent')
      else log.info({ from: settled.nodeIP, to: next }, 'This node has another address: beginning anew')
      await running.stop()
      if (next === undefined) return
    }
  } finally {
    over.abort()
  }
}

interface FollowedAddress {
  /** Resolves once there is one. */
  present(): Promise<string>
  /** Resolves when there is another one. */
  otherThan(known: string): Promise<string>
}

/** The address of the card that reaches the server, as the kernel tells of changes. */
async function followAddress(config: Config, { exec, clock, log }: RunDeps, signal: AbortSignal): Promise<FollowedAddress> {
  let server: readonly string[] = []
  const look = async (): Promise<string | undefined> => {
    // The name may not be known while the network is down; the address is as good as the last time.
    server = await addressesOf(config.serverURL).catch(() => server)
    const found = addressOfThisMachine(await networkView(), { asked: undefined, before: undefined, serviceCIDR: config.serviceCIDR, server })
    return found.problem ? undefined : found.nodeIP
  }
  let woken = Promise.withResolvers<void>()
  await monitorAddresses({
    exec, clock, signal,
    changed: () => {
      woken.resolve()
      woken = Promise.withResolvers()
    },
  })
  const until = async (good: (address: string) => boolean): Promise<string> => {
    for (let told = false; ; told = true) {
      const change = woken.promise
      const address = await look()
      if (address !== undefined && good(address)) return address
      if (address === undefined && !told) log.warn({ server: config.serverURL }, 'Waiting for an address: this machine has none that others could reach')
      await change
    }
  }
  return { present: () => until(() => true), otherThan: (known) => until((address) => address !== known) }
}
