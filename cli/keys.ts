import { hostname } from 'node:os'
import { join } from 'node:path'
import { ensureClusterPki, type ClusterPki } from '../control/pki/cluster-pki.ts'
import type { KeyPair } from '../control/pki/certificate.ts'
import { kubeconfig } from '../control/pki/kubeconfig.ts'
import type { Clock } from '../host/clock.ts'
import * as files from '../host/files.ts'
import { apiserverIPs, hostInURL, nodeIPs, primaryIP } from './addresses.ts'
import { loadWorkerKeys } from './certificates/worker-keys.ts'
import type { Config } from './config.ts'
import { paths } from './layout.ts'

/** Makes or mends the keys and certificates of the cluster and the administrator's kubeconfig. Says what it did. */
export async function ensureKeys(config: Config, clock: Clock): Promise<string> {
  const { changed } = await loadKeys(config, clock)
  return changed.length === 0 ? 'all there' : changed.length > 3 ? `made ${changed.length}` : changed.join(', ')
}

export async function loadKeys(config: Config, clock: Clock): Promise<ClusterPki> {
  const { pki: directory } = paths(config)
  await files.ensureDir(directory)
  // After a reboot server and agent may find the same certificate expired at the same moment.
  const lock = await files.lockFile(join(directory, 'lock'))
  try {
    return await mendKeys(config, clock)
  } finally {
    await lock?.release()
  }
}

async function mendKeys(config: Config, clock: Clock): Promise<ClusterPki> {
  const pki = await ensureClusterPki(paths(config).pki, {
    files, clock,
    hosts: [config.nodeName, hostname()],
    ips: [...nodeIPs(config), ...apiserverIPs(config)],
    nodes: [{ name: config.nodeName, ips: nodeIPs(config) }],
  })
  await files.writeIfChanged(paths(config).kubeconfig, kubeconfig({ server: apiServerURL(config), ca: pki.ca.certificate, credentials: pki.admin }))
  return pki
}

/** As whom and with whose authority a node speaks. */
export interface NodeKeys {
  /** The cluster's authority, PEM. */
  readonly ca: string
  readonly client: KeyPair
  /** Undefined on a worker that has not been given one yet. */
  readonly serving: KeyPair | undefined
}

/** The keys of this node: on the server made here, on a worker those that joining and renewing have brought. */
export async function loadNodeKeys(config: Config, clock: Clock): Promise<NodeKeys> {
  if (config.role === 'worker') return loadWorkerKeys(config)
  const { ca, nodes } = await loadKeys(config, clock)
  return { ca: ca.certificate, ...nodes.get(config.nodeName)! }
}

export const apiServerURL = (config: Config): string => config.serverURL || `https://${hostInURL(primaryIP(config))}:${config.apiPort}`
