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
  /** `change` sees the newest state; what it returns is on disk when `update` resolves. A throw changes nothing. */
  update<T>(change: (state: NetworkState) => Promise<{ state: NetworkState; value: T }>): Promise<T>
  /** Forgets everything. */
  remove(): Promise<void>
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

  const read = async (): Promise<NetworkState> => {
    const text = await files.readIfExists(path)
    if (text === undefined) return emptyState
    try {
      return JSON.parse(text) as NetworkState
    } catch (error) {
      throw new CniError(code.ioFailure, `the state file ${path} is damaged`, (error as Error).message)
    }
  }
  const locked = <T>(work: () => Promise<T>): Promise<T> => serial.run(path, async () => {
    const lock = await files.lockFile(lockPath)
    try {
      return await work()
    } finally {
      await lock?.release()
    }
  })
  return {
    read,
    update: change => locked(async () => {
      const { state, value } = await change(await read())
      // A power cut ends this boot and with it the file, so it need not be on the platter.
      await files.writeAtomic(path, JSON.stringify(state), { sync: false })
      return value
    }),
    remove: () => locked(async () => {
      await files.removeIfExists(path)
      await files.removeIfExists(lockPath)
    }),
  }
}
