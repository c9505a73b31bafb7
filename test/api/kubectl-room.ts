import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApiServerOptions } from '../../control/server/api-server.ts'
import { kubeconfig } from '../../control/pki/kubeconfig.ts'
import { startTlsServer } from '../../control/server/testing/tls-server.ts'
import type { TlsTestServer } from '../../control/server/testing/tls-server.ts'
import { createExec } from '../../host/exec.ts'
import type { Kubectl } from '../lab/kubectls.ts'

const exec = createExec()

export interface Said { readonly stdout: string; readonly stderr: string; readonly code: number }

/** A stock kubectl in a namespace of its own. A line is split at its blanks; an array is taken as it is. */
export interface Runner {
  /** What it prints when all goes well. */
  run(line: string | readonly string[], input?: string): Promise<string>
  /** What it complains about when it is refused. */
  refused(line: string | readonly string[], input?: string): Promise<string>
  /** Both streams, whatever became of it. */
  say(line: string | readonly string[], input?: string): Promise<Said>
}

export interface KubectlRoom {
  readonly server: TlsTestServer
  /** A directory for files. */
  readonly home: string
  /** The administrator's kubeconfig. */
  readonly config: string
  kubectl(of: Kubectl, namespace: string): Runner
  close(): Promise<void>
}

/** A server on a loopback port with a home for kubectls: no controllers, no agents. */
export async function openRoom(options: Partial<ApiServerOptions> = {}): Promise<KubectlRoom> {
  const server = await startTlsServer(options)
  const home = await mkdtemp(join(tmpdir(), 'k8ts-api-'))
  const config = kubeconfig({ server: server.url, ca: server.pki.ca.certificate, credentials: server.pki.admin })
  await writeFile(join(home, 'config'), config)
  return {
    server, home, config,
    kubectl: (of, namespace) => runner(of, namespace, home),
    async close() {
      await server.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Runs `of` with the kubeconfig `home/config`; what it caches of discovery is kept apart for each age. */
export function runner({ binary, version }: Kubectl, namespace: string, home: string): Runner {
  const say: Runner['say'] = async (line, input) => {
    const own = join(home, version)
    await mkdir(own, { recursive: true })
    const args = ['-n', namespace, ...(typeof line === 'string' ? line.split(' ') : line)]
    return exec.run(binary, args, { env: { KUBECONFIG: join(home, 'config'), HOME: own }, okCodes: [0, 1], timeoutMs: 60_000, ...(input !== undefined && { input }) })
  }
  const saying = (wanted: number, stream: 'stdout' | 'stderr'): Runner['run'] => async (line, input) => {
    const said = await say(line, input)
    if (said.code !== wanted) throw new Error(`kubectl ${String(line)} ended with ${said.code}: ${said.stdout}${said.stderr}`)
    return said[stream].trim()
  }
  return { say, run: saying(0, 'stdout'), refused: saying(1, 'stderr') }
}
