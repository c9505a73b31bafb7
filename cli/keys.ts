import { hostname } from 'node:os'
import { join } from 'node:path'
import { ensureClusterPki, type ClusterPki } from '../control/pki/cluster-pki.ts'
import { kubeconfig } from '../control/pki/kubeconfig.ts'
import type { Clock } from '../host/clock.ts'
import * as files from '../host/files.ts'
import { apiserverIPs, hostInURL, nodeIPs, primaryIP } from './addresses.ts'
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

export const apiServerURL = (config: Config): string => `https://${hostInURL(primaryIP(config))}:${config.apiPort}`
