import type { KeyObject } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Kind } from '../../api/kinds/kind.ts'
import { builtinKinds } from '../../api/kinds/registry.ts'
import type { Transport } from '../../api/transport.ts'
import type { Clock } from '../../host/clock.ts'
import type { ObjectStore } from '../store/cache.ts'
import type { AdmissionPlugin } from './admission/admission.ts'
import { admissionChain } from './admission/chain.ts'
import type { AdmissionSwitches } from './admission/chain.ts'
import { admissionPlugins } from './admission/plugins.ts'
import { createAuthentication } from './authentication/create-authentication.ts'
import type { AuthenticationOptions } from './authentication/create-authentication.ts'
import type { Authorizer } from './authorization/authorizer.ts'
import { authorizerFor, standardModes } from './authorization/modes.ts'
import type { AuthorizationMode } from './authorization/modes.ts'
import { createServiceAllocator } from './allocators/service-allocator.ts'
import type { ServiceAllocator } from './allocators/service-allocator.ts'
import { answer } from './answer.ts'
import { createAggregation } from './aggregation/aggregation.ts'
import type { AggregationIdentity } from './aggregation/aggregation.ts'
import { authenticationReader } from './aggregation/authentication-reader.ts'
import { availability } from './aggregation/availability.ts'
import { aggregating } from './aggregation/pass-on.ts'
import { createRemoteDiscovery } from './aggregation/remote-discovery.ts'
import type { AgentTls } from './agent-connection.ts'
import { ensureBuiltins } from './builtins.ts'
import type { WireRequest } from './context.ts'
import { serverEndpoints } from './endpoints/server-endpoints.ts'
import { defaultVersion } from './endpoints/version.ts'
import { eventTTL, expireEvents } from './event-expiry.ts'
import { compose, filtersFor } from './filters/filters.ts'
import { KindTable } from './kind-table.ts'
import { listen } from './listen.ts'
import type { ListenOptions, Listening } from './listen.ts'
import { requestMetrics } from './metrics.ts'
import { storeMetrics } from './store-metrics.ts'
import { hostPort } from './network-error.ts'
import type { ServerPart } from './parts.ts'
import { serverParts } from './server-parts.ts'
import { router } from './router.ts'
import type { ComponentHealth } from './subresources/component-status.ts'
import { serverSubresources } from './subresources/server-subresources.ts'
import { Resources } from './tools.ts'
import type { Tools } from './tools.ts'
import { upgrades } from './upgrade.ts'

export interface ApiServerOptions extends AdmissionSwitches {
  readonly store: ObjectStore
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Registry
  /** Default: all that are built in. */
  readonly kinds?: readonly Kind[]
  /** `gitVersion` of `/version`. */
  readonly version?: string
  /** Cluster IPs are taken from them, one range of each family at most; the first address of the first is that of the service `kubernetes`. Default `10.96.0.0/16`. */
  readonly serviceCIDRs?: readonly string[]
  /** The first and the last node port. Default 30000, 32767. */
  readonly nodePortRange?: readonly [number, number]
  /** Replaces the standard chain of admission plugins, and what is switched on and off in it. */
  readonly admission?: readonly AdmissionPlugin[]
  /** Who is asked, in which order, whether somebody may do something. Default `Node`, `RBAC`. */
  readonly authorizationModes?: readonly AuthorizationMode[]
  /** Replaces what the modes say. */
  readonly authorizer?: Authorizer
  /** Where pods reach this server; the endpoint behind the service `kubernetes`. Without it the service has none. */
  readonly advertise?: { readonly address: string; readonly port: number }
  /** How nodes' agents are reached for logs, exec and the rest; without it those requests are answered 503. */
  readonly kubeletClient?: AgentTls
  /** How this server shows itself to servers behind APIServices; without it they are called without a certificate. */
  readonly aggregation?: AggregationIdentity
  /** Signs service account tokens; without it token requests are answered 503. */
  readonly serviceAccountKey?: KeyObject
  /** `iss` of those tokens. */
  readonly serviceAccountIssuer?: string
  /** How it is found out who asks, beside client certificates. */
  readonly authentication?: AuthenticationOptions
  /** How scheduler and controller manager are, for `kubectl get componentstatuses`. */
  readonly components?: ComponentHealth
  /** Milliseconds after which an Event that nobody writes any more is deleted. Default one hour. */
  readonly eventTTL?: number
}

