import { createInterface } from 'node:readline'
import { join } from 'node:path'
import type { PodNetworkOptions } from '../../cni/pod-network.ts'
import type { Peer } from '../../cni/overlay/paths.ts'
import { paths } from '../../cli/layout.ts'
import type { Spawned } from '../../host/exec.ts'
import { createTestNamespaces, type TestNamespace } from '../../host/testing/namespaces.ts'
import { createLab, type Lab, type LabNode, type LabOptions } from '../lab/lab.ts'

const root = join(import.meta.dirname, '../..')

/** Nodes with nothing but their pod network, and pods that are namespaces joined by the real executable. */
export interface OverlayLab extends Lab {
  /** What the Node object of a node would say. A test may say otherwise. */
  peer(node: LabNode): Peer
  /** Starts the network of a node. */
  start(node: LabNode, peers: readonly Peer[], options?: Partial<PodNetworkOptions>): Promise<RunningNetwork>
  /** Makes a pod on a node: its addresses are those of the result. */
  addPod(node: LabNode): Promise<Pod>
  /** Links, addresses, routes, neighbours we set, tunnel tables and rules, as text. */
  snapshot(node: LabNode): Promise<string>
}

export interface Pod extends TestNamespace { readonly node: LabNode; readonly addresses: readonly string[]; readonly mtu: number }

export interface RunningNetwork {
  /** New peers, `sync` or `cleanup` (which ends it); gives what it answers, `done` when it went well. */
  order(order: readonly Peer[] | 'sync' | 'cleanup'): Promise<string>
  /** What it logged. */
  log(): string
  stop(): Promise<void>
}

export const podCIDRsOf = (node: LabNode): string[] => [`10.244.${node.nodeName.slice(1)}.0/24`, `fd00:244:${node.nodeName.slice(1)}::/64`]

export const createOverlayLab = async (options: LabOptions): Promise<OverlayLab> => {
  const lab = await createLab({ dualStack: true, ...options })
  const namespaces = createTestNamespaces('nodes')
  const running: RunningNetwork[] = []
  let pods = 0
  return {
    ...lab,
    peer: node => ({ name: node.nodeName, podCIDRs: podCIDRsOf(node), addresses: node.addresses }),
    async start(node, peers, more = {}) {
      const network = await follow(await node.exec.spawn(process.execPath, [join(root, 'cni/testing/resident.ts'), JSON.stringify({
        podCIDRs: podCIDRsOf(node), peers, clusterCIDRs: ['10.244.0.0/16', 'fd00:244::/40'], nodePath: process.execPath, mainPath: join(root, 'cni/main.ts'), ...paths(node.layout).cni, ...more,
      })]))
      running.push(network)
      return network
    },
    async addPod(node) {
      const name = `pod${++pods}`
      const pod = await namespaces.create(name)
      const { confDir, binDir } = paths(node.layout).cni
      const output = await node.sh(`
        export CNI_COMMAND=ADD CNI_CONTAINERID=${name} CNI_NETNS=${pod.path} CNI_IFNAME=eth0 CNI_PATH=${binDir}
        perl -MJSON::PP -0777 -ne '$l = decode_json($_); $p = $l->{plugins}[0]; delete $p->{capabilities}; print encode_json({%$p, name => $l->{name}, cniVersion => "1.1.0"})' ${confDir}/10-k8ts.conflist | ${binDir}/k8ts`)
      const result = JSON.parse(output) as { ips: { address: string }[]; interfaces: { mtu: number }[] }
      return { ...pod, node, addresses: result.ips.map(({ address }) => address.split('/')[0]!), mtu: result.interfaces.at(-1)!.mtu }
    },
    snapshot: node => node.sh(`
      { ip -o link | sed 's/^[0-9]*: //; s/@if[0-9]*//; s/ state [A-Z]*//; s/<[^>]*>//'; ip -o address | sed 's/^[0-9]*: //'; } | grep -v fe80 | sort
      { ip route; ip -6 route | grep -v fe80::/64; } | sed 's/ linkdown//; s/ dead//' | sort
      ip neighbour show nud permanent | sort; for link in k8ts-vxlan k8ts-vxlan6; do bridge fdb show dev $link 2>/dev/null; done | sort
      { nft list ruleset; iptables-save; ip6tables-save; } | grep -v '^#' || true`),
    async close() {
      await Promise.all(running.map(network => network.stop()))
      await namespaces.close()
      await lab.close()
    },
  }
}

const follow = async (agent: Spawned): Promise<RunningNetwork> => {
  let said = ''
  agent.stderr!.on('data', chunk => { said += String(chunk) })
  const lines = createInterface({ input: agent.stdout! })[Symbol.asyncIterator]()
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`The network of a node ended: ${said}`)
    return value as string
  }
  for (let first = await line(); first !== 'ready'; first = await line());
  return {
    async order(order) {
      agent.stdin!.write(`${typeof order === 'string' ? order : JSON.stringify(order)}\n`)
      return line()
    },
    log: () => said,
    async stop() {
      agent.stdin!.end()
      await agent.exited
    },
  }
}
