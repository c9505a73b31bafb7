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
 * Nothing touches the machine's own network; everything lies below one directory. What a killed test leaves is taken
 * away by the next lab.
 */
export interface Lab {
  readonly directory: string
  readonly nodes: readonly LabNode[]
  readonly outside: TestNamespace
  /** Runtimes stopped, namespaces and files gone. */
  close(): Promise<void>
}

export interface LabNode extends TestNamespace {
  /** `n1`, `n2`, … */
  readonly nodeName: string
  readonly address: string
  /** Where this node's state goes. */
  readonly layout: Layout
  /** A containerd of its own, inside the node; it reads its network from the layout's CNI directories. */
  startRuntime(): Promise<NodeRuntime>
}

const prefix = 'nodes'

export const createLab = async ({ nodes: count }: { readonly nodes: number }): Promise<Lab> => {
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
    await lan.sh('ip link add lan type bridge; ip link set lan up')
    const attach = async (host: TestNamespace, port: string, address: string): Promise<void> => {
      await host.sh(`ip link add eth0 type veth peer name ${port} netns ${lan.name}; ip address add ${address}/24 dev eth0; ip link set eth0 up`)
      await lan.sh(`ip link set ${port} master lan up`)
    }
    const outside = await namespaces.create('outside')
    await attach(outside, 'outside', '10.99.0.1')
    const nodes: LabNode[] = []
    for (let n = 1; n <= count; n++) {
      const nodeName = `n${n}`
      const address = `10.99.0.${10 + n}`
      const namespace = await namespaces.create(nodeName)
      await attach(namespace, nodeName, address)
      await namespace.sh('ip route add default via 10.99.0.1')
      const layout = layoutUnder(join(directory, nodeName))
      await mkdir(layout.runDir, { recursive: true, mode: 0o700 })
      nodes.push({
        ...namespace, nodeName, address, layout,
        async startRuntime() {
          const runtime = await startNodeRuntime(namespace.exec, paths(layout))
          runtimes.push(runtime)
          return runtime
        },
      })
    }
    return { directory, nodes, outside, close }
  } catch (error) {
    await close().catch(() => {})
    throw error
  }
}
