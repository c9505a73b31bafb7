import type { Infer } from '../schema/schema.ts'
import { always, bool, bytes, int32, list, opt, req, string, struct, text, time } from '../schema/schema.ts'
import { ObjectMeta } from './meta-v1/meta.ts'

export const ConditionStatus = text('False', 'True', 'Unknown')

export const ServiceReference = struct('apiregistration/v1.ServiceReference', {
  namespace: opt(1, string),
  name: opt(2, string),
  port: opt(3, int32, { pointer: true }),
})
export interface ServiceReference extends Infer<typeof ServiceReference> {}

export const APIServiceSpec = struct('apiregistration/v1.APIServiceSpec', {
  service: opt(1, ServiceReference),
  group: opt(2, string),
  version: opt(3, string),
  insecureSkipTLSVerify: opt(4, bool),
  caBundle: opt(5, bytes),
  groupPriorityMinimum: req(7, int32),
  versionPriority: req(8, int32),
})
export interface APIServiceSpec extends Infer<typeof APIServiceSpec> {}

export const APIServiceCondition = struct('apiregistration/v1.APIServiceCondition', {
  type: req(1, string),
  status: req(2, ConditionStatus),
  lastTransitionTime: opt(3, time),
  reason: opt(4, string),
  message: opt(5, string),
})
export interface APIServiceCondition extends Infer<typeof APIServiceCondition> {}

export const APIServiceStatus = struct('apiregistration/v1.APIServiceStatus', {
  conditions: opt(1, list(APIServiceCondition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
})
export interface APIServiceStatus extends Infer<typeof APIServiceStatus> {}

export const APIService = struct('apiregistration/v1.APIService', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, APIServiceSpec),
  status: opt(3, APIServiceStatus),
})
export interface APIService extends Infer<typeof APIService> {}
