import { createServer } from 'node:net'
import type { Exec } from '../host/exec.ts'
import { readIfExists } from '../host/files.ts'

export interface Port {
  readonly host: string
  readonly port: number
  /** The flag of `k8ts up` that chooses another. */
  readonly flag: string
}

/** Why these ports cannot be listened on, one sentence for each that is taken: who has it, and what to do. */
export async function takenPorts(exec: Exec, ports: readonly Port[]): Promise<string[]> {
  const sentences = await Promise.all(ports.map(async ({ host, port, flag }) => {
    const code = await tryListening(host, port)
    if (code === undefined) return undefined
    if (code === 'EADDRNOTAVAIL') return `Cannot listen on ${host}: it is not an address of this machine`
    if (code !== 'EADDRINUSE') return `Cannot listen on port ${port} of ${host}: ${code}`
    const holder = await holderOf(exec, port)
    return `Port ${port} is taken${holder ? ` by ${holder}` : ''}; end that, or choose another port with ${flag}`
  }))
  return sentences.filter((sentence) => sentence !== undefined)
}

const tryListening = (host: string, port: number): Promise<string | undefined> => new Promise((resolve) => {
  const server = createServer()
  server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
})

/** `nginx (pid 42)`, where `ss` knows. */
async function holderOf(exec: Exec, port: number): Promise<string | undefined> {
  const { stdout } = await exec.run('ss', ['-Hltnp', `sport = :${port}`]).catch(() => ({ stdout: '' }))
  const [, thread, pid] = /\(\("([^"]+)",pid=(\d+)/.exec(stdout) ?? []
  if (!pid) return undefined
  // What `ss` shows is the name of a thread, which says little for some programs.
  const command = (await readIfExists(`/proc/${pid}/cmdline`))?.split('\0').slice(0, 2).map((word) => word.split('/').at(-1)).join(' ').trim()
  return `${command || thread} (pid ${pid})`
}
