import type { RequestInfo } from '../request-info.ts'

const openPaths = new Set(['/healthz', '/livez', '/readyz', '/version', '/version/'])

/** What a machine that is about to join reads first. RBAC lets `system:anonymous` get it; its signature says whether to believe it. */
const clusterInfo = '/api/v1/namespaces/kube-public/configmaps/cluster-info'

/** Paths that may be read by who does not say who he is; what of them is seen is RBAC's affair. */
export const isOpenPath = ({ isResource, verb, path }: Pick<RequestInfo, 'isResource' | 'verb' | 'path'>): boolean => {
  if (verb !== 'get' && verb !== 'head') return false
  return isResource ? path === clusterInfo : openPaths.has(path) || /^\/(healthz|livez|readyz)\//.test(path)
}
