import type { Exec } from './exec.ts'

/** A link that leads nowhere and holds addresses, which thereby mean this machine. */
export interface DummyLink {
  /** Every address of this network namespace, in the order of its links; addresses that are only valid on one link are left out. */
  addresses(): Promise<readonly LinkAddress[]>
  /** Adds and removes addresses of the link, and makes it where it is not there; what is already so is fine. `known`: what `addresses` has just said, which saves asking again. */
  change(add: readonly string[], remove: readonly string[], known?: readonly LinkAddress[]): Promise<void>
  /** Takes it away with its addresses; absence is fine. */
  remove(): Promise<void>
}

export interface LinkAddress { readonly link: string; readonly ip: string }

interface Listed {
  readonly ifname: string
  readonly addr_info?: readonly { readonly local?: string; readonly scope: string }[]
}

/** By the `ip` command. Rejects with `ExecError` where it is missing or refuses. */
export const createDummyLink = ({ exec, name }: { exec: Exec; name: string }): DummyLink => {
  const list = async (): Promise<Listed[]> => JSON.parse((await exec.run('ip', ['-json', 'address', 'show'])).stdout) as Listed[]
  const batch = (lines: readonly string[]) => exec.run('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` })
  const addressesOf = ({ addr_info = [] }: Listed): string[] => addr_info.filter(({ scope, local }) => scope !== 'link' && local).map(({ local }) => local!)
  // IPv6 addresses are not looked for among neighbours, and never chosen as a source for something else.
  const adding = (ip: string): string => `address add ${ip}/${ip.includes(':') ? '128' : '32'} dev ${name}${ip.includes(':') ? ' nodad preferred_lft 0' : ''}`
  return {
    addresses: async () => (await list()).flatMap(link => addressesOf(link).map(ip => ({ link: link.ifname, ip }))),
    async change(add, remove, known = []) {
      const listed = known.filter(({ link }) => link === name).map(({ ip }) => ip)
      const link = listed.length ? undefined : (await list()).find(({ ifname }) => ifname === name)
      const there = new Set(link ? addressesOf(link) : listed)
      const lines = [
        ...(link || listed.length ? [] : [`link add ${name} type dummy`, `link set ${name} addrgenmode none`, `link set ${name} up`]),
        ...add.filter(ip => !there.has(ip)).map(adding),
        ...remove.filter(ip => there.has(ip)).map(ip => `address delete ${ip}/${ip.includes(':') ? '128' : '32'} dev ${name}`),
      ]
      if (lines.length) await batch(lines)
    },
    async remove() {
      if ((await list()).some(({ ifname }) => ifname === name)) await exec.run('ip', ['link', 'delete', name])
    },
  }
}
