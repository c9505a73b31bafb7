import type { Exec } from './exec.ts'

/**
 * Addresses that mean this machine and nothing else, kept on `lo`. Not for others to see: the kernel never chooses one as
 * the source of what it sends, for they have scope `host` (IPv4) or are deprecated (IPv6).
 */
export interface LocalAddresses {
  /** Adds it; fine when it is there. */
  add(ip: string): Promise<void>
  has(ip: string): Promise<boolean>
  /** Takes it away; absence is fine. */
  remove(ip: string): Promise<void>
}

interface Listed { readonly addr_info?: readonly { readonly local: string }[] }

/** By the `ip` command. Rejects with `ExecError` where it is missing or refuses. */
export const createLocalAddresses = ({ exec }: { exec: Exec }): LocalAddresses => {
  const v6 = (ip: string): boolean => ip.includes(':')
  const change = (verb: 'add' | 'delete', ip: string, ...more: string[]) => exec.run('ip', ['address', verb, `${ip}/${v6(ip) ? 128 : 32}`, 'dev', 'lo', ...more])
  const has = async (ip: string): Promise<boolean> => {
    const { stdout } = await exec.run('ip', ['-json', 'address', 'show', 'dev', 'lo'])
    return (JSON.parse(stdout) as Listed[]).some(({ addr_info = [] }) => addr_info.some(({ local }) => local === ip))
  }
  return {
    has,
    async add(ip) {
      if (!await has(ip)) await change('add', ip, ...(v6(ip) ? ['nodad', 'preferred_lft', '0'] : ['scope', 'host']))
    },
    async remove(ip) {
      if (await has(ip)) await change('delete', ip)
    },
  }
}
