import { ResourceQuota } from '../../types/core-v1/quota.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatus, startWith } from '../strategy.ts'
import { validateResourceQuota, validateResourceQuotaStatusUpdate, validateResourceQuotaUpdate } from '../validation/resource-quota.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const resourceQuotas: Kind<ResourceQuota> = {
  group: '', version: 'v1', kind: 'ResourceQuota', resource: 'resourcequotas', singular: 'resourcequota', shortNames: ['quota'],
  namespaced: true, verbs: allVerbs, schema: ResourceQuota, storage: 'resourcequotas',
  doc: 'How much everything in a namespace may ask for together.',
  subresources: {
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validateResourceQuotaStatusUpdate },
  },
  prepareForCreate: startWith<ResourceQuota>(() => ({}), false),
  prepareForUpdate: keepStatus,
  validate: validateResourceQuota,
  validateUpdate: validateResourceQuotaUpdate,
  columns: [
    text('Request', (quota) => amounts(quota, false), 'What is used and may be used, limits apart.'),
    text('Limit', (quota) => amounts(quota, true), 'The same of limits.'),
    age,
  ],
}

function amounts({ status }: ResourceQuota, limits: boolean): string {
  return Object.entries(status?.hard ?? {}).filter(([name]) => name.startsWith('limits.') === limits).sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hard]) => `${name}: ${status?.used?.[name] ?? '0'}/${hard}`).join(', ')
}
