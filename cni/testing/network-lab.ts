import { mkdtemp, rm } from 'node:fs/promises'
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { createConntrack } from '../../host/conntrack.ts'
import { files } from '../../host/files.ts'
import { createIptables } from '../../host/iptables.ts'
import type { OpenLinks } from '../../host/links.ts'
import { openNetlinkLinks } from '../../host/netlink/netlink-links.ts'
import { insideNetns, inspectNetns } from '../../host/netns.ts'
import { createNft } from '../../host/nft.ts'
import type { Sysctl } from '../../host/sysctl.ts'
import { createTestNamespaces, type TestNamespace, type TestNamespaces } from '../../host/testing/namespaces.ts'
import type { CniHost } from '../host.ts'
import type { CniRequest, Reply } from '../spec.ts'

/**
 * A node and a host outside the cluster, as network namespaces joined by a cable:
 * `outside` 192.0.2.1 and fd00:2::1, `node` 192.0.2.2 and fd00:2::2 with its default routes to outside.
 */
export interface NetworkLab {
  readonly node: TestNamespace
  readonly outside: TestNamespace
  readonly namespaces: TestNamespaces
  readonly dir: string
  readonly host: CniHost
  /** What a clean-up must leave as it was. */
  snapshot(): Promise<string>
  close(): Promise<void>
}

export const createNetworkLab = async (prefix: string, { openLinks = openNetlinkLinks }: { openLinks?: OpenLinks } = {}): Promise<NetworkLab> => {
  const namespaces = createTestNamespaces(prefix)
  const [node, outside] = [await namespaces.create('node'), await namespaces.create('outside')]
  const dir = await mkdtemp(join(tmpdir(), `k8ts-${prefix}-`))
  await node.sh(`
    ip link add eth0 type veth peer name eth0 netns ${outside.name}
    ip address add 192.0.2.2/24 dev eth0; ip address add fd00:2::2/64 dev eth0 nodad; ip link set eth0 up`)
  await outside.sh('ip address add 192.0.2.1/24 dev eth0; ip address add fd00:2::1/64 dev eth0 nodad; ip link set eth0 up')
  await node.sh('ip route add default via 192.0.2.1; ip -6 route add default via fd00:2::1')
  const { exec } = node
  const host: CniHost = {
    openLinks: netns => openLinks(netns ?? node.path), inspectNetns, nft: createNft({ exec }), iptables: createIptables({ exec, variant: 'nft' }),
    conntrack: createConntrack({ exec }), sysctl: sysctlInside(node.path), files, logger: pino({ level: 'silent' }),
  }
  return {
    node, outside, namespaces, dir, host,
    snapshot: () => node.sh(`
      { ip -o address | sort; ip route; ip -6 route; } | grep -v fe80 | sed 's/ linkdown//; s/ tentative//'
      { nft list ruleset; for t in iptables-nft ip6tables-nft iptables-legacy ip6tables-legacy; do $t-save; done; } | grep -v '^#' | sed 's/packets [0-9]* bytes [0-9]*//'`),
    async close() {
      await namespaces.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

const sysctlInside = (netns: string): Sysctl => {
  const read = (name: string): string | undefined => insideNetns(netns, () => {
    try {
      return readFileSync(`/proc/sys/${name}`, 'utf8').trimEnd()
    } catch {
      return undefined
    }
  })
  return {
    get: async name => read(name),
    set: async (name, value) => {
      if (read(name) === String(value)) return false
      insideNetns(netns, () => writeFileSync(`/proc/sys/${name}`, String(value)))
      return true
    },
  }
}

/** The parts of a call that a test wants to choose; the rest is as a runtime would have it. */
export interface Call extends Partial<Omit<CniRequest, 'input'>> { readonly config?: Record<string, unknown> | string }

/** A call for a pod, with a configuration of its own. */
export const call = (command: string, { config = {}, ...more }: Call): CniRequest => ({
  command, containerID: 'c1', netns: '', ifname: 'eth0', args: '', path: '/opt/cni/bin', ...more,
  input: typeof config === 'string' ? config : JSON.stringify(config),
})

/** The reply's JSON. */
export const json = (reply: Reply): Record<string, unknown> => JSON.parse(reply.output || '{}') as Record<string, unknown>
