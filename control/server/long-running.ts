import type { RequestInfo } from './request-info.ts'

const subresources = new Set(['attach', 'exec', 'portforward', 'proxy', 'log'])

/** Requests that live as long as the client likes: no time-out, and counted apart. */
export const isLongRunning = (info: RequestInfo): boolean =>
  info.verb === 'watch' || (info.isResource && subresources.has(info.subresource))
