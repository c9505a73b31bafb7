import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { PodSandboxConfig, PortMapping } from '../runtime/runtime.ts'
import { dnsConfig } from './dns.ts'
import type { DnsFacts } from './dns.ts'
import { hostnameOf } from './hostname.ts'
import { annotations, labels } from './labels.ts'
import { podCgroup, qosClass } from './qos.ts'
import { sandboxSecurity } from './security.ts'

export interface SandboxFacts extends DnsFacts {
  readonly podLogsDir: string
  readonly cgroupRoot: string
  readonly seccompRoot: string
}

/** `/var/log/pods/default_web-0_3f2b…` */
export const podLogDirectory = (root: string, pod: { namespace: string; name: string; uid: string }): string =>
  `${root}/${pod.namespace}_${pod.name}_${pod.uid}`

/** The configuration of a pod's sandbox. Pure, and equal for equal input: containers are created with the same one. */
export function sandboxConfig(pod: Pod, attempt: number, facts: SandboxFacts): PodSandboxConfig {
  const { name, namespace = 'default', uid = '' } = pod.metadata
  const sysctls = Object.fromEntries((pod.spec.securityContext?.sysctls ?? []).map((sysctl) => [sysctl.name, sysctl.value]))
  return {
    metadata: { name, namespace, uid, attempt },
    hostname: pod.spec.hostNetwork ? '' : hostnameOf(pod, facts.clusterDomain).hostname,
    logDirectory: podLogDirectory(facts.podLogsDir, { name, namespace, uid }),
    dnsConfig: dnsConfig(pod, facts),
    portMappings: pod.spec.hostNetwork ? [] : portMappings(pod),
    labels: { ...pod.metadata.labels, [labels.podName]: name, [labels.podNamespace]: namespace, [labels.podUid]: uid },
    annotations: { ...pod.metadata.annotations, [annotations.configSource]: 'api' },
    linux: {
      cgroupParent: podCgroup(facts.cgroupRoot, { uid, qos: qosClass(pod) }),
      securityContext: sandboxSecurity(pod, facts.seccompRoot),
      sysctls,
    },
  }
}

function portMappings(pod: Pod): PortMapping[] {
  return [...(pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always'), ...pod.spec.containers].flatMap(({ ports = [] }) =>
    ports.map(({ protocol = 'TCP', containerPort, hostPort = 0, hostIP = '' }) => ({
      protocol: protocol as PortMapping['protocol'], containerPort, hostPort, hostIp: hostIP,
    })))
}
