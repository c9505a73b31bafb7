import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ensureDir } from '../host/files.ts'
import { firstAddresses } from './addresses.ts'
import { configDefaults, loadConfig, problemsOf, saveConfig, type Config } from './config.ts'
import { layoutUnder } from './layout.ts'

const config = (over: Partial<Config> = {}): Config => ({ ...configDefaults, ...layoutUnder('/nowhere'), nodeName: 'n1', nodeIP: '192.0.2.1', ...over })

test.for<{ over: Partial<Config>; said: string }>([
  { over: { nodeName: 'Not a name' }, said: 'node name "Not a name" is not a lower-case DNS name' },
  { over: { nodeIP: '300.1.1.1' }, said: 'node address "300.1.1.1" is not an IP address' },
  { over: { apiPort: 70000 }, said: 'apiPort must be between 1 and 65535' },
  { over: { clusterCIDR: '10.0.0.0/99' }, said: 'clusterCIDR "10.0.0.0/99" is not a network like 10.0.0.0/16' },
  { over: { serviceCIDR: '10.0.0.0' }, said: 'serviceCIDR "10.0.0.0" is not a network like 10.0.0.0/16' },
  { over: { proxyMode: 'magic' as 'auto' }, said: 'proxy mode "magic" is not one of auto, nftables, iptables' },
  { over: { nodeName: 'a..b' }, said: 'node name "a..b" is not a lower-case DNS name' },
  { over: { nodeName: 42 as unknown as string }, said: 'node name 42 is not a lower-case DNS name' },
  { over: { nodeIP: { toString: 1 } as unknown as string }, said: 'node address {"toString":1} is not an IP address' },
  { over: { kubeletPort: 6443 }, said: 'apiPort, kubeletPort, healthPort must differ' },
  { over: { serviceCIDR: '10.244.8.0/24' }, said: 'clusterCIDR and serviceCIDR overlap' },
  { over: { clusterCIDR: ['10.0.0.0/16'] as unknown as string }, said: 'clusterCIDR ["10.0.0.0/16"] is not a network like 10.0.0.0/16' },
  { over: { cgroupRoot: '/../../etc' }, said: 'cgroupRoot "/../../etc" is not a path like /pods' },
  { over: { podLogsDir: '/' }, said: 'podLogsDir "/" is not an absolute path' },
  { over: { disableAdmissionPlugins: 'PodSecurity' as never }, said: 'disableAdmissionPlugins "PodSecurity" is not a list of names of admission plugins' },
  { over: { containerLogsDir: 'logs' }, said: 'containerLogsDir "logs" is not an absolute path' },
])('refuses by name: $said', ({ over, said }) => expect(problemsOf(config(over))).toEqual([said]))

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
  expect(firstAddresses('10.43.255.250/24')).toEqual({ apiserver: '10.43.255.251', dns: '10.44.0.4' })
})
