import { deployments } from './apps-v1/deployment.ts'
import { replicaSets } from './apps-v1/replica-set.ts'
import { leases } from './coordination-v1/lease.ts'
import { bindings } from './core-v1/binding.ts'
import { configMaps } from './core-v1/config-map.ts'
import { endpoints } from './core-v1/endpoints.ts'
import { events } from './core-v1/event.ts'
import { namespaces } from './core-v1/namespace.ts'
import { nodes } from './core-v1/node.ts'
import { podTemplates } from './core-v1/pod-template.ts'
import { pods } from './core-v1/pod.ts'
import { replicationControllers } from './core-v1/replication-controller.ts'
import { secrets } from './core-v1/secret.ts'
import { serviceAccounts } from './core-v1/service-account.ts'
import { services } from './core-v1/service.ts'
import { endpointSlices } from './discovery-v1/endpoint-slice.ts'
import { eventsV1 } from './events-v1/event.ts'
import type { Kind } from './kind.ts'

/** Every kind that is compiled in, in the order of discovery: the core group first, then groups and resources by name. */
export const builtinKinds: readonly Kind[] = Object.freeze([
  bindings, configMaps, endpoints, events, namespaces, nodes, podTemplates, pods, replicationControllers, secrets, serviceAccounts, services,
  deployments, replicaSets,
  leases,
  endpointSlices,
  eventsV1,
])

/** The kind of an `apiVersion` and `kind` pair; undefined when it is not built in. */
export const findKind = (group: string, version: string, kind: string): Kind | undefined =>
  builtinKinds.find((candidate) => candidate.kind === kind && candidate.group === group && candidate.version === version)

/** The kind behind a URL's group, version and plural resource name. */
export const findResource = (group: string, version: string, resource: string): Kind | undefined =>
  builtinKinds.find((candidate) => candidate.resource === resource && candidate.group === group && candidate.version === version)
