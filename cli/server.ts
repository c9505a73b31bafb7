import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pino, type Logger } from 'pino'
import { Registry, collectDefaultMetrics } from 'prom-client'
import { createClient } from '../api/client/create-client.ts'
import { createInformers } from '../api/client/informers.ts'
import { createRecorder } from '../api/client/recorder.ts'
import { systemMaster, type UserInfo } from '../api/transport.ts'
import { startControllers } from '../control/controllers/all.ts'
import type { RunningControllers } from '../control/controllers/all.ts'
import { controllerManager } from '../control/controllers/identities.ts'
import { schedulerUser } from '../control/scheduler/identity.ts'
import { startScheduler } from '../control/scheduler/scheduler.ts'
import { createApiServer } from '../control/server/api-server.ts'
import { wellIf } from '../control/server/subresources/component-status.ts'
import { certificateSigner } from '../control/pki/certificate-signer.ts'
import { frontProxyName } from '../control/pki/cluster-pki.ts'
import { createObjectStore } from '../control/store/object-store.ts'
import { openSqliteLog } from '../control/store/sqlite.ts'
import { createWatchCache } from '../control/store/watch-cache.ts'
import { systemClock as clock, type Clock } from '../host/clock.ts'
import { ensureDir } from '../host/files.ts'
import { authenticationOptions } from './authentication-config.ts'
import { clusterCIDRs, everyAddress, primaryIP, serviceCIDRs, dnsIPs } from './addresses.ts'
import { loadConfig, type Config } from './config.ts'
import { publishClusterSettings } from './join/cluster-settings.ts'
import { loadKeys } from './keys.ts'
import { paths, type Layout } from './layout.ts'
import { nodePortRange } from './network-problems.ts'
import { untilSignal } from './signals.ts'

/** The control plane in one process: store, API server, controllers and scheduler. Ends on SIGTERM and SIGINT. */
export async function runServer(layout: Layout): Promise<void> {
  const config = await loadConfig(layout)
  if (!config) throw new Error(`There is no configuration in ${layout.dataDir}; run k8ts up first`)
  const log = pino({ level: process.env.K8TS_LOG ?? 'info', base: null })
  const stop = await startServer(config, log)
  await untilSignal()
  log.info('Stopping the control plane')
  await stop()
}

async function startServer(config: Config, log: Logger): Promise<() => Promise<void>> {
  const metrics = new Registry()
  // The default looks at the event loop a hundred times a second, which is all that an idle process would do.
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: 1000 })
  const keys = await loadKeys(config, clock)
  const storeFile = paths(config).store
  await ensureDir(dirname(storeFile))
  const storeLog = await openSqliteLog({ path: storeFile, clock, log })
  const cache = createWatchCache({ log: storeLog, clock })
  const serviceAccountKey = createPrivateKey(keys.serviceAccount.key)
  const authentication = await authenticationOptions(config, { ca: keys.frontProxy.ca.certificate, allowedNames: [frontProxyName] }, (path) => readFile(path, 'utf8'))
  // Asked when somebody wants to know; both are there once everything has started.
  const running: { controllers?: RunningControllers; scheduler?: unknown } = {}
  const server = createApiServer({
    components: {
      scheduler: () => wellIf(running.scheduler !== undefined, 'the scheduler does not run'),
      'controller-manager': () => wellIf((running.controllers?.running.length ?? 0) > 0, 'no controller runs'),
    },
    store: createObjectStore({ log: storeLog, cache }), clock, log, metrics,
    serviceCIDRs: serviceCIDRs(config), nodePortRange: nodePortRange(config.serviceNodePortRange)!,
    advertise: { address: primaryIP(config), port: config.apiPort },
    aggregation: { key: keys.frontProxy.client.key, cert: keys.frontProxy.client.certificate, requestHeaderCA: keys.frontProxy.ca.certificate, allowedNames: [frontProxyName], clientCA: keys.ca.certificate },
    kubeletClient: { ca: keys.ca.certificate, cert: keys.apiserverKubeletClient.certificate, key: keys.apiserverKubeletClient.key },
    serviceAccountKey,
    authentication, ...(config.serviceAccountIssuers[0] !== undefined && { serviceAccountIssuer: config.serviceAccountIssuers[0] }),
    enableAdmissionPlugins: config.enableAdmissionPlugins, disableAdmissionPlugins: config.disableAdmissionPlugins,
  })
  const listening = await server.listen({ host: everyAddress(config), port: config.apiPort, tls: { key: keys.apiserver.key, cert: keys.apiserver.certificate, ca: keys.ca.certificate } })
  log.info({ port: listening.port }, 'Serving the Kubernetes API')

  const ending = new AbortController()
  const { signal } = ending
  // In process, and yet each with the rights of its own roles only, as if it ran elsewhere.
  const clientFor = (user: UserInfo) => createClient(server.transport, { user, userAgent: user.name })
  const client = clientFor(controllerManager)
  const informers = createInformers(client, { clock, log, signal })
  const recorder = (component: string) => createRecorder({ client, clock, component, log, signal })
  const controllers = startControllers({ client, clientFor, informers, clock, log, signal, recorder, metrics, options: { clusterCIDRs: clusterCIDRs(config), dnsAddresses: config.clusterDNS ? dnsIPs(config) : [], nodeCIDRMaskSizes: { IPv4: config.nodeCIDRMaskSizeIPv4, IPv6: config.nodeCIDRMaskSizeIPv6 }, rootCA: keys.ca.certificate, serviceAccountKey, serviceAccountKeys: authentication.serviceAccountKeys ?? [], certificateSigner: certificateSigner({ authority: keys.ca, clock }), legacyServiceAccountTokenNoAutoGeneration: config.legacyServiceAccountTokenNoAutoGeneration } })
  running.controllers = controllers
  const scheduler = await startScheduler({ client: clientFor(schedulerUser), clock, log, signal, informers, metrics })
  running.scheduler = scheduler
  const renewing = keepServing(async () => {
    const { apiserver, ca } = await loadKeys(config, clock)
    listening.renew({ key: apiserver.key, cert: apiserver.certificate, ca: ca.certificate })
  }, { clock, log, signal })
  const publishing = keepPublished(() => publishClusterSettings(createClient(server.transport, { user: systemMaster, userAgent: 'k8ts-server' }), config, keys.ca.certificate), { clock, log, signal })

  return async () => {
    ending.abort()
    await Promise.all([controllers.stopAll(), scheduler.stop(), publishing, renewing])
    await informers.stop()
    await listening.close()
    await server.close()
    await cache.close()
    await storeLog.close()
  }
}

/** Once the server is ready for it; what fails is tried again. */
async function keepPublished(publish: () => Promise<void>, { clock, log, signal }: { clock: Clock; log: Logger; signal: AbortSignal }): Promise<void> {
  while (!signal.aborted) {
    const done = await publish().then(() => true, (error: unknown) => void log.warn({ err: error }, 'Publish what joining machines must know: will try again'))
    if (done) return
    await clock.sleep(1000, signal).catch(() => {})
  }
}

const day = 24 * 3600 * 1000

/** Looks every day whether certificates near their end, and shows callers the new ones. */
async function keepServing(renew: () => Promise<void>, { clock, log, signal }: { clock: Clock; log: Logger; signal: AbortSignal }): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(day, signal).catch(() => {})
    if (!signal.aborted) await renew().catch((error: unknown) => log.error({ err: error }, 'Renew the certificates: will try again'))
  }
}
