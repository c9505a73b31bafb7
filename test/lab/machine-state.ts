import type { TestNamespace } from '../../host/testing/namespaces.ts'
import type { UpLab } from './up-lab.ts'

/** Everything of the machine that a cluster may change and must give back, as text to be compared. */
export const machineState = (lab: UpLab): Promise<string> => stateOf(lab)

/** The same of any machine of a lab, whose files are below one directory and whose groups have a name of their own. */
export const stateOf = ({ node, directory, cgroup }: { readonly node: Pick<TestNamespace, 'sh'>; readonly directory: string; readonly cgroup: string }): Promise<string> => node.sh(`
  echo '# links'; ip -o link | sed 's/^[0-9]*: //; s/@.*//' | cut -d' ' -f1 | sort
  echo '# addresses'; ip -o -4 addr | awk '{print $2, $4}' | sort
  echo '# routes'; ip route | sort
  echo '# nft'; nft list ruleset
  echo '# iptables'; iptables-nft-save | grep -E '^(-A|:K8TS|:CNI)' || true
  echo '# mounts'; grep -c ' ${directory}' /proc/self/mountinfo || true
  echo '# cgroups'; find /sys/fs/cgroup -type d -path '*${cgroup}*' | wc -l
  echo '# processes'; ps -eo args | grep -F '${directory}' | grep -v grep || true`)
