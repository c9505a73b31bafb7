import { describe, expect, test } from 'vitest'
import { denial, readVerdict, reviewVersion } from './review.ts'

const review = (response: object, apiVersion = 'admission.k8s.io/v1') => ({ apiVersion, kind: 'AdmissionReview', response: { uid: 'u', allowed: true, ...response } })
const patch = Buffer.from('[{"op":"remove","path":"/a"}]').toString('base64')

describe('what a webhook answers', () => {
  test.each<[string, unknown, object]>([
    ['yes', review({}), { allowed: true, patch: undefined, warnings: [] }],
    ['yes with a patch', review({ patch, patchType: 'JSONPatch' }), { patch: [{ op: 'remove', path: '/a' }] }],
    ['no', review({ allowed: false, status: { code: 418, message: 'm', junk: 1 } }), { allowed: false, status: { code: 418, message: 'm' } }],
    ['allowed must be a boolean', review({ allowed: 'true' }), { allowed: false }],
    ['warnings that are none fall away', review({ warnings: ['a', 1, null] }), { warnings: ['a'] }],
  ])('%s', (_, answer, wanted) => expect(readVerdict(answer, 'v1', 'u', true)).toMatchObject(wanted))

  test.each<[string, unknown, string]>([
    ['nothing', null, 'webhook response was absent'],
    ['a list', [], 'webhook response was absent'],
    ['another uid', review({ uid: 'x' }), 'expected response.uid="u", got "x"'],
    ['another version', review({}, 'admission.k8s.io/v1beta1'), 'expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got admission.k8s.io/v1beta1, Kind=AdmissionReview'],
    ['a patch of no type', review({ patch }), 'webhook returned response.patch but not response.patchType'],
    ['a type of no patch', review({ patchType: 'JSONPatch' }), 'webhook returned response.patchType but not response.patch'],
    ['a strange patch', review({ patch, patchType: 'MergePatch' }), 'unsupported patch type "MergePatch"'],
    ['an object as patch', review({ patch: Buffer.from('{}').toString('base64'), patchType: 'JSONPatch' }), 'the patch is no list of operations'],
  ])('%s is refused', (_, answer, why) => expect(() => readVerdict(answer, 'v1', 'u', true)).toThrow(why))

  test('the beta form need not repeat the uid', () => expect(readVerdict({ response: { allowed: true, patch } }, 'v1beta1', 'u', true).patch).toHaveLength(1))
  test('who only judges may not patch', () => expect(() => readVerdict(review({ patch, patchType: 'JSONPatch' }), 'v1', 'u', false)).toThrow('unexpected patch'))
  test('the first version both speak', () => expect([reviewVersion(['v2', 'v1beta1', 'v1']), reviewVersion(['v3'])]).toEqual(['v1beta1', undefined]))
})

test.each([
  [{ code: 403, message: 'not here', reason: 'Forbidden' }, 403, 'Forbidden', 'admission webhook "w.example.com" denied the request: not here'],
  [{ reason: 'Because' }, 400, 'Because', 'admission webhook "w.example.com" denied the request: Because'],
  [undefined, 400, '', 'admission webhook "w.example.com" denied the request without explanation'],
  [{ code: 200, message: 'x' }, 400, '', 'admission webhook "w.example.com" denied the request: x'],
])('a refusal %j', (status, code, reason, message) => expect(denial('w.example.com', status)).toMatchObject({ code, reason, message }))
