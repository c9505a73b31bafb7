import { describe, expect, test } from 'vitest'
import type { MutatingWebhookConfiguration } from '../../types/admissionregistration-v1/webhook.ts'
import { changed, changeFailures, created, failures } from '../testing.ts'
import { mutatingWebhookConfigurations as mutating, validatingWebhookConfigurations as validating } from './webhooks.ts'

const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }
const hook = (more: object = {}) => ({ name: 'a.b.example', clientConfig: { url: 'https://hook.example/x' }, sideEffects: 'None', admissionReviewVersions: ['v1'], rules: [rule], ...more })
const hooks = (...all: object[]) => ({ webhooks: all })
const at = 'webhooks[0]'

describe('webhooks', () => {
  test('defaults', () => {
    const service = { namespace: 'n', name: 's' }
    expect(created(mutating, hooks(hook({ clientConfig: { service } }))).webhooks![0]).toMatchObject({
      failurePolicy: 'Fail', matchPolicy: 'Equivalent', timeoutSeconds: 10, reinvocationPolicy: 'Never', namespaceSelector: {}, objectSelector: {},
      clientConfig: { service: { port: 443 } }, rules: [{ scope: '*' }],
    })
    expect(created(validating, hooks(hook())).webhooks![0]).not.toHaveProperty('reinvocationPolicy')
  })

  test.each<[string, object, string[]]>([
    ['a good one', {}, []],
    ['a short name', { name: 'a.b' }, [`${at}.name: Invalid value: "a.b": should be a domain with at least three segments separated by dots`]],
    ['side effects', { sideEffects: 'Some' }, [`${at}.sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"`]],
    ['none said', { sideEffects: undefined }, [`${at}.sideEffects: Required value: must specify one of None, NoneOnDryRun`]],
    ['no time', { timeoutSeconds: 31 }, [`${at}.timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds`]],
    ['nobody to ask', { clientConfig: {} }, [`${at}.clientConfig: Required value: exactly one of url or service is required`]],
    ['plain HTTP', { clientConfig: { url: 'http://x' } }, [`${at}.clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`]],
    ['a query', { clientConfig: { url: 'https://u@x/?a=b#c' } }, [`${at}.clientConfig.url: Invalid value: "u": user information is not permitted in the URL`, `${at}.clientConfig.url: Invalid value: "c": fragments are not permitted in the URL`, `${at}.clientConfig.url: Invalid value: "a=b": query parameters are not permitted in the URL`]],
    ['a broken path', { clientConfig: { service: { namespace: 'n', name: 's', path: 'a//b' } } }, [`${at}.clientConfig.service.path: Invalid value: "a//b": must start with a '/'`, `${at}.clientConfig.service.path: Invalid value: "a//b": segment[0] may not be empty`, `${at}.clientConfig.service.path: Invalid value: "a//b": segment[1] may not be empty`]],
    ['all and some', { rules: [{ ...rule, operations: ['*', 'CREATE'], resources: ['*', 'pods'] }] }, [`${at}.rules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`, `${at}.rules[0].resources: Invalid value: ["*","pods"]: if '*' is present, must not specify other resources without subresources`]],
    ['overlapping subresources', { rules: [{ ...rule, resources: ['pods/*', 'pods/log'] }] }, [`${at}.rules[0].resources[1]: Invalid value: "pods/log": if 'pods/*' is present, must not specify pods/log`]],
    ['an unknown review', { admissionReviewVersions: ['v9'] }, [`${at}.admissionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1`]],
    ['a nameless condition', { matchConditions: [{ name: '', expression: ' ' }] }, [`${at}.matchConditions[0].expression: Required value`, `${at}.matchConditions[0].name: Required value`]],
  ])('%s', (_, more, expected) => expect(failures(mutating, hooks(hook(more)))).toEqual(expected))

  test('have names of their own, and what was wrong may stay', () => {
    expect(failures(validating, hooks(hook(), hook()))).toEqual(['webhooks[1].name: Duplicate value: "a.b.example"'])
    expect(changeFailures<MutatingWebhookConfiguration>(mutating, hooks(hook({ sideEffects: 'Some' })), ({ webhooks }) => { webhooks![0]!.timeoutSeconds = 5 })).toEqual([])
  })

  test('are counted in generations', () => {
    expect(changed<MutatingWebhookConfiguration>(mutating, hooks(hook()), ({ webhooks }) => { webhooks![0]!.timeoutSeconds = 5 }).object.metadata.generation).toBe(2)
  })
})
