import { createClient } from '../../api/client/create-client.ts'
import { httpsTransport } from '../../api/client/https.ts'
import { loadKubeconfig } from '../../api/client/kubeconfig.ts'
import type { Transport } from '../../api/transport.ts'
import { isNotFound } from '../../api/errors.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import type { Clock } from '../../host/clock.ts'
import type { Config } from '../config.ts'
import { paths } from '../layout.ts'
import type { Say } from '../steps.ts'
import { until } from '../wait.ts'

export interface Admin {
  readonly transport: Transport
  close(): void
}

/** The API server as the administrator reaches it. */
export async function openAdmin(config: Config, clock: Clock): Promise<Admin> {
  const transport = httpsTransport({ ...(await loadKubeconfig(paths(config).kubeconfig)), clock, timeoutMs: 5_000 })
  return { transport, close: () => transport.close() }
}

export async function readyz({ transport }: Admin): Promise<true | undefined> {
  const { status } = await transport({ method: 'GET', path: '/readyz', query: new URLSearchParams(), headers: {} })
  if (status !== 200) throw new Error(`/readyz answers ${status}`)
  return true
}

export async function waitForNode({ transport }: Admin, { nodeName }: Config, { clock, say }: { clock: Clock; say: Say }): Promise<void> {
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
