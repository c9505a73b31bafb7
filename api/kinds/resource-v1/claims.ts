import type { FieldError } from '../../errors.ts'
import { ResourceClaim, ResourceClaimTemplate } from '../../types/resource-v1/resource-claim.ts'
import type { DeviceSubRequest, ExactDeviceRequest, ResourceClaimSpec } from '../../types/resource-v1/resource-claim.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatus } from '../strategy.ts'
import { semanticEqual } from '../validation/equal.ts'
import { immutableMessage, invalid } from '../validation/field.ts'
import { validateAnnotations } from '../validation/metadata.ts'
import { validateLabels } from '../validation/labels.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'
import { validateClaimStatus } from './claim-status.ts'
import { validateClaimSpec } from './claim-validation.ts'

const common = { group: 'resource.k8s.io', version: 'v1', namespaced: true, verbs: allVerbs } as const

export const resourceClaims: Kind<ResourceClaim> = {
  ...common, kind: 'ResourceClaim', resource: 'resourceclaims', singular: 'resourceclaim', schema: ResourceClaim, storage: 'resourceclaims',
  doc: 'Asks for devices for pods.',
  subresources: { status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validateClaimStatus } },
  default: ({ spec }) => defaultClaim(spec),
  prepareForCreate(claim) { claim.status = {} },
  prepareForUpdate: keepStatus,
  validate: ({ spec }) => validateClaimSpec(spec, 'spec'),
  validateUpdate: ({ spec }, { spec: old }) => (semanticEqual(spec, old) ? [] : [invalid('spec', spec, immutableMessage)]),
  columns: [text('State', stateOf, 'What has become of it.'), age],
}

export const resourceClaimTemplates: Kind<ResourceClaimTemplate> = {
  ...common, kind: 'ResourceClaimTemplate', resource: 'resourceclaimtemplates', singular: 'resourceclaimtemplate', schema: ResourceClaimTemplate, storage: 'resourceclaimtemplates',
  doc: 'What the resource claims that are made for pods look like.',
  default: ({ spec }) => defaultClaim(spec.spec),
  validate: validateTemplate,
  validateUpdate: (template, old) => [...validateTemplate(template), ...(semanticEqual(template.spec, old.spec) ? [] : [invalid('spec', template.spec, immutableMessage)])],
  columns: [age],
}

function validateTemplate({ spec }: ResourceClaimTemplate): FieldError[] {
  return [
    ...validateClaimSpec(spec.spec, 'spec.spec'),
    ...validateLabels(spec.metadata?.labels, 'spec.metadata.labels'),
    ...validateAnnotations(spec.metadata?.annotations, 'spec.metadata.annotations'),
  ]
}

function defaultClaim(spec: ResourceClaimSpec | undefined): void {
  for (const { exactly, firstAvailable } of spec?.devices?.requests ?? []) {
    if (exactly) defaultRequest(exactly)
    firstAvailable?.forEach(defaultRequest)
  }
}

function defaultRequest(request: ExactDeviceRequest | DeviceSubRequest): void {
  request.allocationMode ||= 'ExactCount'
  if (request.allocationMode === 'ExactCount') request.count ||= 1
  for (const toleration of request.tolerations ?? []) toleration.operator ||= 'Equal'
}

function stateOf({ metadata, status }: ResourceClaim): string {
  const states = metadata.deletionTimestamp ? ['deleted'] : []
  if (status?.allocation) states.push('allocated', ...(status.reservedFor?.length ? ['reserved'] : []))
  else if (!metadata.deletionTimestamp) states.push('pending')
  return states.join(',')
}
