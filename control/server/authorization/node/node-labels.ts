/** The labels in Kubernetes' own namespaces that an agent may give its node. */
const known = new Set([
  'kubernetes.io/hostname', 'kubernetes.io/arch', 'kubernetes.io/os', 'beta.kubernetes.io/arch', 'beta.kubernetes.io/os',
  'beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/zone',
  'topology.kubernetes.io/region', 'topology.kubernetes.io/zone',
])
/** Whole namespaces an agent may write in. */
const ours = ['kubelet.kubernetes.io', 'node.kubernetes.io']

const isIn = (namespace: string, domain: string): boolean => namespace === domain || namespace.endsWith(`.${domain}`)

/**
 * Whether a node may not set, change or remove a label of its own: those under `node-restriction.kubernetes.io`, and whatever else under
 * `kubernetes.io` and `k8s.io` is not an agent's business. By such labels workloads are kept away from nodes that nobody trusts.
 */
export function isForbiddenLabel(key: string): boolean {
  const slash = key.indexOf('/')
  const namespace = slash < 0 ? '' : key.slice(0, slash)
  if (isIn(namespace, 'node-restriction.kubernetes.io')) return true
  if (!isIn(namespace, 'kubernetes.io') && !isIn(namespace, 'k8s.io')) return false
  return !known.has(key) && !ours.some((domain) => isIn(namespace, domain))
}

type Labels = Readonly<Record<string, string>> | undefined

/** The forbidden labels in which two sets differ, sorted. */
export function forbiddenChanges(now: Labels = {}, before: Labels = {}): string[] {
  const keys = [...new Set([...Object.keys(now), ...Object.keys(before)])]
  return keys.filter((key) => (Object.hasOwn(now, key) ? now[key] : undefined) !== (Object.hasOwn(before, key) ? before[key] : undefined) && isForbiddenLabel(key)).sort()
}
