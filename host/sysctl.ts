import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissingFile } from './files.ts'

/** Kernel settings by their path under /proc/sys (`net/ipv4/ip_forward`; with slashes, since link names may hold dots). */
export interface Sysctl {
  /** The value without the line end; `undefined` where this kernel has no such setting. */
  get(name: string): Promise<string | undefined>
  /** Writes only when the value differs; true when it wrote. Rejects where there is no such setting. */
  set(name: string, value: string | number): Promise<boolean>
}

export const createSysctl = ({ root = '/proc/sys' }: { root?: string } = {}): Sysctl => {
  const get = (name: string): Promise<string | undefined> =>
    readFile(join(root, name), 'utf8').then(text => text.trimEnd(), error => {
      if (isMissingFile(error)) return undefined
      throw error
    })
  return {
    get,
    async set(name, value) {
      const now = await get(name)
      if (now?.split(/\s+/).join(' ') === String(value)) return false
      await writeFile(join(root, name), String(value), { flag: 'r+' })
      return true
    },
  }
}
