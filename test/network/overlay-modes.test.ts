import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Peer } from '../../cni/overlay/paths.ts'
import { namespacesUnavailable } from '../../host/testing/namespaces.ts'
import type { LabNode } from '../lab/lab.ts'
import { createOverlayLab, podCIDRsOf, type OverlayLab, type Pod } from './overlay-lab.ts'

const skip = namespacesUnavailable()

/** What a person may force, and what nodes may look like. */
describe.skipIf(skip)(`ways between two nodes${skip ? ` (${skip})` : ''}`, { timeout: 120_000 }, () => {
  let lab: OverlayLab
  let nodes: [LabNode, LabNode]
  const peer = (node: LabNode, addresses: readonly string[] = node.addresses): Peer => ({ name: node.nodeName, podCIDRs: podCIDRsOf(node), addresses })
  const open = async (segments: readonly number[]) => {
    lab = await createOverlayLab({ nodes: 2, segment: n => segments[n - 1]! })
    nodes = lab.nodes as typeof nodes
  }
  /** Both families, both directions; the MTU to the byte. */
  const meet = async (a: Pod, b: Pod, mtu: number) => {
    expect([a.mtu, b.mtu]).toEqual([mtu, mtu])
    for (const [from, to] of [[a, b], [b, a]] as const) {
      await from.sh(`ping -c1 -W5 -M do -s ${mtu - 28} ${to.addresses[0]}; ping -6 -c1 -W5 -M do -s ${mtu - 48} ${to.addresses[1]}`)
    }
  }
  const packets = async (node: LabNode, link: string): Promise<number> =>
    (JSON.parse(await node.sh(`ip -s -j link show dev ${link}`)) as [{ stats64: { rx: { packets: number } } }])[0].stats64.rx.packets
  let before: string[]
  const begin = async (segments: readonly number[]) => {
    await open(segments)
    before = await Promise.all(nodes.map(lab.snapshot))
  }
  const end = async (networks: { order(order: 'cleanup'): Promise<string> }[]) => {
    for (const network of networks) expect(await network.order('cleanup')).toBe('done')
    expect(await Promise.all(nodes.map(lab.snapshot))).toEqual(before)
  }
  beforeEach(() => { before = [] })
  afterEach(() => lab?.close(), 60_000)

  test('vxlan by flag, on numbers of one’s own, though they share a network', async () => {
    await begin([0, 0])
    const options = { mode: 'vxlan', vxlan: { vni: 7, port: 4789 } } as const
    const networks = [await lab.start(nodes[0], [peer(nodes[1])], options), await lab.start(nodes[1], [peer(nodes[0])], options)]
    await meet(await lab.addPod(nodes[0]), await lab.addPod(nodes[1]), 1450)
    expect(await packets(nodes[0], 'k8ts-vxlan')).toBeGreaterThanOrEqual(4)
    expect(await nodes[0].sh('ip -d link show k8ts-vxlan')).toMatch(/vxlan id 7 .*dstport 4789 .*nolearning/)
    await end(networks)
  })

  test('host-gw by flag: no tunnel, whole packets; a node beyond a router is named in the log, and pods run all the same', async () => {
    await begin([0, 0])
    const stranger: Peer = { name: 'far', podCIDRs: ['10.244.9.0/24'], addresses: ['198.51.100.9'] }
    const networks = [await lab.start(nodes[0], [peer(nodes[1]), stranger], { mode: 'host-gw' }), await lab.start(nodes[1], [peer(nodes[0])], { mode: 'host-gw' })]
    await meet(await lab.addPod(nodes[0]), await lab.addPod(nodes[1]), 1500)
    expect(await nodes[0].sh('ip -o link')).not.toContain('vxlan')
    expect(networks[0]!.log()).toContain('far: no IPv4 address of it is on a network of this node, which host-gw needs')
    await end(networks)
  })

  test('one through the tunnel, the other directly: each takes what comes', async () => {
    await begin([0, 0])
    const networks = [await lab.start(nodes[0], [peer(nodes[1])], { mode: 'vxlan' }), await lab.start(nodes[1], [peer(nodes[0])])]
    const [a, b] = [await lab.addPod(nodes[0]), await lab.addPod(nodes[1])]
    for (const [from, to] of [[a, b], [b, a]] as const) for (const address of to.addresses) await from.sh(`ping -c2 -W5 ${address}`)
    expect(await packets(nodes[1], 'k8ts-vxlan')).toBeGreaterThanOrEqual(4)
    expect(await packets(nodes[0], 'k8ts-vxlan')).toBe(0)
    await end(networks)
  })

  test('over IPv6 alone, pods of both families', async () => {
    await begin([0, 1])
    const networks = await Promise.all(nodes.map((node, n) => lab.start(node, [peer(nodes[1 - n]!, [nodes[1 - n]!.addresses[1]!])])))
    await meet(await lab.addPod(nodes[0]), await lab.addPod(nodes[1]), 1430)
    expect(await packets(nodes[0], 'k8ts-vxlan6')).toBeGreaterThanOrEqual(4)
    expect(await nodes[0].sh('ip -o link')).not.toContain('k8ts-vxlan:')
    await end(networks)
  })

  test('a strict filter of the machine does not concern the tunnel', async () => {
    await begin([0, 1])
    for (const node of nodes) await node.sh('echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter')
    const networks = await Promise.all(nodes.map((node, n) => lab.start(node, [peer(nodes[1 - n]!)])))
    await meet(await lab.addPod(nodes[0]), await lab.addPod(nodes[1]), 1450)
    await end(networks)
  })

  test('IPv6 by advertisements: the default route a router told stays when the node begins to forward', async () => {
    await begin([0, 0])
    await nodes[0].sh('ip -6 route del default; ip -6 route add default via fe80::1 dev eth0 proto ra')
    before = await Promise.all(nodes.map(lab.snapshot))
    const network = await lab.start(nodes[0], [peer(nodes[1])])
    expect(await nodes[0].sh('cat /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv6/conf/eth0/accept_ra; ip -6 route show default')).toMatch(/^1\n2\ndefault via fe80::1 dev eth0 proto ra/)
    await end([network])
  })

  test('a first pod of the first node, then a node from elsewhere: the MTU goes down, and never up again', async () => {
    await begin([0, 1])
    const network = await lab.start(nodes[0], [])
    expect((await lab.addPod(nodes[0])).mtu).toBe(1500)
    expect(await network.order([peer(nodes[1])])).toBe('done')
    expect((await lab.addPod(nodes[0])).mtu).toBe(1450)
    expect(await network.order([])).toBe('done')
    expect((await lab.addPod(nodes[0])).mtu).toBe(1450)
    await end([network])
  })
})
