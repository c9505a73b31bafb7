import { setKey } from '../../schema/set-key.ts'
import type { ResourceList } from '../../types/core-v1/common.ts'
import { LimitRange } from '../../types/core-v1/quota.ts'
import { createdAt } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { validateLimitRange } from '../validation/limit-range.ts'
import { allVerbs } from '../verbs.ts'

export const limitRanges: Kind<LimitRange> = {
  group: '', version: 'v1', kind: 'LimitRange', resource: 'limitranges', singular: 'limitrange', shortNames: ['limits'],
  namespaced: true, verbs: allVerbs, schema: LimitRange, storage: 'limitranges', createOnUpdate: true,
  doc: 'Bounds and defaults for what one pod, container or claim may ask for.',
  default: defaultLimitRange,
  validate: validateLimitRange,
  validateUpdate: validateLimitRange,
  columns: [createdAt],
}

/** A container without a limit gets the most, and without a request its limit, or else the least. */
function defaultLimitRange({ spec }: LimitRange): void {
  for (const limit of spec.limits) {
    if (limit.type !== 'Container') continue
    limit.default = filled(limit.default, limit.max)
    limit.defaultRequest = filled(filled(limit.defaultRequest, limit.default), limit.min)
  }
}

function filled(list: ResourceList | undefined, from: ResourceList | undefined): ResourceList {
  const result: ResourceList = { ...list }
  for (const [name, amount] of Object.entries(from ?? {})) if (!Object.hasOwn(result, name)) setKey(result, name, amount)
  return result
}
