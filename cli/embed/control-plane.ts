import { createPrivateKey } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Transport } from '../../api/transport.ts'
import { createClusterPki } from '../../control/pki/cluster-pki.ts'
import type { ClusterPki } from '../../control/pki/cluster-pki.ts'
import { kubeconfig } from '../../control/pki/kubeconfig.ts'
import { createApiServer } from '../../control/server/api-server.ts'
import type { AuthenticationOptions } from '../../control/server/authentication/create-authentication.ts'
import type { ComponentHealth } from '../../control/server/subresources/component-status.ts'
import { createMemoryLog } from '../../control/store/memory.ts'
import { createObjectStore } from '../../control/store/object-store.ts'
import { createWatchCache } from '../../control/store/watch-cache.ts'
import { systemClock } from '../../host/clock.ts'
import type { Clock } from '../../host/clock.ts'

export interface ControlPlaneOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Registry
  /** 0: any free port. */
  readonly port: number
  /** How it is found out who asks, beside client certificates. */
  readonly authentication?: AuthenticationOptions | undefined
  /** Pods get accounts and tokens; somebody must make the accounts then. */
  readonly serviceAccounts: boolean
  readonly components: ComponentHealth
  readonly serviceCIDRs: readonly string[]
}

/** The API server over a store in memory, reachable in process and on a loopback port. */
export interface ControlPlane {
  readonly transport: Transport
  readonly url: string
  readonly pki: ClusterPki
  /** For the administrator: the text, and a file with it. */
  readonly kubeconfig: string
  readonly kubeconfigPath: string
  close(): Promise<void>
}

export async function startControlPlane({ components, clock, log, metrics, port, serviceAccounts, authentication, serviceCIDRs }: ControlPlaneOptions): Promise<ControlPlane> {
  // The sockets' peers live in true time: certificates must be valid there.
  const pki = await createClusterPki({ clock: systemClock })
  const storage = createMemoryLog()
  const cache = createWatchCache({ log: storage, clock })
  const server = createApiServer({
    components, serviceCIDRs, store: createObjectStore({ log: storage, cache }), clock, log, metrics, serviceAccountKey: createPrivateKey(pki.serviceAccount.key),
    ...(authentication && { authentication }),
    disableAdmissionPlugins: serviceAccounts ? [] : ['ServiceAccount'],
  })
  const { apiserver, ca } = pki
  const listening = await server.listen({ host: '127.0.0.1', port, tls: { key: apiserver.key, cert: apiserver.certificate, ca: ca.certificate } })
  const url = `https://127.0.0.1:${listening.port}`
  const config = kubeconfig({ server: url, ca: ca.certificate, credentials: pki.admin })
  const folder = await mkdtemp(join(tmpdir(), 'k8ts-'))
  const kubeconfigPath = join(folder, 'kubeconfig')
  await writeFile(kubeconfigPath, config, { mode: 0o600 })
  return {
    transport: server.transport, url, pki, kubeconfig: config, kubeconfigPath,
    async close() {
      await server.close()
      await cache.close()
      await storage.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
