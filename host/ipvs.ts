import { ExecError, type Exec } from './exec.ts'

/** The kernel's load balancer (IP Virtual Server) by the text of `ipvsadm`. Nothing here is one transaction: lines are done one by one. */
export interface Ipvs {
  /** Feeds `ipvsadm --restore`: one command a line, without the program's name. Rejects with `IpvsError`; lines before the bad one are done. */
  restore(text: string): Promise<void>
  /** Takes virtual servers away, named as for `-D`; absence is fine. */
  remove(servers: readonly string[]): Promise<void>
  /** `ipvsadm --save --numeric`: the lines that would make what is there. One may be left out while somebody changes others, also in another network namespace: the kernel counts them all. */
  save(): Promise<string>
  /** `/proc/net/ip_vs`: the same with the number of connections of each real server, in one read, where `ipvsadm` asks anew for each virtual server. */
  connections(): Promise<string>
  /** Why it cannot be used here, or `undefined` when it can. Loads the kernel's module. */
  unsupported(): Promise<string | undefined>
}

/** `missing`: not installed. `refused`: bad text, or the kernel said no. */
export class IpvsError extends Error {
  override readonly name = 'IpvsError'
  readonly reason: 'missing' | 'refused'
  readonly stderr: string
  constructor(reason: 'missing' | 'refused', message: string, stderr: string) {
    super(message)
    this.reason = reason
    this.stderr = stderr
  }
}

export const createIpvs = ({ exec, timeoutMs = 60_000 }: { exec: Exec; timeoutMs?: number }): Ipvs => {
  const run = (args: string[], input?: string, command = 'ipvsadm'): Promise<string> =>
    exec.run(command, args, { timeoutMs, ...(input !== undefined && { input }) }).then(result => result.stdout, error => {
      if (!(error instanceof ExecError)) throw error
      throw new IpvsError(error.reason === 'missing' ? 'missing' : 'refused', error.message, error.stderr)
    })
  const restore = async (text: string): Promise<void> => { if (text) await run(['--restore'], text) }
  return {
    restore,
    async remove(servers) {
      await restore(servers.map(server => `-D ${server}\n`).join('')).catch((error: unknown) => {
        // All lines are done, and each has its own word.
        const said = error instanceof IpvsError ? error.stderr.trim().split('\n') : []
        if (!said.length || !said.every(line => line.trim() === 'No such service')) throw error
      })
    },
    save: () => run(['--save', '--numeric']),
    connections: () => run(['/proc/net/ip_vs'], undefined, 'cat'),
    // The list itself would take seconds where there are thousands.
    unsupported: () => run(['--list', '--timeout']).then(() => undefined, (error: Error) =>
      error.message.includes("Can't initialize ipvs") ? 'this kernel has no IP Virtual Server (module ip_vs)' : error.message),
  }
}
