import { ExecError, type Exec } from './exec.ts'
import { createNftSession } from './nft-session.ts'

/** nftables by its own text language; each `apply` is one kernel transaction: all of it, or nothing. */
export interface Nft {
  /** Runs a script (`nft -f -`). Rejects with `NftError`, and then nothing has changed. */
  apply(script: string): Promise<void>
  /** Asks the kernel whether it would take the script, without doing it. */
  check(script: string): Promise<void>
  /** `nft -j list …`; an object that does not exist lists as nothing. Default: the whole ruleset. `terse`: sets without their elements. */
  list(what?: string, options?: { readonly terse?: boolean }): Promise<NftObject[]>
  /** A number that every transaction of anybody raises, of this network namespace; undefined where it cannot be asked for. Cheap. */
  generation(): Promise<number | undefined>
  /** The same as text, as people know it; `''` when it does not exist. */
  text(what?: string): Promise<string>
  /** Removes a table with all that is in it; absence is fine. */
  deleteTable(family: NftFamily, table: string): Promise<void>
  /** Ends what stays in this process for the next `apply`, which may come all the same. */
  close(): void
  /** Why nftables cannot be used here, or `undefined` when it can: command present, kernel willing, NAT known. */
  unsupported(): Promise<string | undefined>
}

export type NftFamily = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev'

/** One element of `nft -j`: `{table: {…}}`, `{chain: {…}}`, `{rule: {…}}`, `{map: {…}}`, … */
export type NftObject = Readonly<Record<string, Record<string, unknown>>>

/** `missing`: no `nft` here. `absent`: what was named does not exist. `refused`: bad text, or the kernel said no. */
export type NftReason = 'missing' | 'absent' | 'refused'

/** `stderr` is nft's own words, with the line of the script it points at. */
export class NftError extends Error {
  override readonly name = 'NftError'
  readonly reason: NftReason
  readonly stderr: string
  constructor(reason: NftReason, stderr: string) {
    super(`nft: ${stderr.trim()}`)
    this.reason = reason
    this.stderr = stderr
  }
}

const absent = 'No such file or directory'

const translate = (error: unknown): never => {
  if (!(error instanceof ExecError)) throw error
  if (error.reason === 'missing') throw new NftError('missing', error.message)
  throw new NftError(error.stderr.includes(absent) ? 'absent' : 'refused', error.stderr || error.message)
}

/** A script that only a kernel with NAT, maps and `numgen` takes. */
const probe = `
table ip k8ts-probe {
  map m { type inet_service : ipv4_addr . inet_service; }
  chain c {
    type nat hook prerouting priority -100;
    tcp dport 1 dnat ip to numgen inc mod 1 map { 0 : 127.0.0.2 . 1 }
  }
  chain p {
    type nat hook postrouting priority 100;
    masquerade fully-random
  }
}
`

export interface NftOptions {
  readonly exec: Exec
  readonly timeoutMs?: number
  /** Short scripts go to one `nft` that stays until `close`, or ten minutes pass without any. For who writes often. */
  readonly resident?: boolean
  /** Asks the kernel itself, where `exec` runs commands in our own network namespace: `nft` cannot tell. */
  readonly generation?: () => Promise<number>
}

/** Longer ones are read faster by an `nft` of their own: one that stays reads its input byte by byte. */
const shortScript = 16_384
/** From here on an `nft` takes memory by the hundred megabytes, and most of its time would go into getting it page by page. */
const longScript = 262_144
/** Memory in large pages, where the kernel has them; the C library of others does not know the word. */
const hugePages = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' }

export const createNft = ({ exec, timeoutMs = 60_000, resident = false, generation }: NftOptions): Nft => {
  const nft = (args: string[], input?: string): Promise<string> =>
    exec.run('nft', args, { timeoutMs, ...(input !== undefined && { input }), ...(input && input.length > longScript && { env: hugePages }) }).then(result => result.stdout, translate)
  const session = resident ? createNftSession({ exec, timeoutMs }) : undefined
  /** Whether the script was run by the one that stays. */
  const ranInSession = async (script: string): Promise<boolean> => {
    if (!session || script.length > shortScript || script.includes('{\n')) return false
    const said = await session.run(script).catch((error: unknown) => { throw new NftError('refused', String(error)) })
    // It repeats the whole line after its words.
    const errors = said?.split('\n').filter(line => /^([^\n]*: )?Error: /.test(line)).join('\n')
    if (errors) throw new NftError(errors.includes(absent) ? 'absent' : 'refused', errors)
    return said !== undefined
  }
  const orNothing = async (answer: Promise<string>): Promise<string> => {
    try {
      return await answer
    } catch (error) {
      if (error instanceof NftError && error.reason === 'absent') return ''
      throw error
    }
  }
  return {
    async apply(script) {
      if (await ranInSession(script)) return
      await nft(['-f', '-'], script)
      // The next one will be short, and need not wait for it to start.
      void session?.run('').catch(() => {})
    },
    close: () => session?.close(),
    async check(script) { await nft(['-c', '-f', '-'], script) },
    async list(what = 'ruleset', { terse = false } = {}) {
      const text = await orNothing(nft(['-j', ...(terse ? ['-t'] : []), 'list', ...what.split(' ')]))
      if (!text) return []
      return (JSON.parse(text) as { nftables: NftObject[] }).nftables.filter(object => !('metainfo' in object))
    },
    // Where koffi has no build, the ruleset is read instead.
    generation: async () => generation?.().catch(() => undefined),
    text: (what = 'ruleset') => orNothing(nft(['list', ...what.split(' ')])),
    // Naming the table first makes the deletion of an absent one valid, in the same transaction.
    async deleteTable(family, table) { await nft(['-f', '-'], `table ${family} ${table}\ndelete table ${family} ${table}\n`) },
    async unsupported() {
      try {
        await nft(['-c', '-f', '-'], probe)
        return undefined
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    },
  }
}
