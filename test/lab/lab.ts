import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestNamespaces, type TestNamespace } from '../../host/testing/namespaces.ts'
import { layoutUnder, paths, type Layout } from '../../cli/layout.ts'
import { reapLabs, unmountBelow } from './reap.ts'
import { startNodeRuntime, type NodeRuntime } from './node-runtime.ts'

/**
 * Several hosts on one machine, each a network namespace, joined by a switch in yet another one:
 *
 *     outside 10.99.0.1 ─┐
 *     n1 10.99.0.11 ─────┼─ switch        every node's default route leads to outside
 *     n2 10.99.0.12 ─────┘
 *
 * Nodes of another segment are on a switch of their own (10.99.1.0/24 and so on); `outside` is the router between. With
 * `dualStack` all have IPv6 addresses too: fd00:99::1, ::11, ::12 and fd00:99:1::1 and so on.
 *
 * Nothing touches the machine's own network; everything lies below one directory. What a killed test leaves is taken
 * away by the next lab.
 */
export interface Lab {
  readonly directory: string
  readonly nodes: readonly LabNode[]
  readonly outside: TestNamespace
  /** Where all cables end; the port of each host has its name. */
  readonly switch: TestNamespace
  /** Runtimes stopped, namespaces and files gone. */
  close(): Promise<void>
}

export interface LabNode extends TestNamespace {
  /** `n1`, `n2`, … */
  readonly nodeName: string
  readonly address: string
  /** The same and, with `dualStack`, the one of IPv6. */
  readonly addresses: readonly string[]
  /** Where this node's state goes. */
  readonly layout: Layout
  /** A containerd of its own, inside the node; it reads its network from the layout's CNI directories. */
  startRuntime(): Promise<NodeRuntime>
}

const prefix = 'nodes'

export interface LabOptions {
  readonly nodes: number
  /** The segment of the n-th node, from 1; default 0 for all. */
  readonly segment?: (n: number) => number
  readonly dualStack?: boolean
}

export const createLab = async ({ nodes: count, segment: segmentOf = () => 0, dualStack = false }: LabOptions): Promise<Lab> => {
  await reapLabs(tmpdir(), prefix)
  const namespaces = createTestNamespaces(prefix)
  const directory = await mkdtemp(join(tmpdir(), `k8ts-${prefix}-${process.pid}-`))
  const runtimes: NodeRuntime[] = []
  const close = async (): Promise<void> => {
    const stopped = await Promise.allSettled(runtimes.splice(0).map(runtime => runtime.stop()))
    await namespaces.close()
    await unmountBelow(directory)
    await rm(directory, { recursive: true, force: true })
    const failed = stopped.find(outcome => outcome.status === 'rejected')
    if (failed) throw failed.reason
  }

  try {
    const lan = await namespaces.create('switch')
    const outside = await namespaces.create('outside')
    const addressesIn = (segment: number, host: number): string[] => [`10.99.${segment}.${host}`, ...(dualStack ? [`fd00:99${segment === 0 ? '' : `:${segment}`}::${host}`] : [])]
    const attach = async (host: TestNamespace, link: string, port: string, segment: number, addresses: readonly string[]): Promise<void> => {
      await host.sh(`ip link add ${link} type veth peer name ${port} netns ${lan.name}; ip link set ${link} up
        ${addresses.map(address => `ip address add ${address}${address.includes(':') ? '/64' : '/24'} dev ${link}${address.includes(':') ? ' nodad' : ''}`).join('\n')}`)
      await lan.sh(`ip link set ${port} master lan${segment} up`)
    }
    const segments = [...new Set([0, ...Array.from({ length: count }, (_, n) => segmentOf(n + 1))])]
    for (const segment of segments) {
      await lan.sh(`ip link add lan${segment} type bridge; ip link set lan${segment} up`)
      await attach(outside, `eth${segment}`, `outside${segment}`, segment, addressesIn(segment, 1))
    }
    if (segments.length > 1) await outside.sh(`echo 1 > /proc/sys/net/ipv4/ip_forward${dualStack ? '; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding' : ''}`)
    const nodes: LabNode[] = []
    for (let n = 1; n <= count; n++) {
      const nodeName = `n${n}`
      const segment = segmentOf(n)
      const addresses = addressesIn(segment, 10 + n)
      const address = addresses[0]!
      const namespace = await namespaces.create(nodeName)
      await attach(namespace, 'eth0', nodeName, segment, addresses)
      for (const gateway of addressesIn(segment, 1)) await namespace.sh(`ip ${gateway.includes(':') ? '-6 ' : ''}route add default via ${gateway}`)
      const layout = layoutUnder(join(directory, nodeName))
      await mkdir(layout.runDir, { recursive: true, mode: 0o700 })
      nodes.push({
        ...namespace, nodeName, address, addresses, layout,
        async startRuntime() {
          const runtime = await startNodeRuntime(namespace.exec, paths(layout))
          runtimes.push(runtime)
          return runtime
        },
      })
    }
    return { directory, nodes, outside, switch: lan, close }
  } catch (error) {
    await close().catch(() => {})
    throw error
  }
}
