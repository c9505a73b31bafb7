import type { Infer } from '../../schema/schema.ts'
import { always, bool, bytes, int32, int64, list, opt, raw, req, string, struct, text, time } from '../../schema/schema.ts'
import { JSONSchemaProps } from './json-schema.ts'
import { ObjectMeta } from '../meta-v1/meta.ts'
import { Status } from '../meta-v1/status.ts'

export const ConditionStatus = text('False', 'True', 'Unknown')

export const ConversionRequest = struct('apiextensions/v1.ConversionRequest', {
  uid: req(1, string),
  desiredAPIVersion: req(2, string),
  objects: req(3, list(raw), { listType: 'atomic' }),
})
export interface ConversionRequest extends Infer<typeof ConversionRequest> {}

export const ConversionResponse = struct('apiextensions/v1.ConversionResponse', {
  uid: req(1, string),
  convertedObjects: req(2, list(raw), { listType: 'atomic' }),
  result: req(3, Status),
})
export interface ConversionResponse extends Infer<typeof ConversionResponse> {}

export const ConversionReview = struct('apiextensions/v1.ConversionReview', {
  apiVersion: always(0, string),
  kind: always(0, string),
  request: opt(1, ConversionRequest),
  response: opt(2, ConversionResponse),
})
export interface ConversionReview extends Infer<typeof ConversionReview> {}

export const ConversionStrategyType = text('None', 'Webhook')

export const CustomResourceColumnDefinition = struct('apiextensions/v1.CustomResourceColumnDefinition', {
  name: req(1, string),
  type: req(2, string),
  format: opt(3, string),
  description: opt(4, string),
  priority: opt(5, int32),
  jsonPath: req(6, string),
})
export interface CustomResourceColumnDefinition extends Infer<typeof CustomResourceColumnDefinition> {}

export const ServiceReference = struct('apiextensions/v1.ServiceReference', {
  namespace: req(1, string),
  name: req(2, string),
  path: opt(3, string, { pointer: true }),
  port: opt(4, int32, { pointer: true }),
})
export interface ServiceReference extends Infer<typeof ServiceReference> {}

export const WebhookClientConfig = struct('apiextensions/v1.WebhookClientConfig', {
  url: opt(3, string, { pointer: true }),
  service: opt(1, ServiceReference),
  caBundle: opt(2, bytes),
})
export interface WebhookClientConfig extends Infer<typeof WebhookClientConfig> {}

export const WebhookConversion = struct('apiextensions/v1.WebhookConversion', {
  clientConfig: opt(2, WebhookClientConfig),
  conversionReviewVersions: req(3, list(string), { listType: 'atomic' }),
})
export interface WebhookConversion extends Infer<typeof WebhookConversion> {}

export const CustomResourceConversion = struct('apiextensions/v1.CustomResourceConversion', {
  strategy: req(1, ConversionStrategyType),
  webhook: opt(2, WebhookConversion),
})
export interface CustomResourceConversion extends Infer<typeof CustomResourceConversion> {}

export const CustomResourceDefinitionNames = struct('apiextensions/v1.CustomResourceDefinitionNames', {
  plural: req(1, string),
  singular: opt(2, string),
  shortNames: opt(3, list(string), { listType: 'atomic' }),
  kind: req(4, string),
  listKind: opt(5, string),
  categories: opt(6, list(string), { listType: 'atomic' }),
})
export interface CustomResourceDefinitionNames extends Infer<typeof CustomResourceDefinitionNames> {}

export const CustomResourceSubresourceScale = struct('apiextensions/v1.CustomResourceSubresourceScale', {
  specReplicasPath: req(1, string),
  statusReplicasPath: req(2, string),
  labelSelectorPath: opt(3, string, { pointer: true }),
})
export interface CustomResourceSubresourceScale extends Infer<typeof CustomResourceSubresourceScale> {}

