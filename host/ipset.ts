import { ExecError, type Exec } from './exec.ts'

/** Sets of addresses and ports that iptables rules look things up in, by the text of `ipset`. */
export interface Ipset {
  /** Feeds `ipset restore`; what is there already, or is not there to be deleted, is fine. Rejects with `IpsetError`; lines before the bad one are done. */
  restore(text: string): Promise<void>
  /** `ipset save`: the lines that would make all sets there are. */
  save(): Promise<string>
  /** Why sets cannot be used here, or `undefined` when they can. */
  unsupported(): Promise<string | undefined>
}

/** `missing`: not installed. `refused`: bad text, or the kernel said no. */
export class IpsetError extends Error {
  override readonly name = 'IpsetError'
  readonly reason: 'missing' | 'refused'
  constructor(reason: 'missing' | 'refused', message: string) {
    super(message)
    this.reason = reason
  }
}

export const createIpset = ({ exec, timeoutMs = 60_000 }: { exec: Exec; timeoutMs?: number }): Ipset => {
  const run = (args: string[], input?: string): Promise<string> =>
    exec.run('ipset', args, { timeoutMs, ...(input !== undefined && { input }) }).then(result => result.stdout, error => {
      if (!(error instanceof ExecError)) throw error
      throw new IpsetError(error.reason === 'missing' ? 'missing' : 'refused', error.message)
    })
  return {
    async restore(text) { if (text) await run(['restore', '-exist'], text) },
    save: () => run(['save']),
    unsupported: () => run(['list', '-name']).then(() => undefined, (error: Error) => error.message),
  }
}
