import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { EndpointSlice } from '../../api/types/discovery-v1.ts'
import type { Service, ServiceSpec } from '../../api/types/core-v1/service.ts'
import { createTestNamespaces, type TestNamespace } from '../../host/testing/namespaces.ts'

/**
 * One node as a network namespace with a bridge and pods, and a machine outside it:
 *
 *     outside 192.0.2.2 ── 192.0.2.1 node 10.244.0.1 ── bridge ── p1 10.244.0.11, p2 …12, p3 …13, client …20
 *
 * Every pod p1…p3 answers on TCP 8080 and UDP 8053 with its name and the address it was called from.
 */
export interface FlowLab {
  readonly node: TestNamespace
  /** Answers to `count` questions asked one after the other: `p1 192.0.2.2`, or an error code. */
  ask(from: Place, protocol: 'tcp' | 'udp', host: string, port: number, count?: number, sourcePort?: number): Promise<string[]>
  close(): Promise<void>
}

export type Place = 'outside' | 'node' | 'client' | 'p1' | 'p2' | 'p3'

export const nodeIP = '192.0.2.1'
export const podIP = { p1: '10.244.0.11', p2: '10.244.0.12', p3: '10.244.0.13', client: '10.244.0.20' } as const
export const clusterCIDR = '10.244.0.0/16'

const script = (name: string): string => fileURLToPath(new URL(`../lab/${name}`, import.meta.url))

export async function createFlowLab(prefix: string): Promise<FlowLab> {
  const namespaces = createTestNamespaces(prefix)
  const servers: { kill(): boolean; readonly exited: Promise<unknown> }[] = []
  const close = async () => {
    for (const server of servers) server.kill()
    await Promise.all(servers.map((server) => server.exited))
    await namespaces.close()
  }
  try {
    const node = await namespaces.create('node')
    const places = new Map<Place, TestNamespace>([['node', node], ['outside', await namespaces.create('outside')]])
    await node.sh(`
      ip link add br0 type bridge; ip addr add 10.244.0.1/24 dev br0; ip link set br0 up
      sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1
      ip link add up0 type veth peer name eth0 netns ${places.get('outside')!.name}
      ip addr add ${nodeIP}/24 dev up0; ip link set up0 up; ip route add default via 192.0.2.2`)
    await places.get('outside')!.sh(`ip addr add 192.0.2.2/24 dev eth0; ip link set eth0 up; ip route add 198.51.100.0/24 via ${nodeIP}`)
    for (const [name, ip] of Object.entries(podIP) as [Place, string][]) {
      const pod = await namespaces.create(name)
      places.set(name, pod)
      await node.sh(`ip link add v-${name} type veth peer name eth0 netns ${pod.name}; ip link set v-${name} master br0 up; bridge link set dev v-${name} hairpin on`)
      await pod.sh(`ip addr add ${ip}/24 dev eth0; ip link set eth0 up; ip route add default via 10.244.0.1`)
    }
    await Promise.all((['p1', 'p2', 'p3'] as const).map(async (name) => {
      const server = await places.get(name)!.exec.spawn(process.execPath, [script('echo.ts'), name, 'tcp:8080', 'udp:8053'])
      servers.push(server)
      for await (const line of createInterface({ input: server.stdout! })) if (line === 'ready') return
      throw new Error(`The echo server of ${name} did not start`)
    }))
    return {
      node,
      close,
      async ask(from, protocol, host, port, count = 1, sourcePort = 0) {
        const { stdout } = await places.get(from)!.exec.run(process.execPath, [script('ask.ts'), protocol, host, String(port), String(count), String(sourcePort)])
        return JSON.parse(stdout) as string[]
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A Service of the test with its slice: the pods named are its ready endpoints. */
export function service(name: string, spec: Partial<ServiceSpec>, pods: readonly ('p1' | 'p2' | 'p3')[]): { service: Service; slice: EndpointSlice } {
  const ports = spec.ports ?? [{ name: 'tcp', protocol: 'TCP', port: 80, targetPort: 8080 }, { name: 'udp', protocol: 'UDP', port: 53, targetPort: 8053 }]
  return {
    service: { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: { type: 'ClusterIP', ...spec, ports } },
    slice: {
      apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4',
      metadata: { name: `${name}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
      ports: ports.map((port) => ({ name: port.name ?? '', protocol: port.protocol ?? 'TCP', port: Number(port.targetPort) })),
      endpoints: pods.map((pod) => ({ addresses: [podIP[pod]], conditions: { ready: true }, nodeName: 'node' })),
    },
  }
}
