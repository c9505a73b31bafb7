import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Peer } from '../../cni/overlay/paths.ts'
import { namespacesUnavailable } from '../../host/testing/namespaces.ts'
import type { LabNode } from '../lab/lab.ts'
import { createOverlayLab, type OverlayLab, type Pod, type RunningNetwork } from './overlay-lab.ts'

const skip = namespacesUnavailable()
const timeout = 120_000

/** n1 and n2 share a switch, n3 is behind a router. */
describe.skipIf(skip)(`pods of nodes on two segments${skip ? ` (${skip})` : ''}`, { timeout }, () => {
  let lab: OverlayLab
  let nodes: [LabNode, LabNode, LabNode]
  let networks: RunningNetwork[]
  let pods: [Pod, Pod, Pod]
  let before: string[]
  const others = (node: LabNode): Peer[] => lab.nodes.filter(other => other !== node).map(lab.peer)
  const snapshots = () => Promise.all(nodes.map(lab.snapshot))

  beforeAll(async () => {
    lab = await createOverlayLab({ nodes: 3, segment: n => n === 3 ? 1 : 0 })
    nodes = lab.nodes as typeof nodes
    before = await snapshots()
    networks = await Promise.all(nodes.map(node => lab.start(node, others(node))))
    pods = await Promise.all(nodes.map(lab.addPod)) as typeof pods
  }, timeout)
  afterAll(() => lab?.close(), timeout)

  test('chosen by pair: direct on one segment, the tunnel to the other', async () => {
    const ways = (node: LabNode) => node.sh('{ ip route; ip -6 route; } | grep "proto 244" | sed "s/ metric.*//; s/ *$//" | sort')
    expect((await ways(nodes[0])).trim().split('\n')).toEqual([
      '10.244.2.0/24 via 10.99.0.12 dev eth0 proto 244',
      '10.244.3.0/24 via 10.244.3.0 dev k8ts-vxlan proto 244 src 10.244.1.1 onlink',
      'fd00:244:2::/64 via fd00:99::12 dev eth0 proto 244',
      'fd00:244:3::/64 via fe80::858:aff:fef4:300 dev k8ts-vxlan proto 244 src fd00:244:1::1',
    ])
    expect(await ways(nodes[2])).toMatch(/^10\.244\.1\.0\/24 via 10\.244\.1\.0 dev k8ts-vxlan .*\n10\.244\.2\.0\/24 via 10\.244\.2\.0 dev k8ts-vxlan/)
    expect(await nodes[0].sh('bridge fdb show dev k8ts-vxlan')).toBe('0a:58:0a:f4:03:00 dst 10.99.1.13 self permanent\n')
    expect(pods.map(pod => pod.mtu)).toEqual([1450, 1450, 1450])
  })

  test('pods know each other by their own addresses, in both families; the world sees the node', () => meet(pods))

  test('the nodes reach all pods, and pods all nodes', async () => {
    for (const pod of pods) {
      for (const node of nodes) for (const address of pod.addresses) await node.sh(`ping -c1 -W5 ${address}`)
      for (const node of nodes) await pod.sh(`ping -c1 -W5 ${node.address}`)
    }
  })

  test('a packet of the MTU passes whole, one byte more does not leave', async () => {
    for (const [from, to] of [[pods[0], pods[1]], [pods[0], pods[2]], [pods[2], pods[1]]] as const) {
      await from.sh(`ping -c1 -W5 -M do -s ${1450 - 28} ${to.addresses[0]}; ping -6 -c1 -W5 -M do -s ${1450 - 48} ${to.addresses[1]}`)
      await expect(from.sh(`ping -c1 -W1 -M do -s ${1450 - 27} ${to.addresses[0]}`)).rejects.toThrow()
    }
  })

  test('large transfers arrive as they were sent, also from a pod whose MTU does not fit the tunnel', async () => {
    await transfer(pods[0], pods[2])
    await transfer(pods[2], pods[1])
    // A pod from the time before a node came from elsewhere.
    for (const pod of [pods[0], pods[2]]) await setMtu(pod, 1500)
    try {
      await transfer(pods[0], pods[2])
      expect(await pods[0].sh(`ip route get ${pods[2].addresses[0]}`)).toContain('mtu 1450')
      await transfer(pods[2], pods[0])
    } finally {
      for (const pod of [pods[0], pods[2]]) await setMtu(pod, 1450)
    }
  })

  test('what others take away behind our back comes again with the next look; what is right is left alone', async () => {
    const right = await lab.snapshot(nodes[0])
    const harm = [
      'ip route del 10.244.2.0/24', 'ip route replace 10.244.2.0/24 via 10.99.0.77 proto 244', 'ip -6 route del fd00:244:3::/64', 'ip route del 10.244.3.0/24',
      'ip neighbour del 10.244.3.0 dev k8ts-vxlan', 'ip neighbour replace 10.244.3.0 lladdr 02:00:00:00:00:01 nud permanent dev k8ts-vxlan',
      'bridge fdb del 0a:58:0a:f4:03:00 dev k8ts-vxlan dst 10.99.1.13', 'bridge fdb replace 0a:58:0a:f4:03:00 dev k8ts-vxlan dst 10.99.1.99 self permanent',
      'ip link del k8ts-vxlan', 'ip link set k8ts-vxlan down', 'ip link set k8ts-vxlan mtu 1000', 'ip link set k8ts-vxlan address 02:00:00:00:00:02',
      'ip address del 10.244.1.1/24 dev k8ts0', 'ip address del 10.244.1.0/32 dev k8ts-vxlan', 'nft delete table ip k8ts-cni-k8ts', 'nft flush table ip6 k8ts-cni-k8ts', 'ip link set eth0 down; ip link set eth0 up; ip route add default via 10.99.0.1; ip address replace fd00:99::11/64 dev eth0 nodad; ip -6 route add default via fd00:99::1',
    ]
    for (const command of harm) {
      await nodes[0].sh(command)
      // Where one thing hangs on another the second look may be needed.
      expect(`${command}: ${await networks[0]!.order('sync')}`).toBe(`${command}: done`)
      expect(await lab.snapshot(nodes[0]), command).toBe(right)
    }
    const watch = await nodes[0].exec.spawn('ip', ['monitor', 'link', 'address', 'route'])
    let changes = ''
    watch.stdout!.on('data', chunk => { changes += String(chunk) })
    expect(await networks[0]!.order('sync')).toBe('done')
    await nodes[0].sh('ip route add 192.0.2.99/32 dev lo; ip route del 192.0.2.99/32')
    await expect.poll(() => changes, { timeout: 20_000 }).toContain('Deleted 192.0.2.99')
    watch.kill()
    await watch.exited
    expect(changes.split('\n').filter(line => line && !line.includes('192.0.2.99'))).toEqual([])
    await meet(pods)
  })

  test('a node that comes back at another address, a node that leaves', async () => {
    await nodes[2].sh('ip address del 10.99.1.13/24 dev eth0; ip address add 10.99.1.33/24 dev eth0; ip route replace default via 10.99.1.1')
    await nodes[1].sh('ip address del 10.99.0.12/24 dev eth0; ip address add 10.99.0.32/24 dev eth0; ip route replace default via 10.99.0.1')
    const moved = [lab.peer(nodes[0]), { ...lab.peer(nodes[1]), addresses: ['10.99.0.32', 'fd00:99::12'] }, { ...lab.peer(nodes[2]), addresses: ['10.99.1.33', 'fd00:99:1::13'] }]
    for (const [n, network] of networks.entries()) expect(await network.order(moved.filter((_, other) => other !== n))).toBe('done')
    await meet(pods)
    expect(await nodes[0].sh('bridge fdb show dev k8ts-vxlan')).toBe('0a:58:0a:f4:03:00 dst 10.99.1.33 self permanent\n')
    expect(await networks[0]!.order([moved[1]!])).toBe('done')
    expect(await nodes[0].sh('ip route; ip -6 route; bridge fdb show dev k8ts-vxlan; ip neighbour show nud permanent')).not.toMatch(/10\.244\.3|fd00:244:3|0a:58:0a:f4:03/)
    expect(await networks[0]!.order([moved[1]!, moved[2]!])).toBe('done')
    await meet(pods)
    await nodes[2].sh('ip address del 10.99.1.33/24 dev eth0; ip address add 10.99.1.13/24 dev eth0; ip route replace default via 10.99.1.1')
    await nodes[1].sh('ip address del 10.99.0.32/24 dev eth0; ip address add 10.99.0.12/24 dev eth0; ip route replace default via 10.99.0.1')
  })

  test('clean-up leaves every node as it was', async () => {
    for (const network of networks) expect(await network.order('cleanup')).toBe('done')
    expect(await snapshots()).toEqual(before)
  })
  /** Each pod asks each other one who is there, and the world who came. */
  const meet = async (all: readonly Pod[]): Promise<void> => {
    const servers = await Promise.all([...all, lab.outside].flatMap(where => ['TCP4', 'TCP6'].map(tcp => where.exec.spawn('socat', [`${tcp}-LISTEN:80,reuseaddr,fork${tcp === 'TCP6' ? ',ipv6only=1' : ''}`, 'SYSTEM:echo $SOCAT_PEERADDR']))))
    const ask = async (from: Pod, to: string): Promise<string> => (await from.sh(`socat -t10 -T10 - TCP:${to.includes(':') ? `[${to}]` : to}:80,retry=100,interval=0.1 </dev/null`)).trim()
    try {
      for (const from of all) {
        for (const to of all) {
          if (from === to) continue
          expect(await ask(from, to.addresses[0]!)).toBe(from.addresses[0])
          expect(plain(await ask(from, to.addresses[1]!))).toBe(from.addresses[1])
        }
        const seen = await ask(from, '10.99.0.1')
        expect(await from.node.sh('ip -4 -o address show dev eth0')).toContain(` ${seen}/24`)
        expect(plain(await ask(from, 'fd00:99::1'))).toBe(from.node.addresses[1])
      }
    } finally {
      for (const server of servers) server.kill()
      await Promise.all(servers.map(server => server.exited))
    }
  }
})

