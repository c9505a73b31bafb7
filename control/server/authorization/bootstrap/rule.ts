import type { PolicyRule } from '../../../../api/types/rbac-v1.ts'

/** Sets of verbs that are written as one word. */
const words: Readonly<Record<string, string>> = {
  read: 'get,list,watch', write: 'create,update,patch,delete,deletecollection', readwrite: 'get,list,watch,create,update,patch,delete,deletecollection',
  readupdate: 'get,list,watch,update,patch',
}

const sorted = (list: string): string[] => list.split(',').sort()

/**
 * A rule in one line: `get,list core:pods,pods/log`, `update apps+extensions:deployments`, `approve certificates.k8s.io:signers
 * kubernetes.io/kubelet-serving` (the last word names objects), `get /healthz,/livez`. `core` is the group without a name. All lists come
 * out sorted, as the original has them.
 */
export function ruleOf(line: string): PolicyRule {
  const [verbs = '', what = '', names] = line.split(' ')
  const rule = { verbs: sorted(words[verbs] ?? verbs) }
  if (what.startsWith('/') || !what.includes(':')) return { ...rule, nonResourceURLs: sorted(what) }
  const colon = what.indexOf(':')
  return {
    ...rule, apiGroups: what.slice(0, colon).split('+').map((group) => (group === 'core' ? '' : group)).sort(), resources: sorted(what.slice(colon + 1)),
    ...(names && { resourceNames: sorted(names) }),
  }
}

/** What every part needs that tells what it does. */
export const eventsRule = 'create,update,patch core+events.k8s.io:events'
