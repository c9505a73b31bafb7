import { createSet, isUDP, memberOf, serverOfInsider, setName, type KernelState, type SetPurpose, type VirtualServer } from './kernel-state.ts'
import type { Family } from '../table.ts'

/** What to tell the kernel, in the order of the fields, so that one state follows the other without a gap. */
export interface Delta {
  /** For `ipset restore`: new sets and members. */
  readonly widen: string
  /** For `ipvsadm --restore`. */
  readonly servers: string
  readonly addresses: { readonly add: readonly string[]; readonly remove: readonly string[] }
  /** For `ipset restore`: members no longer wanted. */
  readonly narrow: string
  /** What is there afterwards: what was wanted, and real servers that linger. */
  readonly after: KernelState
  /** `ADDRESS,udp:PORT` of the virtual servers that had no real server, or have lost one: the kernel's memory of flows to them is to be deleted. */
  readonly forget: readonly string[]
}

/** A real server that is no longer wanted and may still have connections. */
export interface Lingering { readonly server: string; readonly real: string }

export function delta(family: Family, now: KernelState, wanted: KernelState): Delta {
  const widen: string[] = []
  const narrow: string[] = []
  for (const [name, members] of wanted.sets) {
    const there = now.sets.get(name)
    if (!there) widen.push(createSet(family, name.slice(name.indexOf('-') + 1) as SetPurpose))
    for (const text of members) if (!there?.has(text)) widen.push(`add ${name} ${text}`)
    const keys = new Set([...members].map(key))
    for (const text of there ?? []) if (!members.has(text) && !keys.has(key(text))) narrow.push(`del ${name} ${key(text)}`)
  }

  const lines: string[] = []
  const servers = new Map<string, VirtualServer>()
  const forget: string[] = []
  for (const [server, { options, reals }] of wanted.servers) {
    const there = now.servers.get(server)
    if (!there) lines.push(`-A ${server} ${options}`)
    else if (there.options !== options) lines.push(`-E ${server} ${options}`)
    // The kernel puts the newest first, and turns go from there.
    for (const [real, weight] of [...reals].reverse()) {
      const had = there?.reals.get(real)
      if (had !== weight) lines.push(`${had === undefined ? '-a' : '-e'} ${server} -r ${real} -m -w ${weight}`)
    }
    const lingering = new Map<string, number>()
    let lost = false
    for (const [real, weight] of there?.reals ?? []) {
      if (reals.has(real)) continue
      lost = true
      if (isUDP(server)) {
        lines.push(`-d ${server} -r ${real}`)
        continue
      }
      lingering.set(real, 0)
      if (weight !== 0) lines.push(`-e ${server} -r ${real} -m -w 0`)
    }
    if (isUDP(server) && (lost || (reals.size > 0 && !there?.reals.size))) forget.push(...entrancesOf(family, server, wanted))
    servers.set(server, lingering.size ? { options, reals: new Map([...reals, ...lingering]) } : { options, reals })
  }
  for (const server of now.servers.keys()) if (!wanted.servers.has(server)) lines.push(`-D ${server}`)

  return {
    widen: text(widen), narrow: text(narrow), servers: text(lines), forget,
    addresses: { add: [...wanted.addresses].filter((ip) => !now.addresses.has(ip)), remove: [...now.addresses].filter((ip) => !wanted.addresses.has(ip)) },
    after: { servers, sets: wanted.sets, addresses: wanted.addresses },
  }
}

/** Where one is called: at its own address, or, if it goes by mark, at all that have the mark. */
function entrancesOf(family: Family, server: string, { sets }: KernelState): string[] {
  const own = memberOf(server)
  return own ? [own] : [...sets.get(setName(family, 'INSIDERS')) ?? []].filter((text) => serverOfInsider(family, text) === server).map(key)
}

/** Real servers that wait for the end of their connections. */
export const lingeringIn = (state: KernelState): Lingering[] =>
  [...state.servers].flatMap(([server, { reals }]) => [...reals].filter(([, weight]) => weight === 0).map(([real]) => ({ server, real })))

/** The state once these are gone, and the lines for `ipvsadm --restore` that take them away. */
export function release(state: KernelState, gone: readonly Lingering[]): { readonly lines: string; readonly after: KernelState } {
  const servers = new Map(state.servers)
  for (const { server, real } of gone) {
    const { options, reals } = servers.get(server)!
    servers.set(server, { options, reals: new Map([...reals].filter(([name]) => name !== real)) })
  }
  return { lines: text(gone.map(({ server, real }) => `-d ${server} -r ${real}`)), after: { ...state, servers } }
}

/** Whether the kernel has exactly this. */
export const sameState = (a: KernelState, b: KernelState): boolean =>
  sameKeys(a.addresses, b.addresses)
  && a.sets.size === b.sets.size && [...a.sets].every(([name, members]) => b.sets.has(name) && sameKeys(members, b.sets.get(name)!))
  && a.servers.size === b.servers.size && [...a.servers].every(([server, { options, reals }]) => {
    const other = b.servers.get(server)
    return other?.options === options && other.reals.size === reals.size && [...reals].every(([real, weight]) => other.reals.get(real) === weight)
  })

const sameKeys = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => a.size === b.size && [...a].every((text) => b.has(text))
/** A member without what is said about it. */
const key = (text: string): string => text.split(' ')[0]!
const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')
