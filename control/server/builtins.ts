import { isAlreadyExists, isConflict } from '../../api/errors.ts'
import { endpoints } from '../../api/kinds/core-v1/endpoints.ts'
import { namespaces } from '../../api/kinds/core-v1/namespace.ts'
import { services } from '../../api/kinds/core-v1/service.ts'
import { endpointSlices } from '../../api/kinds/discovery-v1/endpoint-slice.ts'
import type { Kind } from '../../api/kinds/kind.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/object.ts'
import { systemMaster } from '../../api/transport.ts'
import type { ServiceAllocator } from './allocators/service-allocator.ts'
import type { Tools } from './tools.ts'
import { createObject } from './verbs/create-object.ts'
import { updateObject } from './verbs/update-object.ts'

/** The namespaces every cluster has. */
export const systemNamespaces = Object.freeze(['default', 'kube-system', 'kube-public', 'kube-node-lease'])

export interface Advertised { readonly address: string; readonly port: number }

/** Makes what every cluster has from the start, and puts right what has changed since (the advertised address). */
export async function ensureBuiltins(tools: Tools, allocator: ServiceAllocator, advertise: Advertised | undefined): Promise<void> {
  await Promise.all(systemNamespaces.map((name) => ensure(tools, namespaces, { metadata: { name } })))
  const metadata = { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } }
  const port = advertise?.port ?? 6443
  await ensure(tools, services, {
    metadata,
    spec: { type: 'ClusterIP', clusterIP: allocator.firstAddress, sessionAffinity: 'None', ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: port }] },
  })
  if (!advertise) return
  const { address } = advertise
  const mirrored = { name: 'kubernetes', namespace: 'default', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }
  await ensure(tools, endpoints, { metadata: mirrored, subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'https', port, protocol: 'TCP' }] }] }, ['subsets'])
  const slice = { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } }
  await ensure(tools, endpointSlices, {
    metadata: slice, addressType: address.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }], ports: [{ name: 'https', port, protocol: 'TCP' }],
  }, ['endpoints', 'ports'])
}

type Wanted = { metadata: { name: string; namespace?: string } } & Record<string, unknown>

/** Creates the object when there is none; else sets those of its `fields` that differ. */
async function ensure(tools: Tools, kind: Kind, wanted: Wanted, fields: readonly string[] = []): Promise<void> {
  const { name, namespace = '' } = wanted.metadata
  const user = systemMaster
  const there = await tools.resources.cache(kind).get(tools.resources.key(kind, namespace, name))
  try {
    if (!there) {
      const object = structuredClone({ apiVersion: apiVersionOf(kind), kind: kind.kind, ...wanted })
      await createObject(tools, { kind, object, namespace, user, dryRun: false })
      return
    }
    if (fields.every((field) => JSON.stringify((there.object as unknown as Record<string, unknown>)[field]) === JSON.stringify(wanted[field]))) return
    const make = (current: KubeObject | undefined): unknown => ({ ...structuredClone(current), ...Object.fromEntries(fields.map((field) => [field, structuredClone(wanted[field])])) })
    await updateObject(tools, { kind, namespace, name, subresource: '', user, dryRun: false, make })
  } catch (error) {
    // Another server of the same cluster was faster; it wants the same.
    if (!isAlreadyExists(error) && !isConflict(error)) throw error
  }
}