/** `[fd00:0244:…]` as socat writes it, in the short form. */
const plain = (address: string): string => new URL(`http://[${address.replace(/[[\]]/g, '')}]`).hostname.slice(1, -1)

/** Of both ends of its pair. */
const setMtu = async (pod: Pod, mtu: number): Promise<void> => {
  const [{ link_index: index }] = JSON.parse(await pod.sh('ip -j link show dev eth0')) as [{ link_index: number }]
  const all = JSON.parse(await pod.node.sh('ip -j link show')) as { ifindex: number; ifname: string }[]
  await pod.node.sh(`ip link set ${all.find(({ ifindex }) => ifindex === index)!.ifname} mtu ${mtu}`)
  await pod.sh(`ip link set eth0 mtu ${mtu}`)
}

/** 20 MB from one pod to another; the sums must agree. */
const transfer = async (from: Pod, to: Pod): Promise<void> => {
  const data = 'head -c 20000000 /dev/zero | openssl enc -aes-128-ctr -pass pass:x -nosalt 2>/dev/null'
  const receiver = to.exec.run('sh', ['-c', 'socat -u TCP4-LISTEN:9000,reuseaddr - | sha256sum'], { timeoutMs: 60_000 })
  await from.exec.run('sh', ['-c', `${data} | socat -u - TCP:${to.addresses[0]}:9000,retry=100,interval=0.1`], { timeoutMs: 60_000 })
  expect((await receiver).stdout).toBe((await from.exec.run('sh', ['-c', `${data} | sha256sum`])).stdout)
}