export interface ApiServer {
  /** The server itself, in process. Objects cross as frozen values; whoever calls says who they are in `user`. */
  readonly transport: Transport
  /** Takes over a connection that is to become something else (exec, attach, port-forward, proxied upgrades). */
  readonly upgrade: (request: WireRequest, socket: Duplex, head: Buffer) => Promise<void>
  /** Resolves when the built-in objects are there. Before it nothing is listened to; in process, only writes of Services wait. */
  readonly ready: Promise<void>
  listen(options: ListenOptions): Promise<Listening>
  /** Ends watches and listeners. The store belongs to the caller. */
  close(): Promise<void>
}

const defaultIssuer = 'https://kubernetes.default.svc.cluster.local'

/** The API server over a store: a transport in process, and over TLS where it is told to listen. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { store, clock, log, metrics } = options
  const ending = new AbortController()
  const kinds = new KindTable(options.kinds ?? builtinKinds)
  const resources = new Resources(store)
  const authorizer = options.authorizer ?? authorizerFor(options.authorizationModes ?? standardModes, { resources })
  const allocator = createServiceAllocator({ cidrs: options.serviceCIDRs ?? ['10.96.0.0/16'], ports: options.nodePortRange ?? [30000, 32767], random: () => clock.random() })
  const tools: Tools = {
    store, clock, log, kinds, ending: ending.signal, resources, hooks: { '/services': allocator },
    admission: options.admission ?? admissionChain(admissionPlugins, options), authorizer,
  }
  const issuer = options.serviceAccountIssuer ?? defaultIssuer
  const authentication = createAuthentication(tools, { key: options.serviceAccountKey, issuer }, options.authentication)
  const aggregation = createAggregation(tools, options.aggregation)
  const parts = [...serverParts, ...(options.aggregation ? [authenticationReader(options.aggregation)] : []), availability(aggregation)]
  const done = new Set<string>()
  const ready = start(tools, allocator, options, parts, done)
  ready.catch((error: unknown) => log.error({ err: error }, 'Starting the API server failed'))
  ready.then(() => expireEvents(tools, options.eventTTL ?? eventTTL), () => {})

  const endpoints = serverEndpoints({ kinds, metrics, authentication, jwksURI: options.authentication?.jwksURI, version: options.version ?? defaultVersion, ready, store, remote: createRemoteDiscovery(tools, aggregation), parts: () => parts.map(({ name }) => ({ name, done: done.has(name) })), serverAddress: options.advertise ? hostPort(options.advertise.address, options.advertise.port) : '' })
  const subresources = serverSubresources({
    components: options.components, agent: options.kubeletClient, tokens: options.serviceAccountKey && { key: options.serviceAccountKey, issuer, audiences: authentication.audiences, ...options.authentication }, authentication,
  })
  storeMetrics(metrics, tools, options.version ?? defaultVersion)
  const filters = filtersFor(requestMetrics(metrics, () => clock.now()), authentication.identify, authorizer)
  const ordinary = aggregating(tools, aggregation, router(tools, endpoints, subresources))
  const handle = compose(filters, ordinary, { clock, log })
  const listeners = new Set<Listening>()
  const transport: Transport = (request) => answer(handle, request)
  const upgrade = upgrades({ tools, filters, agent: options.kubeletClient, aggregation, ordinary })
  return {
    transport, upgrade, ready,
    async listen(where) {
      await ready
      const listening = await listen({ transport, upgrade, authentication, log, clock }, where)
      listeners.add(listening)
      return { ...listening, close: async () => { listeners.delete(listening); await listening.close() } }
    },
    async close() {
      ending.abort()
      await Promise.all([...listeners].map((listening) => listening.close()))
    },
  }
}

async function start(tools: Tools, allocator: ServiceAllocator, options: ApiServerOptions, parts: readonly ServerPart[], done: Set<string>): Promise<void> {
  await allocator.load(tools)
  await ensureBuiltins(tools, allocator, options.advertise)
  for (const part of parts) {
    await part.start(tools)
    done.add(part.name)
  }
}
