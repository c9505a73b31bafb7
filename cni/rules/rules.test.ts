import { describe, expect, test } from 'vitest'
import { parseSubnet } from '../addresses.ts'
import type { NetworkState } from '../ipam.ts'
import { desiredRules } from './desired-rules.ts'
import { chainName, renderIptables, renderRemoval } from './iptables-rules.ts'
import { renderNft } from './nft-rules.ts'

const config = { name: 'k8ts', subnets: [parseSubnet('10.244.1.0/24')!], ipMasq: true, clusterCIDRs: [parseSubnet('10.244.0.0/16')!, parseSubnet('fd00::/48')!] }
const state: NetworkState = { last: {}, attachments: [
  { containerID: 'a', ifname: 'eth0', netns: '', veth: 'v', addresses: ['10.244.1.2', 'fd00::2'], ports: [{ hostPort: 80, containerPort: 8080, protocol: 'tcp' }, { hostPort: 53, containerPort: 53, protocol: 'udp', hostIP: '192.0.2.1' }] },
  { containerID: 'b', ifname: 'eth0', netns: '', veth: 'w', addresses: ['10.244.1.3'], pending: true, ports: [{ hostPort: 81, containerPort: 81, protocol: 'tcp' }] },
] }

describe('the rules that state asks for', () => {
  const rules = desiredRules(config, state)
  test('host ports of the pods that are there, in the families there are', () => {
    expect(rules.families).toEqual([{
      family: 'IPv4', subnet: '10.244.1.0/24', masquerade: true, direct: ['10.244.1.0/24', '10.244.0.0/16', '224.0.0.0/4', '255.255.255.255/32'],
      hostPorts: [
        { protocol: 'tcp', hostIP: undefined, hostPort: 80, address: '10.244.1.2', port: 8080 },
        { protocol: 'udp', hostIP: '192.0.2.1', hostPort: 53, address: '10.244.1.2', port: 53 },
      ],
    }])
  })
  test('as nftables: replaced whole, and the other family removed', () => {
    const text = renderNft(rules)
    expect(text).toMatch(/^table ip k8ts-cni-k8ts\ndelete table ip k8ts-cni-k8ts\ntable ip k8ts-cni-k8ts \{/)
    expect(text).toContain('elements = { tcp . 80 : 10.244.1.2 . 8080 }')
    expect(text).toContain('elements = { 192.0.2.1 . udp . 53 : 10.244.1.2 . 53 }')
    expect(text).toContain('ip saddr 10.244.1.0/24 ip daddr != { 10.244.1.0/24, 10.244.0.0/16, 224.0.0.0/4, 255.255.255.255/32 } masquerade')
    expect(text).toMatch(/table ip6 k8ts-cni-k8ts\ndelete table ip6 k8ts-cni-k8ts\n$/)
  })
  test('without host ports nothing is hooked but the masquerade', () => {
    const text = renderNft(desiredRules(config, { last: {}, attachments: [] }))
    expect(text).not.toContain('prerouting')
    expect(renderNft(desiredRules({ ...config, ipMasq: false }, { last: {}, attachments: [] }))).not.toContain('masquerade')
  })
  test('as iptables: only the jumps that are missing, and all of it goes again', () => {
    const [family] = rules.families
    const first = renderIptables('k8ts', family!, '')
    expect(first.match(/^-A (PREROUTING|OUTPUT|POSTROUTING)/gm)).toHaveLength(3)
    expect(renderIptables('k8ts', family!, first).match(/^-A (PREROUTING|OUTPUT|POSTROUTING)/gm)).toBeNull()
    const removal = renderRemoval('k8ts', first)
    expect(removal.match(/^-D/gm)).toHaveLength(3)
    expect(removal).toContain(`-X ${chainName('k8ts', 'DNAT')}`)
    expect(renderRemoval('k8ts', '*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n')).toBe('')
    expect(chainName('a-network-with-quite-a-long-name', 'DNAT').length).toBeLessThanOrEqual(28)
  })
})
