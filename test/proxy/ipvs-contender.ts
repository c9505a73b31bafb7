import { systemClock as clock } from '../../host/clock.ts'
import { createConntrack } from '../../host/conntrack.ts'
import { createDummyLink } from '../../host/dummy-link.ts'
import type { Exec } from '../../host/exec.ts'
import { createIpset } from '../../host/ipset.ts'
import { createIptables } from '../../host/iptables.ts'
import { createIpvs } from '../../host/ipvs.ts'
import type { Backend, BackendOptions } from '../../proxy/backend.ts'
import { createIpvsBackend, ipvsLink } from '../../proxy/ipvs/backend.ts'
import type { IpvsScheduler } from '../../proxy/ipvs/schedulers.ts'
import { createExecSysctl } from '../lab/vm/exec-sysctl.ts'
import type { Contender } from './flow-cluster.ts'

/** The backend with everything it needs, wherever commands run. */
export const ipvsBackend = (exec: Exec, options: BackendOptions & { scheduler?: IpvsScheduler }): Backend => createIpvsBackend({
  ipvs: createIpvs({ exec }), ipset: createIpset({ exec }), iptables: createIptables({ exec, variant: 'nft' }), link: createDummyLink({ exec, name: ipvsLink }),
  sysctl: createExecSysctl(exec), conntrack: createConntrack({ exec }), clock, ...options,
})

export const ipvs: Contender = {
  name: 'ipvs',
  create: ({ exec }, options) => ipvsBackend(exec, options),
  async ruleset({ exec }) {
    const { stdout } = await exec.run('sh', ['-c', 'ipvsadm -Sn; ipset save; ip -o address; iptables-nft-save; ip6tables-nft-save'])
    // Tables that exist but hold nothing are the kernel's; lifetimes and the seeds of sets are nobody's.
    return stdout.split('\n').filter((line) => !/^(#|\*|COMMIT|:[A-Z]+ (ACCEPT|DROP) )/.test(line)).map((line) => line.replace(/valid_lft.*| initval.*| hashsize \d+/g, '')).filter(Boolean).join('\n')
  },
  traits: { refusesUnknownPorts: true, keepsTurns: true, showsPodSources: true, showsOutsideSources: true, remembersClosed: true },
  damage: [
    { what: 'a virtual server deleted', script: 'ipvsadm -D -t $(ipvsadm -Ln | grep -o "^TCP  10[.]96[.][^ ]*" | head -1 | cut -c6-)' },
    { what: 'all virtual servers deleted', script: 'ipvsadm -C' },
    { what: 'a real server deleted', script: 'service=$(ipvsadm -Sn | grep "^-a -t 10[.]96" | head -1 | cut -d" " -f3); ipvsadm -d -t $service -r $(ipvsadm -Sn | grep "^-a -t $service " | head -1 | cut -d" " -f5)' },
    { what: 'a weight altered', script: 'ipvsadm -R <<E\n$(ipvsadm -Sn | grep "^-a -t 10[.]96" | head -1 | sed "s/-a/-e/; s/-w 1/-w 0/")\nE' },
    { what: 'the link deleted', script: `ip link delete ${ipvsLink}` },
    { what: 'an address deleted', script: `ip -6 address flush dev ${ipvsLink} scope global` },
    { what: 'a set emptied', script: 'ipset flush K8TS6-OURS' },
    { what: 'the nat table flushed', script: 'iptables-nft -t nat -F' },
    { what: 'a rule deleted', script: 'iptables-nft -D K8TS-IPVS-FILTER 1' },
    { what: 'a jump deleted', script: 'ip6tables-nft -t nat -D POSTROUTING -m comment --comment "k8ts services by IPVS" -j K8TS-IPVS-POSTROUTING' },
  ],
}
