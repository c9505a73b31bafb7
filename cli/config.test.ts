import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ensureDir } from '../host/files.ts'
import { dnsIPs, firstAddresses } from './addresses.ts'
import { configDefaults, loadConfig, problemsOf, saveConfig, type Config } from './config.ts'
import { layoutUnder } from './layout.ts'
import { listenAt, nodePortNetworks } from './proxy-config.ts'

const config = (over: Partial<Config> = {}): Config => ({ ...configDefaults, ...layoutUnder('/nowhere'), nodeName: 'n1', nodeIP: '192.0.2.1', ...over })

test.for<{ over: Partial<Config>; said: string }>([
  { over: { nodeName: 'Not a name' }, said: 'node name "Not a name" is not a lower-case DNS name' },
  { over: { nodeIP: '300.1.1.1' }, said: 'node address "300.1.1.1" is not an IP address' },
  { over: { apiPort: 70000 }, said: 'apiPort must be between 1 and 65535' },
  { over: { clusterCIDR: '10.0.0.0/99' }, said: 'clusterCIDR "10.0.0.0/99" is not a network like 10.0.0.0/16' },
  { over: { serviceCIDR: '10.0.0.0' }, said: 'serviceCIDR "10.0.0.0" is not a network like 10.0.0.0/16' },
  { over: { proxyMode: 'magic' as 'auto' }, said: 'proxy mode "magic" is not one of auto, nftables, iptables, ipvs, userspace' },
  { over: { nodePortAddresses: ['192.0.2.0/33'] }, said: 'nodePortAddresses ["192.0.2.0/33"] is neither a list of networks like 192.0.2.0/24 nor primary' },
  { over: { nodePortAddresses: ['primary', '192.0.2.0/24'] }, said: 'nodePortAddresses ["primary","192.0.2.0/24"] is neither a list of networks like 192.0.2.0/24 nor primary' },
  { over: { proxySyncPeriod: 0 }, said: 'proxySyncPeriod 0 is not a number of seconds from 1 to 86400' },
  { over: { proxyHealthzBindAddress: '0.0.0.0' }, said: 'proxyHealthzBindAddress "0.0.0.0" is not an address with a port like 0.0.0.0:10256' },
  { over: { proxyHealthzBindAddress: '::1:10256' }, said: 'proxyHealthzBindAddress "::1:10256" is not an address with a port like 0.0.0.0:10256' },
  { over: { podNetwork: 'flannel' as 'auto' }, said: 'podNetwork "flannel" is not one of auto, host-gw, vxlan, none' },
  { over: { cniBinDir: 'bin' }, said: 'cniBinDir "bin" is not an absolute path' },
  { over: { vxlanPort: 0 }, said: 'vxlanPort must be between 1 and 65535' },
  { over: { vxlanVNI: 2 ** 24 }, said: 'vxlanVNI must be between 1 and 16777215' },
  { over: { nodeName: 'a..b' }, said: 'node name "a..b" is not a lower-case DNS name' },
  { over: { nodeName: 42 as unknown as string }, said: 'node name 42 is not a lower-case DNS name' },
  { over: { nodeIP: { toString: 1 } as unknown as string }, said: 'node address {"toString":1} is not an IP address' },
  { over: { kubeletPort: 6443 }, said: 'apiPort, kubeletPort, healthPort, dnsPort must differ' },
  { over: { serviceCIDR: '10.244.8.0/24' }, said: 'clusterCIDR and serviceCIDR overlap' },
  { over: { clusterCIDR: ['10.0.0.0/16'] as unknown as string }, said: 'clusterCIDR ["10.0.0.0/16"] is not a network like 10.0.0.0/16' },
  { over: { clusterCIDR: '10.244.0.0/16,10.245.0.0/16' }, said: 'clusterCIDR "10.244.0.0/16,10.245.0.0/16" must be one network, or one of each family' },
  { over: { nodeIP: '192.0.2.1,192.0.2.2' }, said: 'node address "192.0.2.1,192.0.2.2" must be one address, or one of each family' },
  { over: { nodeIP: 'fd00::1,192.0.2.1' }, said: 'node address fd00::1 must be of the family of the first service network, 10.96.0.0/16' },
  { over: { clusterCIDR: 'fd00:244::/56,10.244.0.0/16' }, said: 'the first networks of clusterCIDR fd00:244::/56,10.244.0.0/16 and serviceCIDR 10.96.0.0/16 must be of one family' },
  { over: { serviceCIDR: '10.96.0.0/16,fd00:96::/112' }, said: 'serviceCIDR 10.96.0.0/16,fd00:96::/112 has a family that clusterCIDR 10.244.0.0/16 has not' },
  { over: { clusterCIDR: '10.244.0.0/16,fd00::/56', serviceCIDR: '10.96.0.0/16,fd00::/112' }, said: 'clusterCIDR and serviceCIDR overlap' },
  { over: { serviceCIDR: '10.96.0.0/30' }, said: 'serviceCIDR 10.96.0.0/30 is too small: it must have room for 16 addresses' },
  { over: { nodeCIDRMaskSizeIPv4: 12 }, said: "a node's share of 10.244.0.0/16 cannot be a /12" },
  { over: { nodeCIDRMaskSizeIPv6: 130 }, said: 'nodeCIDRMaskSizeIPv6 must be between 1 and 128' },
  { over: { serviceNodePortRange: '32767-30000' }, said: 'serviceNodePortRange "32767-30000" is not a range of ports like 30000-32767' },
  { over: { cgroupRoot: '/../../etc' }, said: 'cgroupRoot "/../../etc" is not a path like /pods' },
  { over: { podLogsDir: '/' }, said: 'podLogsDir "/" is not an absolute path' },
  { over: { disableAdmissionPlugins: 'PodSecurity' as never }, said: 'disableAdmissionPlugins "PodSecurity" is not a list of names of admission plugins' },
  { over: { clusterDNS: 'no' as never }, said: 'clusterDNS "no" is not true or false' },
  { over: { dnsPort: 70_000 }, said: 'dnsPort must be between 1 and 65535' },
  { over: { clusterDomain: 'Cluster.local' }, said: 'cluster domain "Cluster.local" is not a lower-case DNS name of at most 48 letters' },
  { over: { clusterDomain: `${'a'.repeat(49)}` }, said: `cluster domain "${'a'.repeat(49)}" is not a lower-case DNS name of at most 48 letters` },
  { over: { containerLogsDir: 'logs' }, said: 'containerLogsDir "logs" is not an absolute path' },
])('refuses by name: $said', ({ over, said }) => expect(problemsOf(config(over))).toEqual([said]))

