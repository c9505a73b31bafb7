import { createClient } from '../../api/client/create-client.ts'
import { httpsTransport, type HttpsOptions } from '../../api/client/https.ts'
import { loadKubeconfig } from '../../api/client/kubeconfig.ts'
import type { Transport } from '../../api/transport.ts'
import { isNotFound } from '../../api/errors.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import type { Clock } from '../../host/clock.ts'
import { loadWorkerKeys } from '../certificates/worker-keys.ts'
import type { Config } from '../config.ts'
import { paths } from '../layout.ts'
import type { Say } from '../steps.ts'
import { until } from '../wait.ts'

export interface Member {
  readonly transport: Transport
  close(): void
}

/** The API server as the administrator reaches it, who is at home on the server; on a worker, as its node does. */
export async function openMember(config: Config, clock: Clock): Promise<Member> {
  const transport = httpsTransport({ ...(config.role === 'worker' ? await asNode(config) : await loadKubeconfig(paths(config).kubeconfig)), clock, timeoutMs: 5_000 })
  return { transport, close: () => transport.close() }
}

async function asNode(config: Config): Promise<Omit<HttpsOptions, 'clock'>> {
  const { ca, client } = await loadWorkerKeys(config)
  return { server: config.serverURL, ca, cert: client.certificate, key: client.key }
}

export async function readyz({ transport }: Member): Promise<true | undefined> {
  const { status } = await transport({ method: 'GET', path: '/readyz', query: new URLSearchParams(), headers: {} })
  if (status !== 200) throw new Error(`/readyz answers ${status}`)
  return true
}

export async function waitForNode({ transport }: Member, { nodeName }: Config, { clock, say }: { clock: Clock; say: Say }): Promise<void> {
  const client = createClient(transport)
  await until(`Node ${nodeName} becoming Ready`, async () => {
    const node = await client.get(nodes, { name: nodeName }).catch((error: unknown) => {
      if (isNotFound(error)) throw new Error('the agent has not registered it; see ./k8ts logs agent')
      throw error
    })
    const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready')
    if (ready?.status === 'True') return true
    throw new Error(ready?.message ?? 'its status is not known yet; see ./k8ts logs agent')
  }, { clock, deadlineMs: 180_000, everyMs: 50, onWait: say })
}
