import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createExec } from '../host/exec.ts'
import { openIpLinks } from '../host/ip-links.ts'
import { openNetlinkLinks } from '../host/netlink/netlink-links.ts'
import { namespacesUnavailable, type TestNamespace } from '../host/testing/namespaces.ts'
import { createPlugin, type CniPlugin } from './plugin.ts'
import { call, createNetworkLab, json, type Call, type NetworkLab } from './testing/network-lab.ts'

const skip = namespacesUnavailable()
const variants = [
  { rules: 'nftables', open: openNetlinkLinks, by: 'rtnetlink' },
  { rules: 'iptables', open: openIpLinks({ exec: createExec() }), by: 'ip' },
] as const

describe.skipIf(skip).each(variants)(`the plugin with $rules and $by${skip ? ` (${skip})` : ''}`, ({ rules, open }) => {
  let lab: NetworkLab
  let plugin: CniPlugin
  let pods: TestNamespace[]
  const config = (more: Record<string, unknown> = {}) => ({
    cniVersion: '1.1.0', name: 'pods', type: 'k8ts', subnets: ['10.244.1.0/24', 'fd00:244:1::/64'], clusterCIDRs: ['10.244.0.0/16', 'fd00:244::/48'],
    dataDir: lab.dir, rules, ...more,
  })
  const run = (command: string, pod: number, more: Call & { config?: Record<string, unknown> } = {}) =>
    plugin.handle(call(command, { containerID: `pod-${pod}`, netns: pods[pod]!.path, ...more, config: config(more.config) }))
  const add = async (pod: number, more?: Record<string, unknown>): Promise<string> => {
    const reply = await run('ADD', pod, more ? { config: more } : {})
    expect(reply).toMatchObject({ exitCode: 0 })
    return (json(reply)['ips'] as { address: string }[])[0]!.address.split('/')[0]!
  }
  const serve = (where: TestNamespace, script: string) => where.exec.spawn('sh', ['-c', `exec ${script}`])
  const portMappings = (list: object[]) => ({ runtimeConfig: { portMappings: list } })

  beforeAll(async () => {
    lab = await createNetworkLab(`cni-${rules}`, { openLinks: open })
    pods = [await lab.namespaces.create('p0'), await lab.namespaces.create('p1')]
  })
  afterAll(() => lab.close())
  beforeEach(() => { plugin = createPlugin(lab.host) })
  afterEach(async () => {
    for (const pod of [0, 1]) expect(await run('DEL', pod)).toEqual({ exitCode: 0, output: '' })
    await plugin.close()
  })

  test('answers ADD with the result of the version asked for', async () => {
    expect(json(await run('ADD', 0))).toEqual({
      cniVersion: '1.1.0',
      interfaces: [
        { name: 'k8ts0', mac: '0a:58:0a:f4:01:01', mtu: 1500 },
        { name: expect.stringMatching(/^veth[0-9a-f]{11}$/), mac: expect.any(String), mtu: 1500 },
        { name: 'eth0', mac: '0a:58:0a:f4:01:02', mtu: 1500, sandbox: pods[0]!.path },
      ],
      ips: [{ interface: 2, address: '10.244.1.2/24', gateway: '10.244.1.1' }, { interface: 2, address: 'fd00:244:1::2/64', gateway: 'fd00:244:1::1' }],
      routes: [{ dst: '0.0.0.0/0', gw: '10.244.1.1' }, { dst: '::/0', gw: 'fd00:244:1::1' }],
      dns: {},
    })
    const old = json(await run('ADD', 1, { config: { cniVersion: '0.3.1' } }))
    expect(old).toMatchObject({ cniVersion: '0.3.1', ips: [{ version: '4', address: '10.244.1.3/24' }, { version: '6' }] })
    expect(JSON.stringify(old)).not.toContain('mtu')
  })

  test('pods reach each other, the node and the world; the world sees the node', async () => {
    const [a, b] = [await add(0), await add(1)]
    await pods[0]!.sh(`busybox ping -c1 -W2 ${b}; busybox ping -c1 -W2 10.244.1.1; busybox ping -c1 -W2 192.0.2.2; busybox ping -c1 -W2 fd00:2::1`)
    await lab.node.sh(`busybox ping -c1 -W2 ${a}`)
    const server = await serve(pods[1]!, 'socat TCP-LISTEN:80,reuseaddr,fork SYSTEM:\'echo $SOCAT_PEERADDR\'')
    const world = await serve(lab.outside, 'socat TCP-LISTEN:80,reuseaddr,fork SYSTEM:\'echo $SOCAT_PEERADDR\'')
    try {
      const ask = (where: TestNamespace, to: string) => where.sh(`socat -t10 -T10 - TCP:${to}:80,retry=20,interval=0.05 </dev/null`)
      expect(await ask(pods[0]!, b)).toBe(`${a}\n`)
      expect(await ask(lab.node, b)).toBe('10.244.1.1\n')
      expect(await ask(pods[0]!, '192.0.2.1')).toBe('192.0.2.2\n')
      // A destination in the cluster keeps the pod's address, also outside this node.
      await lab.outside.sh('ip address add 10.244.9.9/32 dev lo; ip route replace 10.244.1.0/24 via 192.0.2.2')
      expect(await ask(pods[0]!, '10.244.9.9')).toBe(`${a}\n`)
    } finally {
      server.kill()
      world.kill()
    }
  })

  test('host ports: TCP and UDP, from outside, from the node, from pods, even from itself', async () => {
    const pod = await add(0, portMappings([
      { hostPort: 8080, containerPort: 80, protocol: 'tcp' }, { hostPort: 5353, containerPort: 53, protocol: 'UDP', hostIP: '' },
      { hostPort: 9090, containerPort: 80, protocol: 'tcp', hostIP: '192.0.2.2' }, { hostPort: 8086, containerPort: 80, protocol: 'tcp', hostIP: 'fd00:2::2' },
    ]))
    await add(1)
    const servers = await Promise.all([
      serve(pods[0]!, 'socat TCP-LISTEN:80,reuseaddr,fork SYSTEM:\'echo tcp $SOCAT_PEERADDR\''),
      serve(pods[0]!, 'socat UDP-RECVFROM:53,reuseaddr,fork SYSTEM:\'echo udp\''),
      serve(pods[0]!, 'socat TCP6-LISTEN:80,ipv6only=1,reuseaddr,fork SYSTEM:\'echo six\''),
    ])
    try {
      const tcp = (where: TestNamespace, to: string) => where.sh(`socat -t10 -T10 - TCP:${to},retry=20,interval=0.05 </dev/null`)
      expect(await tcp(lab.outside, '192.0.2.2:8080')).toBe('tcp 192.0.2.1\n')
      expect(await tcp(lab.outside, '192.0.2.2:9090')).toBe('tcp 192.0.2.1\n')
      expect(await tcp(lab.node, '192.0.2.2:8080')).toMatch(/^tcp/)
      expect(await tcp(pods[1]!, '192.0.2.2:8080')).toMatch(/^tcp/)
      expect(await tcp(pods[0]!, '192.0.2.2:8080')).toMatch(/^tcp/)
      // An address of IPv6 has only what was asked for there, or everywhere.
      for (const [where, port] of [[lab.outside, 8080], [lab.outside, 8086], [lab.node, 8086], [pods[1]!, 8086], [pods[0]!, 8086]] as const) expect(await tcp(where, `[fd00:2::2]:${port}`)).toBe('six\n')
      await expect(lab.outside.sh('socat -T1 - TCP:192.0.2.2:8086,connect-timeout=1 </dev/null')).rejects.toThrow('refused')
      await expect(lab.outside.sh('socat -T1 - TCP:[fd00:2::2]:9090,connect-timeout=1 </dev/null')).rejects.toThrow('refused')
      await expect(lab.node.sh('socat -T1 - TCP:127.0.0.1:8080,connect-timeout=1 </dev/null')).rejects.toThrow('refused')
      await expect.poll(() => lab.outside.sh('echo hi | socat -t0.3 - UDP:192.0.2.2:5353'), { timeout: 10_000 }).toBe('udp\n')
      // A flow to a pod that is gone does not outlive it.
      expect(await run('DEL', 0)).toMatchObject({ exitCode: 0 })
      expect(await lab.node.sh('conntrack -L -p udp 2>/dev/null')).not.toContain(pod)
      await expect(lab.outside.sh('socat -T1 - TCP:192.0.2.2:8080,connect-timeout=1 </dev/null')).rejects.toThrow('refused')
    } finally {
      for (const server of servers) server.kill()
      await Promise.all(servers.map(server => server.exited))
    }
  })

  test('a port that a Service claims is the Service’s, whoever came first', async () => {
    const [a, b] = [await add(0, portMappings([{ hostPort: 30080, containerPort: 81 }])), await add(1)]
    const claim = rules === 'nftables'
      ? `nft 'table ip a-service { chain prerouting { type nat hook prerouting priority dstnat; tcp dport 30080 dnat to ${b}:81; }; }'`
      : `iptables-nft -t nat -I PREROUTING -p tcp --dport 30080 -j DNAT --to-destination ${b}:81`
    const release = rules === 'nftables' ? 'nft delete table ip a-service' : `iptables-nft -t nat -D PREROUTING -p tcp --dport 30080 -j DNAT --to-destination ${b}:81`
    const servers = await Promise.all([serve(pods[0]!, 'socat TCP-LISTEN:81,reuseaddr,fork SYSTEM:\'echo host port\''), serve(pods[1]!, 'socat TCP-LISTEN:81,reuseaddr,fork SYSTEM:\'echo service\'')])
    const ask = () => lab.outside.sh('socat -t10 -T10 - TCP:192.0.2.2:30080,retry=20,interval=0.1 </dev/null')
    try {
      expect(await ask()).toBe('host port\n')
      await lab.node.sh(claim)
      expect(await ask()).toBe('service\n')
      // Written anew, last of all.
      await run('DEL', 0)
      await add(0, portMappings([{ hostPort: 30080, containerPort: 81 }]))
      expect(await ask()).toBe('service\n')
      await lab.node.sh(release)
      expect(await ask()).toBe('host port\n')
      expect(a).not.toBe(b)
    } finally {
      for (const server of servers) server.kill()
      await Promise.all(servers.map(server => server.exited))
    }
  })

  test('a host port that another pod has is refused, and nothing stays behind', async () => {
    await add(0, portMappings([{ hostPort: 8080, containerPort: 80 }]))
    const before = await lab.snapshot()
    expect(json(await run('ADD', 1, { config: portMappings([{ hostPort: 8080, containerPort: 80, hostIP: '192.0.2.2' }]) }))).toMatchObject({ code: 102, msg: 'host port tcp 8080 is taken' })
    expect(await lab.snapshot()).toBe(before)
    await add(1, portMappings([{ hostPort: 8080, containerPort: 80, protocol: 'udp' }]))
  })

  test('DEL leaves everything as it was, also repeated, also without namespace', async () => {
    await add(1)
    const before = await lab.snapshot()
    for (const netns of [pods[0]!.path, '', '/run/netns/gone']) {
      await add(0, portMappings([{ hostPort: 8080, containerPort: 80 }]))
      expect(await run('DEL', 0, { netns })).toEqual({ exitCode: 0, output: '' })
      expect(await run('DEL', 0, { netns })).toEqual({ exitCode: 0, output: '' })
      expect(await lab.snapshot()).toBe(before)
      expect(await pods[0]!.sh('ip -o link | wc -l')).toBe('1\n')
    }
  })

  test('a second ADD is an error and harms nothing', async () => {
    const address = await add(0)
    expect(json(await run('ADD', 0))).toMatchObject({ code: 101, details: expect.stringContaining(address) })
    expect(json(await plugin.handle(call('ADD', { containerID: 'other', netns: pods[0]!.path, config: config() })))).toMatchObject({ code: 101, msg: 'container other already has a link eth0' })
    await pods[0]!.sh('busybox ping -c1 -W2 10.244.1.1')
    await plugin.handle(call('DEL', { containerID: 'other', config: config() }))
    await pods[0]!.sh('busybox ping -c1 -W2 10.244.1.1')
  })

  test('CHECK finds what is missing', async () => {
    const mapped = portMappings([{ hostPort: 8080, containerPort: 80 }])
    const prevResult = json(await run('ADD', 0, { config: mapped }))
    const check = () => run('CHECK', 0, { config: { ...mapped, prevResult } })
    const complaint = async () => json(await check())['msg']
    expect(await check()).toEqual({ exitCode: 0, output: '' })
    await pods[0]!.sh('ip route del default')
    expect(await complaint()).toBe('route to 0.0.0.0/0 is missing in the pod')
    await pods[0]!.sh('ip route add default via 10.244.1.1; ip address del 10.244.1.0/24 dev eth0 2>/dev/null || ip address flush dev eth0 scope global; ip -6 route add default via fd00:244:1::1 2>/dev/null || true')
    expect(await complaint()).toMatch(/^address 10\.244\.1\.\d+\/24 is missing on eth0$/)
    await lab.node.sh(rules === 'nftables' ? 'nft delete table ip k8ts-cni-pods' : 'iptables-nft -t nat -F')
    expect(await complaint()).toMatch(/is missing|does not lead/)
    await lab.node.sh('ip link set k8ts0 down')
    expect(await complaint()).toBe('bridge k8ts0 is down')
    expect(json(await run('CHECK', 1, { config: { prevResult } }))).toMatchObject({ code: 3 })
    expect(json(await run('CHECK', 0))).toMatchObject({ code: 7, msg: 'CHECK needs prevResult' })
    plugin.networks.reset()
  })

  test('GC takes away what the runtime does not know; STATUS tells', async () => {
    await add(0)
    await add(1)
    expect(await run('STATUS', 0)).toEqual({ exitCode: 0, output: '' })
    expect(await run('GC', 0, { config: { 'cni.dev/valid-attachments': [{ containerID: 'pod-1', ifname: 'eth0' }] } })).toEqual({ exitCode: 0, output: '' })
    expect(await pods[0]!.sh('ip -o link | wc -l')).toBe('1\n')
    await pods[1]!.sh('busybox ping -c1 -W2 10.244.1.1')
    expect(json(await run('GC', 0))).toMatchObject({ code: 7 })
    expect(json(await run('STATUS', 0, { config: { subnets: [] } }))).toMatchObject({ code: 50, msg: 'network pods has no subnet yet' })
    expect(json(await run('ADD', 0, { config: { subnets: [] } }))).toMatchObject({ code: 11 })
    await lab.node.sh('ip link set k8ts0 down')
    expect(json(await run('STATUS', 0))).toMatchObject({ code: 51 })
    expect(json(await run('STATUS', 0, { config: { cniVersion: '1.0.0' } }))).toMatchObject({ code: 1 })
  })

  test('a full subnet says so, and takes pods again once one has left', async () => {
    const small = { name: 'small', bridge: 'small0', subnets: ['10.99.0.0/30'] }
    expect((await run('ADD', 0, { config: small })).exitCode).toBe(0)
    expect(json(await run('ADD', 1, { config: small }))).toMatchObject({ code: 100, msg: 'no free address in 10.99.0.0/30' })
    expect(json(await run('STATUS', 1, { config: small }))).toMatchObject({ code: 50 })
    expect((await run('DEL', 0, { config: small })).exitCode).toBe(0)
    expect((await run('ADD', 1, { config: small })).exitCode).toBe(0)
    expect((await run('DEL', 1, { config: small })).exitCode).toBe(0)
    await lab.node.sh('ip link del small0')
    await (await plugin.networks.writer({ rules })).cleanup('small')
  })

  test('32 pods at once, each with an address of its own', async () => {
    const many = await Promise.all(Array.from({ length: 32 }, (_, n) => lab.namespaces.create(`m${n}`)))
    await add(0)
    const before = await lab.snapshot()
    const replies = await Promise.all(many.map((pod, n) => plugin.handle(call('ADD', { containerID: `many-${n}`, netns: pod.path, config: config() }))))
    expect(replies.filter(reply => reply.exitCode !== 0)).toEqual([])
    expect(new Set(replies.map(reply => JSON.stringify(json(reply)['ips']))).size).toBe(32)
    await Promise.all([many[0]!, many[31]!].map(pod => pod.sh('busybox ping -c1 -W2 192.0.2.1')))
    await Promise.all(many.map((_, n) => plugin.handle(call('DEL', { containerID: `many-${n}`, config: config() }))))
    expect(await lab.snapshot()).toBe(before)
  })

  test('an ADD that fails in the middle takes back every step', async () => {
    await add(1)
    const before = await lab.snapshot()
    await pods[0]!.sh('ip link add eth0 type bridge')
    expect(json(await run('ADD', 0, { config: portMappings([{ hostPort: 8080, containerPort: 80 }]) }))).toMatchObject({ code: 101 })
    await pods[0]!.sh('ip link del eth0')
    expect(await lab.snapshot()).toBe(before)
    expect(json(await run('CHECK', 0, { config: { prevResult: {} } }))).toMatchObject({ code: 3 })
  })
})