test.for<Partial<Config>>([
  { clusterCIDR: '10.244.0.0/16,fd00:244::/56', serviceCIDR: '10.96.0.0/16,fd00:96::/112', nodeIP: '192.0.2.1,2001:db8::1' },
  { clusterCIDR: 'fd00:244::/56, 10.244.0.0/16', serviceCIDR: 'fd00:96::/108', nodeIP: '2001:db8::1' },
  { clusterCIDR: '10.244.0.0/16,fd00:244::/56' },
])('takes networks of either family, in either order: $clusterCIDR', (over) => expect(problemsOf(config(over))).toEqual([]))

test('what was saved is read again; nothing saved is nothing, half a file is an error that names it', async () => {
  const layout = layoutUnder(await mkdtemp(join(tmpdir(), 'k8ts-config-')))
  try {
    expect(await loadConfig(layout)).toBeUndefined()
    await ensureDir(layout.dataDir)
    const saved = config({ ...layout, nodeName: 'n2' })
    await saveConfig(saved)
    expect(await loadConfig(layout)).toEqual(saved)
    expect(await saveConfig((await loadConfig(layout))!)).toBe(false)
    await writeFile(join(layout.dataDir, 'config.json'), '{"nodeName": "n')
    await expect(loadConfig(layout)).rejects.toThrow(`Cannot read ${join(layout.dataDir, 'config.json')}: it is not a JSON object`)
    for (const text of ['null', '[]', '"x"', '']) {
      await writeFile(join(layout.dataDir, 'config.json'), text)
      await expect(loadConfig(layout)).rejects.toThrow('it is not a JSON object')
    }
    await writeFile(join(layout.dataDir, 'config.json'), '{"nodeName": "n3", "nodeIP": "192.0.2.1", "dataDir": "/etc", "__proto__": {"apiPort": 1}, "unknown": true}')
    expect(await loadConfig(layout)).toEqual(config({ ...layout, nodeName: 'n3' }))
  } finally {
    await rm(join(layout.dataDir, '..'), { recursive: true, force: true })
  }
})

test('the first addresses of a service network', () => {
  expect(firstAddresses('10.96.0.0/16')).toEqual({ apiserver: '10.96.0.1', dns: '10.96.0.10' })
  expect(firstAddresses('10.43.255.250/24')).toEqual({ apiserver: '10.43.255.1', dns: '10.43.255.10' })
  expect(firstAddresses('fd00:96::/112')).toEqual({ apiserver: 'fd00:96::1', dns: 'fd00:96::a' })
  expect(dnsIPs({ serviceCIDR: 'fd00:96::/112, 10.96.0.0/16' })).toEqual(['fd00:96::a', '10.96.0.10'])
})

test('node ports answer at the networks that were named, or where others reach the node', () => {
  expect(nodePortNetworks(config())).toEqual([])
  expect(nodePortNetworks(config({ nodePortAddresses: ['192.0.2.7/24', 'fd00:0::1/64'] }))).toEqual(['192.0.2.0/24', 'fd00::/64'])
  expect(nodePortNetworks(config({ nodePortAddresses: ['primary'], nodeIP: '192.0.2.1,fd00::1' }))).toEqual(['192.0.2.1/32', 'fd00::1/128'])
})

test('the proxy answers for its health at one address, or at all, or nowhere', () => {
  expect(['0.0.0.0:10256', '[::]:10256', '127.0.0.1:1', '[2001:db8::1]:65535'].map(listenAt))
    .toEqual([{ port: 10256 }, { port: 10256 }, { address: '127.0.0.1', port: 1 }, { address: '2001:db8::1', port: 65535 }])
  expect(['10256', '127.0.0.1:0', '127.0.0.1:65536', '[127.0.0.1]:1', 'localhost:1', '[::1', ''].map(listenAt)).toEqual(Array.from({ length: 7 }))
  expect(problemsOf(config({ proxyHealthzBindAddress: '' }))).toEqual([])
})
