import type { Infer } from '../../schema/schema.ts'
import { always, bool, int32, int64, list, opt, req, string, struct, text, time } from '../../schema/schema.ts'
import { ConversionRequest as StableConversionRequest, ConversionResponse as StableConversionResponse, ConversionReview as StableConversionReview, CustomResourceDefinitionNames as StableCustomResourceDefinitionNames, CustomResourceSubresourceScale as StableCustomResourceSubresourceScale, CustomResourceSubresourceStatus as StableCustomResourceSubresourceStatus, CustomResourceSubresources as StableCustomResourceSubresources, SelectableField as StableSelectableField, ServiceReference as StableServiceReference, WebhookClientConfig as StableWebhookClientConfig } from '../apiextensions-v1/custom-resource-definition.ts'
import { JSONSchemaProps } from './json-schema.ts'
import { ObjectMeta } from '../meta-v1/meta.ts'

export const ConditionStatus = text('False', 'True', 'Unknown')

export const ConversionRequest = struct('apiextensions/v1beta1.ConversionRequest', StableConversionRequest.fields)
export type ConversionRequest = StableConversionRequest

export const ConversionResponse = struct('apiextensions/v1beta1.ConversionResponse', StableConversionResponse.fields)
export type ConversionResponse = StableConversionResponse

export const ConversionReview = struct('apiextensions/v1beta1.ConversionReview', StableConversionReview.fields)
export type ConversionReview = StableConversionReview

export const ConversionStrategyType = text('None', 'Webhook')

export const CustomResourceColumnDefinition = struct('apiextensions/v1beta1.CustomResourceColumnDefinition', {
  name: req(1, string),
  type: req(2, string),
  format: opt(3, string),
  description: opt(4, string),
  priority: opt(5, int32),
  JSONPath: req(6, string),
})
export interface CustomResourceColumnDefinition extends Infer<typeof CustomResourceColumnDefinition> {}

export const ServiceReference = struct('apiextensions/v1beta1.ServiceReference', StableServiceReference.fields)
export type ServiceReference = StableServiceReference

export const WebhookClientConfig = struct('apiextensions/v1beta1.WebhookClientConfig', StableWebhookClientConfig.fields)
export type WebhookClientConfig = StableWebhookClientConfig

export const CustomResourceConversion = struct('apiextensions/v1beta1.CustomResourceConversion', {
  strategy: req(1, ConversionStrategyType),
  webhookClientConfig: opt(2, WebhookClientConfig),
  conversionReviewVersions: opt(3, list(string), { listType: 'atomic' }),
})
export interface CustomResourceConversion extends Infer<typeof CustomResourceConversion> {}

export const CustomResourceDefinitionNames = struct('apiextensions/v1beta1.CustomResourceDefinitionNames', StableCustomResourceDefinitionNames.fields)
export type CustomResourceDefinitionNames = StableCustomResourceDefinitionNames

export const CustomResourceSubresourceScale = struct('apiextensions/v1beta1.CustomResourceSubresourceScale', StableCustomResourceSubresourceScale.fields)
export type CustomResourceSubresourceScale = StableCustomResourceSubresourceScale

export const CustomResourceSubresourceStatus = struct('apiextensions/v1beta1.CustomResourceSubresourceStatus', StableCustomResourceSubresourceStatus.fields)
export type CustomResourceSubresourceStatus = StableCustomResourceSubresourceStatus

export const CustomResourceSubresources = struct('apiextensions/v1beta1.CustomResourceSubresources', StableCustomResourceSubresources.fields)
export type CustomResourceSubresources = StableCustomResourceSubresources

export const CustomResourceValidation = struct('apiextensions/v1beta1.CustomResourceValidation', {
  openAPIV3Schema: opt(1, JSONSchemaProps),
})
export interface CustomResourceValidation extends Infer<typeof CustomResourceValidation> {}

export const SelectableField = struct('apiextensions/v1beta1.SelectableField', StableSelectableField.fields)
export type SelectableField = StableSelectableField

export const CustomResourceDefinitionVersion = struct('apiextensions/v1beta1.CustomResourceDefinitionVersion', {
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

export const CustomResourceDefinitionSpec = struct('apiextensions/v1beta1.CustomResourceDefinitionSpec', {
  group: req(1, string),
  version: opt(2, string, { deprecated: true }),
  names: req(3, CustomResourceDefinitionNames),
  scope: req(4, ResourceScope),
  validation: opt(5, CustomResourceValidation),
  subresources: opt(6, CustomResourceSubresources),
  versions: opt(7, list(CustomResourceDefinitionVersion), { listType: 'atomic' }),
  additionalPrinterColumns: opt(8, list(CustomResourceColumnDefinition), { listType: 'atomic' }),
  selectableFields: opt(11, list(SelectableField), { listType: 'atomic' }),
  conversion: opt(9, CustomResourceConversion),
  preserveUnknownFields: opt(10, bool, { deprecated: true, pointer: true }),
})
export interface CustomResourceDefinitionSpec extends Infer<typeof CustomResourceDefinitionSpec> {}

export const CustomResourceDefinitionConditionType = text('Established', 'KubernetesAPIApprovalPolicyConformant', 'NamesAccepted', 'NonStructuralSchema', 'Terminating')

export const CustomResourceDefinitionCondition = struct('apiextensions/v1beta1.CustomResourceDefinitionCondition', {
  type: req(1, CustomResourceDefinitionConditionType),
  status: req(2, ConditionStatus),
  lastTransitionTime: opt(3, time),
  reason: opt(4, string),
  message: opt(5, string),
  observedGeneration: opt(6, int64),
})
export interface CustomResourceDefinitionCondition extends Infer<typeof CustomResourceDefinitionCondition> {}

export const CustomResourceDefinitionStatus = struct('apiextensions/v1beta1.CustomResourceDefinitionStatus', {
  conditions: opt(1, list(CustomResourceDefinitionCondition), { listType: 'map', listMapKeys: ['type'] }),
  acceptedNames: opt(2, CustomResourceDefinitionNames, { written: true }),
  storedVersions: opt(3, list(string), { listType: 'atomic' }),
  observedGeneration: opt(4, int64),
})
export interface CustomResourceDefinitionStatus extends Infer<typeof CustomResourceDefinitionStatus> {}

export const CustomResourceDefinition = struct('apiextensions/v1beta1.CustomResourceDefinition', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, CustomResourceDefinitionSpec),
  status: opt(3, CustomResourceDefinitionStatus),
})
export interface CustomResourceDefinition extends Infer<typeof CustomResourceDefinition> {}
