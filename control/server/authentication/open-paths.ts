import type { RequestInfo } from '../request-info.ts'

const openPaths = new Set(['/healthz', '/livez', '/readyz', '/version', '/version/'])

/** Paths that anyone may read, without saying who they are. */
export const isOpenPath = (info: Pick<RequestInfo, 'isResource' | 'verb' | 'path'>): boolean =>
  !info.isResource && (info.verb === 'get' || info.verb === 'head') && (openPaths.has(info.path) || /^\/(healthz|livez|readyz)\//.test(info.path))
