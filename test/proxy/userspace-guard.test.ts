import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inNetns } from '../../host/netns.ts'
import type { Family } from '../../proxy/table.ts'
import { iptables, nftables } from './contenders.ts'
import { FlowCluster, type Served } from './flow-cluster.ts'
import { nodeIP, type Place } from './flow-lab.ts'
import { here, unavailableHere } from './here.ts'
import { createUserspaceProcesses } from './userspace-processes.ts'

const listenerIP: Readonly<Record<Family, string>> = { ipv4: '169.254.75.56', ipv6: 'fd6b:3874:7300::1' }
const { families } = here

const kinds = [
  { inner: 'nftables', below: nftables, open: ['nft delete table ip k8ts-proxy-userspace', 'nft delete table ip6 k8ts-proxy-userspace'] },
  { inner: 'iptables', below: iptables('nft'), open: ['iptables-nft -F K8TS-USERSPACE', 'ip6tables-nft -F K8TS-USERSPACE'] },
] as const

describe.skipIf(unavailableHere).for(kinds)(`the listeners of the userspace proxy over $inner${unavailableHere ? ` (skipped: ${unavailableHere})` : ''}`, ({ inner, below, open }) => {
  const processes = createUserspaceProcesses()
  let cluster: FlowCluster
  let web: Served

  beforeAll(async () => {
    cluster = await FlowCluster.start({
      ...below,
      name: `guard-${inner}`,
      create: ({ exec, netns }, options) => processes.backend({ exec, netns }, inner, options),
      ruleset: async (node) => (await node.exec.run('ip', ['address', 'show', 'dev', 'lo'])).stdout + await below.ruleset(node),
    }, here)
    // A neighbour that knows where to look.
    const outside = inNetns(here.exec, cluster.lab.nodes.n1.netns.replace(/n1$/, 'outside'))
    for (const family of families) await outside.run('ip', ['route', 'add', listenerIP[family], 'via', nodeIP('n1', family)])
    web = await cluster.serve('web', { type: 'NodePort', to: ['p1'] })
  })
  afterAll(async () => {
    await cluster?.close()
    await processes.close()
  })

  const ports = async (protocol: 'tcp' | 'udp', family: Family): Promise<number[]> => {
    const { stdout } = await cluster.lab.nodes.n1.exec.run('ss', ['-Hlan', protocol === 'tcp' ? '-t' : '-u', `src ${family === 'ipv6' ? `[${listenerIP[family]}]` : listenerIP[family]}`])
    return stdout.split('\n').filter((line) => /LISTEN|UNCONN/.test(line)).map((line) => Number(/:(\d+)\s/.exec(line)![1]))
  }
  /** What each caller gets at a listener's own port. */
  const direct = async (callers: readonly Place[]): Promise<string[]> => {
    const answers = await Promise.all(families.flatMap((family) => (['tcp', 'udp'] as const).map(async (protocol) => {
      const [port] = await ports(protocol, family)
      expect(port).toBeGreaterThan(0)
      return Promise.all(callers.map(async (from) => `${from} ${protocol} ${family}: ${await cluster.ask({ from, protocol, host: listenerIP[family], port: port! })}`))
    })))
    return answers.flat()
  }
  const all = (callers: readonly Place[], answer: string) => families.flatMap((family) => ['tcp', 'udp'].flatMap((protocol) => callers.map((from) => `${from} ${protocol} ${family}: ${answer}`)))
  const everybody = ['c1', 'n1', 'outside'] as const
  const throughService = () => Promise.all(families.map(async (family) => (await cluster.ask({ from: 'c1', protocol: 'tcp', host: web.ip(family), port: 80 }))[0]))

  test('are found by their ports by nobody: not by a pod, not by the node, not by a neighbour', async () => {
    expect(await direct(everybody)).toEqual(all(everybody, 'ECONNREFUSED'))
    expect(await throughService()).toEqual(families.map(() => 'p1'))
  })

  test('nor are node ports at their address', async () => {
    for (const family of families) expect(await cluster.ask({ from: 'c1', protocol: 'tcp', host: listenerIP[family], port: web.nodePort('TCP') })).toEqual(['ECONNREFUSED'])
  })

  test('are open to all without their guard, which is noticed and mended', async () => {
    for (const script of open) await cluster.lab.nodes.n1.exec.run('sh', ['-ec', script])
    expect(await direct(everybody)).toEqual(all(everybody, 'p1'))
    expect(await cluster.backend('n1').intact()).toBe(false)
    await cluster.apply()
    expect(await cluster.backend('n1').intact()).toBe(true)
    expect(await direct(['c1'])).toEqual(all(['c1'], 'ECONNREFUSED'))
    expect(await throughService()).toEqual(families.map(() => 'p1'))
  })

  test('an agent that was killed leaves rules; the next one opens its own listeners', async () => {
    const before = await ports('tcp', 'ipv4')
    await cluster.restart('n1')
    expect(await ports('tcp', 'ipv4')).not.toEqual(before)
    expect(await throughService()).toEqual(families.map(() => 'p1'))
  })

  test('a process that never opened any takes all away', async () => {
    const node = cluster.lab.nodes.n1
    expect(await cluster.contender.ruleset(node)).not.toBe(cluster.untouched.get('n1'))
    await cluster.contender.create(node, { clusterCIDRs: [], nodePortAddresses: [] }).cleanup()
    expect(await cluster.contender.ruleset(node)).toBe(cluster.untouched.get('n1'))
  })
})
