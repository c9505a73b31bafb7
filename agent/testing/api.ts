import { createPrivateKey } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import type { Transport } from '../../api/transport.ts'
import { createClusterPki } from '../../control/pki/cluster-pki.ts'
import { kubeconfig } from '../../control/pki/kubeconfig.ts'
import { createApiServer } from '../../control/server/api-server.ts'
import { createMemoryLog } from '../../control/store/memory.ts'
import { createObjectStore } from '../../control/store/object-store.ts'
import { createWatchCache } from '../../control/store/watch-cache.ts'
import { systemClock as clock } from '../../host/clock.ts'
import type { Serving } from '../server/server.ts'

/** A real API server over a store in memory that reaches agents, for tests with a real kubectl. */
export interface TestApi {
  readonly transport: Transport
  readonly kubeconfigPath: string
  /** How the agent of the one node serves. */
  readonly serving: Serving
  close(): Promise<void>
}

export async function startApi(nodeName: string, log: Logger): Promise<TestApi> {
  const pki = await createClusterPki({ clock, nodes: [{ name: nodeName, ips: ['127.0.0.1'] }] })
  const { ca, apiserver, apiserverKubeletClient: caller } = pki
  const storage = createMemoryLog()
  const cache = createWatchCache({ log: storage, clock })
  const server = createApiServer({
    store: createObjectStore({ log: storage, cache }), clock, log, metrics: new Registry(), disableAdmissionPlugins: ['ServiceAccount'],
    kubeletClient: { ca: ca.certificate, cert: caller.certificate, key: caller.key }, serviceAccountKey: createPrivateKey(pki.serviceAccount.key),
  })
  const { port } = await server.listen({ host: '127.0.0.1', port: 0, tls: { key: apiserver.key, cert: apiserver.certificate, ca: ca.certificate } })
  const folder = await mkdtemp(join(tmpdir(), 'k8ts-api-'))
  const kubeconfigPath = join(folder, 'kubeconfig')
  await writeFile(kubeconfigPath, kubeconfig({ server: `https://127.0.0.1:${port}`, ca: ca.certificate, credentials: pki.admin }), { mode: 0o600 })
  const { serving } = pki.nodes.get(nodeName)!
  return {
    transport: server.transport, kubeconfigPath,
    serving: { port: 0, host: '127.0.0.1', key: serving.key, cert: serving.certificate, clientCA: ca.certificate },
    async close() {
      await server.close()
      await cache.close()
      await storage.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