export const CustomResourceSubresourceStatus = struct('apiextensions/v1.CustomResourceSubresourceStatus', {

})
export interface CustomResourceSubresourceStatus extends Infer<typeof CustomResourceSubresourceStatus> {}

export const CustomResourceSubresources = struct('apiextensions/v1.CustomResourceSubresources', {
  status: opt(1, CustomResourceSubresourceStatus),
  scale: opt(2, CustomResourceSubresourceScale),
})
export interface CustomResourceSubresources extends Infer<typeof CustomResourceSubresources> {}

export const CustomResourceValidation = struct('apiextensions/v1.CustomResourceValidation', {
  openAPIV3Schema: opt(1, JSONSchemaProps),
})
export interface CustomResourceValidation extends Infer<typeof CustomResourceValidation> {}

export const SelectableField = struct('apiextensions/v1.SelectableField', {
  jsonPath: req(1, string),
})
export interface SelectableField extends Infer<typeof SelectableField> {}

export const CustomResourceDefinitionVersion = struct('apiextensions/v1.CustomResourceDefinitionVersion', {
  name: req(1, string),
  served: req(2, bool),
  storage: req(3, bool),
  deprecated: opt(7, bool, { deprecated: true }),
  deprecationWarning: opt(8, string, { deprecated: true, pointer: true }),
  schema: opt(4, CustomResourceValidation),
  subresources: opt(5, CustomResourceSubresources),
  additionalPrinterColumns: opt(6, list(CustomResourceColumnDefinition), { listType: 'atomic' }),
  selectableFields: opt(9, list(SelectableField), { listType: 'atomic' }),
})
export interface CustomResourceDefinitionVersion extends Infer<typeof CustomResourceDefinitionVersion> {}

export const ResourceScope = text('Cluster', 'Namespaced')

export const CustomResourceDefinitionSpec = struct('apiextensions/v1.CustomResourceDefinitionSpec', {
  group: req(1, string),
  names: req(3, CustomResourceDefinitionNames),
  scope: req(4, ResourceScope),
  versions: req(7, list(CustomResourceDefinitionVersion), { listType: 'atomic' }),
  conversion: opt(9, CustomResourceConversion),
  preserveUnknownFields: opt(10, bool, { deprecated: true }),
})
export interface CustomResourceDefinitionSpec extends Infer<typeof CustomResourceDefinitionSpec> {}

export const CustomResourceDefinitionConditionType = text('Established', 'KubernetesAPIApprovalPolicyConformant', 'NamesAccepted', 'NonStructuralSchema', 'StorageMigrating', 'Terminating')

export const CustomResourceDefinitionCondition = struct('apiextensions/v1.CustomResourceDefinitionCondition', {
  type: req(1, CustomResourceDefinitionConditionType),
  status: req(2, ConditionStatus),
  lastTransitionTime: opt(3, time),
  reason: opt(4, string),
  message: opt(5, string),
  observedGeneration: opt(6, int64),
})
export interface CustomResourceDefinitionCondition extends Infer<typeof CustomResourceDefinitionCondition> {}

export const CustomResourceDefinitionStatus = struct('apiextensions/v1.CustomResourceDefinitionStatus', {
  conditions: opt(1, list(CustomResourceDefinitionCondition), { listType: 'map', listMapKeys: ['type'] }),
  acceptedNames: opt(2, CustomResourceDefinitionNames, { written: true }),
  storedVersions: opt(3, list(string), { listType: 'atomic' }),
  observedGeneration: opt(4, int64),
})
export interface CustomResourceDefinitionStatus extends Infer<typeof CustomResourceDefinitionStatus> {}

export const CustomResourceDefinition = struct('apiextensions/v1.CustomResourceDefinition', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, CustomResourceDefinitionSpec),
  status: opt(3, CustomResourceDefinitionStatus),
})
export interface CustomResourceDefinition extends Infer<typeof CustomResourceDefinition> {}
