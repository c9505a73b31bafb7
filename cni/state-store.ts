import type { Files } from '../host/files.ts'
import type { Sysctl } from '../host/sysctl.ts'
import { emptyState, type NetworkState } from './ipam.ts'
import type { Serial } from './serial.ts'
import { CniError, code } from './spec.ts'

/**
 * The state of one network on disk, replaced in one step, changed under a lock that also keeps out other processes (the
 * stand-alone plugin beside the agent). The file is named after this boot of the machine: no pod outlives a reboot, so
 * neither does its address.
 */
export interface StateStore {
  read(): Promise<NetworkState>
  /** `change` sees the newest state; what it returns is on disk when `update` resolves. A throw, or the same state, changes nothing. */
  update<T>(change: (state: NetworkState) => Promise<{ state: NetworkState; value: T }>): Promise<T>
  /** Forgets everything, for good. */
  remove(): Promise<void>
  close(): Promise<void>
}

export interface StateStoreOptions {
  readonly files: Files
  readonly sysctl: Pick<Sysctl, 'get'>
  readonly serial: Serial
  readonly dataDir: string
  readonly network: string
}

export const openStateStore = async ({ files, sysctl, serial, dataDir, network }: StateStoreOptions): Promise<StateStore> => {
  const boot = (await sysctl.get('kernel/random/boot_id') ?? 'boot').slice(0, 8)
  const path = `${dataDir}/${network}-${boot}.json`
  const lockPath = `${dataDir}/${network}.lock`
  await files.ensureDir(dataDir)
  const lock = await files.openLock(lockPath)
  let known: { readonly identity: string | undefined; readonly state: NetworkState } | undefined

  const read = async (): Promise<NetworkState> => {
    const identity = await files.fileIdentity(path)
    if (known && known.identity === identity) return known.state
    const text = await files.readIfExists(path)
    try {
      const state = text === undefined ? emptyState : JSON.parse(text) as NetworkState
      known = { identity, state }
      return state
    } catch (error) {
      throw new CniError(code.ioFailure, `the state file ${path} is damaged; k8ts down and k8ts up begin a new one`, (error as Error).message)
    }
  }
  const locked = <T>(work: () => Promise<T>): Promise<T> => serial.run(path, () => lock.hold(work))
  return {
    read,
    update: change => locked(async () => {
      const before = await read()
      const { state, value } = await change(before)
      if (state === before) return value
      // A power cut ends this boot and with it the file, so it need not be on the platter.
      await files.writeAtomic(path, JSON.stringify(state), { sync: false })
      known = { identity: await files.fileIdentity(path), state }
      return value
    }),
    async remove() {
      await locked(async () => {
        await files.removeIfExists(path)
        await files.removeIfExists(lockPath)
      })
      await lock.close()
    },
    close: () => lock.close(),
  }
}
