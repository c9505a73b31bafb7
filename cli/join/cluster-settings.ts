import { createHash, X509Certificate } from 'node:crypto'
import { dump } from 'js-yaml'
import type { Client } from '../../api/client/client.ts'
import { isAlreadyExists, isNotFound } from '../../api/errors.ts'
import { configMaps } from '../../api/kinds/core-v1/config-map.ts'
import { namespaces } from '../../api/kinds/core-v1/namespace.ts'
import type { Config } from '../config.ts'
import { apiServerURL } from '../keys.ts'

/** What all nodes of a cluster must have alike; a worker takes it over when it joins. */
const shared = ['clusterCIDR', 'serviceCIDR', 'proxyMode', 'ipvsScheduler', 'ipvsStrictARP', 'nodePortAddresses', 'proxySyncPeriod', 'proxyHealthzBindAddress', 'podNetwork', 'vxlanPort', 'vxlanVNI', 'clusterDNS', 'clusterDomain', 'dnsPort'] as const satisfies readonly (keyof Config)[]
export type ClusterSettings = Pick<Config, (typeof shared)[number]>

export const settingsPlace = { namespace: 'kube-system', name: 'k8ts-config' }
export const clusterInfoPlace = { namespace: 'kube-public', name: 'cluster-info' }

/**
 * Publishes what machines that join must know: how to reach this cluster and by which authority to know it (`cluster-info`, as kubeadm has it;
 * signed by the bootstrap signer), and what its nodes are set up with (`k8ts-config`).
 */
export async function publishClusterSettings(client: Client, config: Config, ca: string): Promise<void> {
  const settings = Object.fromEntries(shared.map((name) => [name, config[name]]))
  await ensureNamespace(client, clusterInfoPlace.namespace)
  await Promise.all([
    ensureData(client, clusterInfoPlace, { kubeconfig: clusterInfo(apiServerURL(config), ca) }),
    ensureData(client, settingsPlace, { 'settings.json': JSON.stringify(settings) }),
  ])
}

/** A kubeconfig that names nobody: where the server is, and its authority. */
export const clusterInfo = (server: string, ca: string): string => dump({
  apiVersion: 'v1', kind: 'Config', preferences: {}, 'current-context': '', contexts: [], users: [],
  clusters: [{ name: '', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
}, { lineWidth: -1 })

/** Reads what `publishClusterSettings` wrote; of what it does not know the caller's defaults hold. */
export async function readClusterSettings(client: Client): Promise<Partial<ClusterSettings>> {
  const { data } = await client.get(configMaps, settingsPlace).catch((error: unknown) => {
    if (isNotFound(error)) throw new Error('This server does not say what its nodes are set up with (there is no ConfigMap kube-system/k8ts-config): it is no k8ts')
    throw error
  })
  const told = JSON.parse(data?.['settings.json'] ?? '{}') as Record<string, unknown>
  return Object.fromEntries(shared.filter((name) => told[name] !== undefined).map((name) => [name, told[name]]))
}

/** `sha256:` and the digest of the authority's public key, as `kubeadm join --discovery-token-ca-cert-hash` takes it. */
export const caHash = (ca: string): string =>
  `sha256:${createHash('sha256').update(new X509Certificate(ca).publicKey.export({ type: 'spki', format: 'der' })).digest('hex')}`

async function ensureNamespace(client: Client, name: string): Promise<void> {
  await client.create(namespaces, { metadata: { name } }).catch(unlessThere)
}

/** Others put something into them too: the signatures of tokens. */
async function ensureData(client: Client, place: { namespace: string; name: string }, data: Record<string, string>): Promise<void> {
  const there = await client.get(configMaps, place).catch((error: unknown) => {
    if (!isNotFound(error)) throw error
  })
  if (!there) return void await client.create(configMaps, { metadata: place, data }).catch(unlessThere)
  if (Object.entries(data).some(([name, value]) => there.data?.[name] !== value)) await client.patch(configMaps, place, { type: 'merge', patch: { data } })
}

function unlessThere(error: unknown): void {
  if (!isAlreadyExists(error)) throw error
}
