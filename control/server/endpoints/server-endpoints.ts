import type { Registry } from 'prom-client'
import type { ObjectStore } from '../../store/cache.ts'
import type { RemoteDiscovery } from '../aggregation/remote-discovery.ts'
import type { KindTable } from '../kind-table.ts'
import { discovery, discoveryPaths } from './discovery.ts'
import { endpointTable } from './endpoints.ts'
import type { Endpoints } from './endpoints.ts'
import type { Authentication } from '../authentication/create-authentication.ts'
import { health } from './health.ts'
import type { HealthCheck } from './health.ts'
import { metrics } from './metrics.ts'
import { openApi } from './openapi.ts'
import { nowhere } from './nowhere.ts'
import { defaultJwksURI, serviceAccountIssuer } from './service-account-issuer.ts'
import { version } from './version.ts'

export interface ServerEndpointsOptions {
  readonly kinds: KindTable
  readonly metrics: Registry
  readonly version: string
  /** Whose tokens others may verify by the published keys. */
  readonly authentication: Pick<Authentication, 'keys' | 'issuers'>
  /** Where those are found, if not here. */
  readonly jwksURI: string | undefined
  /** Settles when the server has its built-in objects. */
  readonly ready: Promise<void>
  readonly store: ObjectStore
  /** What other servers answer for. */
  readonly remote: RemoteDiscovery
  /** The parts of the server, and which of them have started. */
  readonly parts: () => readonly { readonly name: string; readonly done: boolean }[]
  /** `10.0.0.1:6443`: where clients reach it. */
  readonly serverAddress: string
}

/** Everything the server answers beside resources. */
export function serverEndpoints(options: ServerEndpointsOptions): Endpoints {
  let started = false
  options.ready.then(() => { started = true }, () => {})
  const alive: HealthCheck[] = [{ name: 'ping', check() {} }, { name: 'log', check() {} }]
  const store: HealthCheck = { name: 'etcd', check: () => options.store.cache.waitFor(0) }
  const startup: HealthCheck[] = [
    { name: 'poststarthook/bootstrap-controller', check() { if (!started) throw new Error('not finished') } },
    ...options.parts().map(({ name }): HealthCheck => ({
      name: `poststarthook/${name}`, check() { if (!options.parts().some((part) => part.name === name && part.done)) throw new Error('not finished') },
    })),
  ]
  return endpointTable({
    ...health('healthz', [...alive, store, ...startup]),
    ...health('livez', [...alive, store]),
    ...health('readyz', [...alive, store, ...startup]),
    ...discovery(options.kinds, options.remote, options.serverAddress),
    ...openApi(options.kinds, options.remote, options.version),
    ...serviceAccountIssuer({ keys: options.authentication.keys, issuer: options.authentication.issuers[0] ?? '', jwksURI: options.jwksURI ?? defaultJwksURI(options.serverAddress) }),
    '/metrics': metrics(options.metrics),
    '/version': version(options.version),
  }, ({ request }) => nowhere(options.kinds, request.path), () => discoveryPaths(options.kinds))
}
