import type { Infer } from '../../schema/schema.ts'
import { always, opt, string, struct } from '../../schema/schema.ts'

export const NodeProxyOptions = struct('core/v1.NodeProxyOptions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  path: opt(1, string),
})
export interface NodeProxyOptions extends Infer<typeof NodeProxyOptions> {}

export const PodProxyOptions = struct('core/v1.PodProxyOptions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  path: opt(1, string),
})
export interface PodProxyOptions extends Infer<typeof PodProxyOptions> {}

export const ServiceProxyOptions = struct('core/v1.ServiceProxyOptions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  path: opt(1, string),
})
export interface ServiceProxyOptions extends Infer<typeof ServiceProxyOptions> {}
