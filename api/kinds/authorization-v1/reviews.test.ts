import { expect, test } from 'vitest'
import { decode } from '../../schema/decode.ts'
import { print } from '../testing.ts'
import { localSubjectAccessReviews, selfSubjectAccessReviews, subjectAccessReviews } from './reviews.ts'

const resourceAttributes = { verb: 'get', resource: 'pods' }

test.each<[typeof subjectAccessReviews, object, string[]]>([
  [subjectAccessReviews, { spec: { user: 'jane', resourceAttributes } }, []],
  [subjectAccessReviews, { spec: { resourceAttributes } }, ['spec.user: Invalid value: "": at least one of user or group must be specified']],
  [subjectAccessReviews, { spec: { user: 'jane' } }, ['spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified']],
  [subjectAccessReviews, { metadata: { name: 'x' }, spec: { user: 'jane', resourceAttributes } }, ['metadata: Invalid value: {"name":"x"}: must be empty']],
  [selfSubjectAccessReviews as never, { spec: { resourceAttributes, nonResourceAttributes: { path: '/', verb: 'get' } } }, ['spec.nonResourceAttributes: Invalid value: {"path":"/","verb":"get"}: cannot be specified in combination with resourceAttributes']],
  [localSubjectAccessReviews as never, { metadata: { namespace: 'a' }, spec: { user: 'j', resourceAttributes: { ...resourceAttributes, namespace: 'b' } } }, ['spec.resourceAttributes.namespace: Invalid value: "b": must match metadata.namespace']],
  [selfSubjectAccessReviews as never, { spec: { resourceAttributes: { ...resourceAttributes, fieldSelector: { rawSelector: 'a=b', requirements: [{ key: '', operator: 'In' }] } } } }, [
    'spec.resourceAttributes.fieldSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements',
    'spec.resourceAttributes.fieldSelector.requirements[0].key: Required value: must be specified', "spec.resourceAttributes.fieldSelector.requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
  ]],
])('%# %j', (kind, object, expected) => expect(kind.validate(decode<any>(kind.schema, object, 'Strict').object).map(print)).toEqual(expected))
