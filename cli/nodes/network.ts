import type { Exec } from '../../host/exec.ts'
import { netnsPath } from '../../host/netns.ts'
import { createNft } from '../../host/nft.ts'
import type { NodesPlan } from './plan.ts'

/** Whether the machine has its end of the cable; after a reboot it has not. */
export const hasNodesNetwork = async (plan: NodesPlan, exec: Exec): Promise<boolean> =>
  (await exec.run('ip', ['link', 'show', plan.link], { okCodes: [0, 1] })).code === 0

/** Namespaces, switch and cables as planned; what is there stays as it is. */
export async function layCables(plan: NodesPlan, exec: Exec): Promise<void> {
  const { switch: lan, link } = plan
  const length = plan.network.split('/')[1]
  const inside = (namespace: string) => `nsenter --net=${netnsPath(namespace)} --`
  const script = [
    // A name without a namespace behind it is left by a reboot on machines whose /run is a disk.
    'namespace() { nsenter --net="/run/netns/$1" -- true 2>/dev/null || { ip netns delete "$1" 2>/dev/null || true; ip netns add "$1"; }; nsenter --net="/run/netns/$1" -- ip link set lo up; }',
    'there() { "$@" >/dev/null 2>&1; }',
    `namespace ${lan}`,
    `there ${inside(lan)} ip link show lan || ${inside(lan)} ip link add lan type bridge`,
    `${inside(lan)} ip link set lan up`,
    `there ip link show ${link} || ip link add ${link} type veth peer name host netns ${lan}`,
    `ip address replace ${plan.address}/${length} dev ${link}`,
    `ip link set ${link} up`,
    `${inside(lan)} ip link set host master lan up`,
    ...plan.others.flatMap(({ namespace, number, address }) => [
      `namespace ${namespace}`,
      `there ${inside(namespace)} ip link show eth0 || ${inside(namespace)} ip link add eth0 type veth peer name node${number} netns ${lan}`,
      `${inside(namespace)} ip address replace ${address}/${length} dev eth0`,
      `${inside(namespace)} ip link set eth0 up`,
      `${inside(namespace)} ip route replace default via ${plan.address}`,
      `${inside(lan)} ip link set node${number} master lan up`,
    ]),
  ].join('\n')
  await exec.run('sh', ['-ec', script])
}

/** Lets the nodes reach what is outside, which sees the machine's address, not theirs. */
export async function openWayOut(plan: NodesPlan, exec: Exec, clusterCIDRs: readonly string[]): Promise<void> {
  await createNft({ exec }).apply(wayOut(plan, clusterCIDRs))
}

const wayOut = ({ table, network, link }: NodesPlan, clusterCIDRs: readonly string[]): string => `
table ip ${table}
delete table ip ${table}
table ip ${table} {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${network} ip daddr != { ${[network, ...clusterCIDRs.filter((cidr) => !cidr.includes(':'))].join(', ')} } oifname != "${link}" masquerade
  }
}
`

/** Takes away everything of it; absence is fine. Namespaces beyond the plan (of nodes that are no more) are named in `more`. */
export async function removeNodesNetwork(plan: NodesPlan, exec: Exec, more: readonly string[] = []): Promise<void> {
  for (const namespace of [...plan.others.map((node) => node.namespace), ...more, plan.switch]) await removeNamespace(namespace, exec)
  await exec.run('ip', ['link', 'delete', plan.link], { okCodes: [0, 1, 2] })
  await createNft({ exec }).deleteTable('ip', plan.table).catch(() => undefined) // without nft there is no table either
}

export const removeNamespace = async (name: string, exec: Exec): Promise<void> => void (await exec.run('ip', ['netns', 'delete', name], { okCodes: [0, 1] }))
