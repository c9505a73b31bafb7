import { ExecError, type Exec } from './exec.ts'

/** The iptables tools. The two variants keep separate rules in the kernel; mixing them is how rules get lost. */
export interface Iptables {
  /** The variant in use on this machine, found once and kept. */
  variant(): Promise<IptablesVariant>
  /** Feeds `iptables-restore`; each table in the text is replaced or changed in one step. Rejects with `IptablesError`. */
  restore(family: IpFamily, text: string, options?: RestoreOptions): Promise<void>
  /** `iptables-save`, of one table or of all that exist. */
  save(family: IpFamily, table?: string): Promise<string>
  /** Why this family cannot be used here, or `undefined` when it can. */
  unsupported(family: IpFamily): Promise<string | undefined>
}

export type IpFamily = 'IPv4' | 'IPv6'
export type IptablesVariant = 'nft' | 'legacy'

export interface RestoreOptions {
  /** Keep what the text does not name. Without it the tables in the text are emptied first. */
  readonly noflush?: boolean
  /** Take over the packet counters in the text. */
  readonly counters?: boolean
}

/** `missing`: not installed. `locked`: another program held the xtables lock too long. `refused`: bad text, or the kernel said no. */
export type IptablesReason = 'missing' | 'locked' | 'refused'

export class IptablesError extends Error {
  override readonly name = 'IptablesError'
  readonly reason: IptablesReason
  readonly stderr: string
  /** The line of the text that was refused, from 1. */
  readonly line: number | undefined
  constructor(reason: IptablesReason, message: string, stderr: string) {
    super(message)
    this.reason = reason
    this.stderr = stderr
    const line = /line:? (\d+)/i.exec(stderr)?.[1]
    this.line = line === undefined ? undefined : Number(line)
  }
}

const waitSeconds = 10

const translate = (error: unknown): never => {
  if (!(error instanceof ExecError)) throw error
  const reason = error.reason === 'missing' ? 'missing' : error.code === 4 && error.stderr.includes('xtables lock') ? 'locked' : 'refused'
  throw new IptablesError(reason, error.message, error.stderr)
}

const command = (family: IpFamily, variant: IptablesVariant, verb: 'save' | 'restore'): string =>
  `${family === 'IPv6' ? 'ip6tables' : 'iptables'}-${variant}-${verb}`

/** What one variant has in the kernel: `iptables-*-save` output, or `undefined` where the tool is not installed. */
export interface VariantEvidence { readonly nft: string | undefined; readonly legacy: string | undefined; readonly preferred: IptablesVariant }

/**
 * Who else writes rules here decides: a kubelet's hint chain, else the variant with more rules, else the one the
 * distribution's plain `iptables` stands for.
 */
export const chooseVariant = ({ nft, legacy, preferred }: VariantEvidence): IptablesVariant => {
  if (nft === undefined || legacy === undefined) return nft === undefined ? 'legacy' : 'nft'
  const hinted = (text: string) => /^:KUBE-(IPTABLES-HINT|KUBELET-CANARY) /m.test(text)
  if (hinted(nft) !== hinted(legacy)) return hinted(nft) ? 'nft' : 'legacy'
  const rules = (text: string) => text.match(/^-A /gm)?.length ?? 0
  if (rules(nft) !== rules(legacy)) return rules(nft) > rules(legacy) ? 'nft' : 'legacy'
  return preferred
}

export const createIptables = ({ exec, variant: fixed, timeoutMs = 60_000 }: { exec: Exec; variant?: IptablesVariant; timeoutMs?: number }): Iptables => {
  const run = (name: string, args: string[], input?: string): Promise<string> =>
    exec.run(name, args, { timeoutMs, ...(input !== undefined && { input }) }).then(result => result.stdout, translate)

  const evidence = (variant: IptablesVariant): Promise<string | undefined> =>
    run(command('IPv4', variant, 'save'), []).catch(error => error instanceof IptablesError && error.reason === 'missing' ? undefined : '')

  const find = async (): Promise<IptablesVariant> => {
    // Listing the legacy tables that exist does not create them; naming one would.
    const [nft, legacy, version] = await Promise.all([evidence('nft'), evidence('legacy'), run('iptables', ['--version']).catch(() => '')])
    return chooseVariant({ nft, legacy, preferred: version.includes('nf_tables') ? 'nft' : 'legacy' })
  }
  let found: Promise<IptablesVariant> | undefined
  const variant = (): Promise<IptablesVariant> => found ??= fixed ? Promise.resolve(fixed) : find()

  return {
    variant,
    async restore(family, text, { noflush = false, counters = false } = {}) {
      const args = ['-w', String(waitSeconds), ...(noflush ? ['--noflush'] : []), ...(counters ? ['--counters'] : [])]
      await run(command(family, await variant(), 'restore'), args, text)
    },
    async save(family, table) {
      return run(command(family, await variant(), 'save'), table === undefined ? [] : ['-t', table])
    },
    async unsupported(family) {
      try {
        await run(command(family, await variant(), 'restore'), ['-w', String(waitSeconds), '--noflush', '--test'], '*nat\nCOMMIT\n*filter\nCOMMIT\n')
        return undefined
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    },
  }
}
