import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { installCni } from '../../cni/install.ts'
import { supportedVersions } from '../../cni/spec.ts'
import { createNetworkLab, type NetworkLab } from '../../cni/testing/network-lab.ts'
import { namespacesUnavailable, type TestNamespace } from '../../host/testing/namespaces.ts'
import { createRunner, type NetworkList, type Runner } from './cni-runner.ts'

const go = '/usr/lib/cni'
const skip = namespacesUnavailable() ?? (existsSync(`${go}/bridge`) ? undefined : `needs ${go}/bridge (containernetworking-plugins)`)

/** The executable by itself, called as libcni calls plugins, alone and in a row with those of the CNI project. */
describe.skipIf(skip)(`the plugin among others${skip ? ` (${skip})` : ''}`, { timeout: 120_000 }, () => {
  let lab: NetworkLab
  let runner: Runner
  let pods: TestNamespace[]
  let before: string
  let idle: string
  const ours = () => ({ type: 'k8ts', subnets: ['10.244.1.0/24', 'fd00:244:1::/64'], clusterCIDRs: ['10.244.0.0/16', 'fd00:244::/48'], dataDir: join(lab.dir, 'data'), rules: 'nftables' })
  const bridge = () => ({
    type: 'bridge', bridge: 'go0', isGateway: true, ipMasq: false,
    ipam: { type: 'host-local', ranges: [[{ subnet: '10.88.0.0/24' }], [{ subnet: 'fd00:88::/64' }]], routes: [{ dst: '0.0.0.0/0', gw: '10.88.0.1' }, { dst: '::/0', gw: 'fd00:88::1' }], dataDir: join(lab.dir, 'go') },
  })
  const list = (cniVersion: string, ...plugins: NetworkList['plugins']): NetworkList => ({ cniVersion, name: 'chain', plugins })

  let made = 0
  const makePods = async () => { pods = [await lab.namespaces.create(`p${++made}`), await lab.namespaces.create(`p${++made}`)] }

  beforeAll(async () => {
    lab = await createNetworkLab('conform')
    const binDir = join(lab.dir, 'bin')
    await installCni({ ...lab.host.files }, { binDir, socket: join(lab.dir, 'nobody.sock'), nodePath: process.execPath, mainPath: join(import.meta.dirname, '../../cni/main.ts') })
    await mkdir(join(lab.dir, 'go'))
    runner = createRunner(lab.node.exec, [binDir, go])
    await makePods()
    before = await lab.snapshot()
    // Bridge and masquerade belong to the network and stay; so do the empty chains of tools that others use.
    for (const type of [ours(), bridge()]) {
      const result = await runner.add(list('1.0.0', type), { id: 'first', netns: pods[0]!.path })
      await runner.del(list('1.0.0', type), { id: 'first', netns: pods[0]!.path }, result)
    }
    idle = await lab.snapshot()
  }, 120_000)
  afterAll(() => lab?.close())
  beforeEach(makePods)
  afterEach(async () => {
    for (const pod of pods) expect(await pod.sh('ip -o link | wc -l')).toBe('1\n')
  })

  test.each(supportedVersions.filter(version => version !== '1.1.0'))('a result of version %s looks like that of the bridge plugin', async cniVersion => {
    const shapes = []
    for (const [n, plugin] of [ours(), bridge()].entries()) {
      const result = await runner.add(list(cniVersion, plugin), { id: 'shape', netns: pods[n]!.path })
      shapes.push(shapeOf(result))
      await runner.del(list(cniVersion, plugin), { id: 'shape', netns: pods[n]!.path }, result)
    }
    expect(shapes[0]).toEqual(shapes[1])
    expect(await lab.snapshot()).toBe(idle)
  })

  test.each(['0.4.0', '1.0.0'])('before portmap, bandwidth, tuning and firewall, in version %s', async cniVersion => {
    const chain = list(cniVersion, ours(),
      { type: 'portmap', capabilities: { portMappings: true }, snat: true },
      { type: 'bandwidth', ingressRate: 1_000_000_000, ingressBurst: 1_000_000_000, egressRate: 1_000_000_000, egressBurst: 1_000_000_000 },
      { type: 'tuning', sysctl: { 'net.ipv4.conf.eth0.arp_filter': '1' } },
      { type: 'firewall', backend: 'iptables' })
    const pod = { id: 'chained', netns: pods[0]!.path, runtimeConfig: { portMappings: [{ hostPort: 8088, containerPort: 80, protocol: 'tcp' }] } }
    const result = await runner.add(chain, pod)
    const address = (result['ips'] as { address: string }[])[0]!.address.split('/')[0]!
    const server = await pods[0]!.exec.spawn('socat', ['TCP-LISTEN:80,reuseaddr,fork', 'SYSTEM:echo hello'])
    try {
      const ask = (to: string) => lab.outside.sh(`socat -t10 -T10 - TCP:${to},retry=100,interval=0.1 </dev/null`)
      expect(await ask('192.0.2.2:8088')).toBe('hello\n')
      await lab.node.sh(`ping -c1 -W5 ${address}`)
      // portmap 1.1.1 looks for the rules of IPv4 among those of IPv6, and fails a CHECK wherever there is ip6tables.
      await runner.check({ ...chain, plugins: chain.plugins.filter(({ type }) => type !== 'portmap') }, pod, result)
      expect((await pods[0]!.sh('cat /proc/sys/net/ipv4/conf/eth0/arp_filter')).trim()).toBe('1')
    } finally {
      server.kill()
      await server.exited
    }
    await runner.del(chain, pod, result)
    await runner.del(chain, pod, result)
    expect(await lab.node.sh('ip -o link')).not.toMatch(/veth|bwp/)
    expect(await lab.node.sh('iptables-save')).not.toContain(address)
  })

  test('behind another: its result comes first, and ours counts on', async () => {
    const chain = list('1.0.0', { type: 'loopback' }, ours())
    const pod = { id: 'behind', netns: pods[0]!.path }
    const result = await runner.add(chain, pod)
    expect(result).toMatchObject({ interfaces: [{ name: 'lo' }, { name: 'k8ts0' }, { name: expect.stringMatching(/^veth/) }, { name: 'eth0' }] })
    expect((result['ips'] as { address: string; interface: number }[]).filter(({ interface: index }) => index === 3)).toHaveLength(2)
    await runner.check(chain, pod, result)
    await runner.del(chain, pod, result)
    await pods[0]!.sh('ip link set lo up')
  })

  test('beside another network in the same pod, under another name of link', async () => {
    const second = { ...list('1.0.0', { ...ours(), bridge: 'second0', subnets: ['10.77.0.0/24'] }), name: 'second' }
    const results = [await runner.add(list('1.0.0', ours()), { id: 'two', netns: pods[0]!.path })]
    await pods[0]!.sh('ip route del default; ip -6 route del default')
    results.push(await runner.add(second, { id: 'two', netns: pods[0]!.path, ifname: 'net1' }))
    expect(await pods[0]!.sh('ip -o -4 address')).toMatch(/eth0 +inet 10\.244\.1\.\d+[^]*net1 +inet 10\.77\.0\.2/)
    await runner.del(second, { id: 'two', netns: pods[0]!.path, ifname: 'net1' }, results[1]!)
    await runner.del(list('1.0.0', ours()), { id: 'two', netns: pods[0]!.path }, results[0]!)
    await lab.node.sh('ip link del second0; nft delete table ip k8ts-cni-second')
  })

  test('GC and STATUS in version 1.1.0; VERSION repeats the version it is asked in', async () => {
    const pod = { id: 'gc', netns: pods[0]!.path }
    const chain = list('1.1.0', ours())
    await runner.add(chain, pod)
    expect(await runner.call('STATUS', chain, {})).toMatchObject({ code: 0, output: '' })
    expect(await runner.call('GC', chain, {}, { 'cni.dev/valid-attachments': [] })).toMatchObject({ code: 0, output: '' })
    for (const asked of ['0.2.0', '1.1.0', '9.9.9']) {
      const { output } = await runner.call('VERSION', list(asked, ours()), {})
      expect(JSON.parse(output)).toEqual({ cniVersion: asked, supportedVersions: [...supportedVersions] })
    }
    expect(JSON.parse((await runner.call('ADD', list('9.9.9', ours()), pod)).output)).toMatchObject({ code: 1, msg: 'incompatible CNI versions' })
  })

  test('nothing is left in the end but what the networks are', async () => {
    await lab.node.sh('nft delete table ip k8ts-cni-chain; nft delete table ip6 k8ts-cni-chain; ip link del k8ts0; ip link del go0')
    await lab.node.sh('for t in iptables ip6tables; do $t -t nat -F; $t -t nat -X; $t -F; $t -X; done; nft flush ruleset')
    expect(await lab.snapshot()).toBe(before)
  })
})

/** Keys and types all the way down; of a list the kinds of entries it has. */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return [...new Set(value.map(entry => JSON.stringify(shapeOf(entry))))].sort()
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).sort().map(([key, entry]) => [key, shapeOf(entry)]))
}
