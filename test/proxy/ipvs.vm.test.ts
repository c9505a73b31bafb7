import { describe, expect, test, vi } from 'vitest'
import { inNetns, netnsPath } from '../../host/netns.ts'
import { ipvsSchedulers } from '../../proxy/ipvs/schedulers.ts'
import { aRoute } from '../../proxy/testing/objects.ts'
import { gracefulEndFlows } from './flows/graceful-end.ts'
import { bootEnvironment } from './in-vm.ts'
import { ipvs, ipvsBackend } from './ipvs-contender.ts'
import { packetFlowSuite } from './packet-flow.suite.ts'

// Everything takes many times as long in an emulated machine.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 })
const { environment, unavailable } = await bootEnvironment()

describe.skipIf(unavailable)(`IPVS${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  test('takes every scheduler; a new instance takes over what another left, and strangers stay', async () => {
    const { exec } = environment
    await exec.run('ip', ['netns', 'add', 'schedulers'])
    const inside = inNetns(exec, netnsPath('schedulers'))
    // Without any address of its own the kernel takes every address for a broadcast.
    await inside.run('ip', ['link', 'set', 'lo', 'up'])
    await inside.run('ipvsadm', ['-A', '-t', '192.0.2.77:80', '-s', 'rr'])
    for (const scheduler of ipvsSchedulers) {
      await ipvsBackend(inside, { clusterCIDRs: ['10.244.0.0/16'], nodePortAddresses: [], scheduler }).apply({ routes: [aRoute()], healthChecks: [] })
      expect((await inside.run('ipvsadm', ['-Ln'])).stdout).toContain(`TCP  10.96.0.10:80 ${scheduler}`)
    }
    await ipvsBackend(inside, { clusterCIDRs: [], nodePortAddresses: [] }).cleanup()
    expect((await inside.run('ipvsadm', ['-Sn'])).stdout).toBe('-A -t 192.0.2.77:80 -s rr\n')
    expect((await inside.run('sh', ['-c', 'ipset save; ip -o link show type dummy; iptables-nft-save | grep K8TS'], { okCodes: [0, 1] })).stdout).toBe('')
  })
})

packetFlowSuite(ipvs, environment, unavailable, { gracefulEndFlows })
