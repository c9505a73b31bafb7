import { ExecError, type Exec } from './exec.ts'

/** The kernel's load balancer (IP Virtual Server) by the text of `ipvsadm`. Nothing here is one transaction: lines are done one by one. */
export interface Ipvs {
  /** Feeds `ipvsadm --restore`: one command a line, without the program's name. Rejects with `IpvsError`; lines before the bad one are done. */
  restore(text: string): Promise<void>
  /** `ipvsadm --save --numeric`: the lines that would make what is there. */
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
  constructor(reason: 'missing' | 'refused', message: string) {
    super(message)
    this.reason = reason
  }
}

export const createIpvs = ({ exec, timeoutMs = 60_000 }: { exec: Exec; timeoutMs?: number }): Ipvs => {
  const run = (args: string[], input?: string, command = 'ipvsadm'): Promise<string> =>
    exec.run(command, args, { timeoutMs, ...(input !== undefined && { input }) }).then(result => result.stdout, error => {
      if (!(error instanceof ExecError)) throw error
      throw new IpvsError(error.reason === 'missing' ? 'missing' : 'refused', error.message)
    })
  return {
    async restore(text) { if (text) await run(['--restore'], text) },
    save: () => run(['--save', '--numeric']),
    connections: () => run(['/proc/net/ip_vs'], undefined, 'cat'),
    unsupported: () => run(['--list', '--numeric']).then(() => undefined, (error: Error) =>
      error.message.includes("Can't initialize ipvs") ? 'this kernel has no IP Virtual Server (module ip_vs)' : error.message),
  }
}
