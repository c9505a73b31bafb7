import type { Pod } from '../../api/types/core-v1/pod.ts'

const longest = 63

/** The pod's host name and its domain (`''` without a subdomain). */
export function hostnameOf(pod: Pod, clusterDomain: string): { hostname: string; domain: string } {
  const { hostname: asked, hostnameOverride, subdomain, setHostnameAsFQDN } = pod.spec
  if (hostnameOverride) return { hostname: hostnameOverride, domain: '' }
  const short = (asked ?? pod.metadata.name).slice(0, longest).replace(/[-.]+$/, '')
  const domain = subdomain ? `${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}` : ''
  return { hostname: setHostnameAsFQDN && domain ? `${short}.${domain}` : short, domain }
}

/** The content of the pod's /etc/hosts. `hostFile` is the machine's own, for pods on its network. */
export function hostsFile(pod: Pod, ips: readonly string[], clusterDomain: string, hostFile: string): string {
  const aliases = (pod.spec.hostAliases ?? []).map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}\n`)
  const appended = aliases.length ? `\n# Entries added by HostAliases.\n${aliases.join('')}` : ''
  if (pod.spec.hostNetwork) return `# Kubernetes-managed hosts file (host network).\n${hostFile}${appended}`
  const { hostname, domain } = hostnameOf(pod, clusterDomain)
  const names = domain && !hostname.includes('.') ? `${hostname}.${domain}\t${hostname}` : hostname
  const fixed = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback', 'fe00::0\tip6-localnet', 'fe00::0\tip6-mcastprefix', 'fe00::1\tip6-allnodes', 'fe00::2\tip6-allrouters']
  const own = ips.map((ip) => `${ip}\t${names}`)
  return `# Kubernetes-managed hosts file.\n${[...fixed, ...own].join('\n')}\n${appended}`
}
