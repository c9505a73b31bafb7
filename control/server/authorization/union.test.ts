import { expect, test } from 'vitest'
import type { Attributes, Authorizer, Decision } from './authorizer.ts'
import { authorizerFor } from './modes.ts'
import { aggregate, union } from './union.ts'

const says = (decision: Decision, late = false): Authorizer => ({ authorize: () => (late ? Promise.resolve(decision) : decision) })
const yes: Decision = { verdict: 'allow', reason: 'yes' }
const never: Decision = { verdict: 'deny', reason: 'never' }
const perhaps = (reason?: string): Decision => ({ verdict: 'noOpinion', ...(reason && { reason }) })
const attributes = { user: { name: 'x', groups: [] }, verb: 'get', isResource: false, path: '/' } as unknown as Attributes

test.each<[string, Authorizer[], Decision]>([
  ['the first who decides', [says(perhaps('hm')), says(yes), says(never)], yes],
  ['a denial ends it', [says(never), says(yes)], never],
  ['nobody: all reasons', [says(perhaps('a')), says(perhaps()), says(perhaps('b'), true), says(perhaps('c'))], { verdict: 'noOpinion', reason: 'a\nb\nc' }],
  ['late ones are waited for', [says(perhaps(), true), says(yes, true)], yes],
  ['nobody has anything to say', [says(perhaps()), says(perhaps())], { verdict: 'noOpinion' }],
])('%s', async (_, authorizers, expected) => { expect(await union(authorizers).authorize(attributes)).toEqual(expected) })

test('several errors in brackets, each once', () => {
  expect(aggregate(['a'])).toBe('a')
  expect(aggregate(['a', 'b', 'a'])).toBe('[a, b]')
})

test('modes are known by name, and masters come before all', async () => {
  const denied = authorizerFor(['AlwaysDeny'], { resources: undefined as never })
  expect(await denied.authorize(attributes)).toEqual({ verdict: 'noOpinion', reason: 'Everything is forbidden.' })
  expect(await denied.authorize({ ...attributes, user: { name: 'x', groups: ['system:masters'] } })).toMatchObject({ verdict: 'allow' })
  expect(await authorizerFor(['AlwaysAllow'], { resources: undefined as never }).authorize(attributes)).toMatchObject({ verdict: 'allow' })
  expect(() => authorizerFor(['Webhook' as 'Node'], { resources: undefined as never })).toThrow('There is no authorization mode "Webhook"; there are Node, RBAC, AlwaysAllow, AlwaysDeny')
})
