import { describe, expect, test } from 'vitest'
import { created, failures } from '../testing.ts'
import { flowSchemas } from './flow-schema.ts'
import { mandatoryFlows, mandatoryLevels, suggestedFlows, suggestedLevels } from './predefined.ts'
import { priorityLevelConfigurations as levels } from './priority-level-configuration.ts'

test('what every cluster has is as it would be after defaulting, and good', () => {
  for (const [kind, specs] of [[flowSchemas, { ...mandatoryFlows(), ...suggestedFlows() }], [levels, { ...mandatoryLevels(), ...suggestedLevels() }]] as const) {
    for (const [name, spec] of Object.entries(specs)) {
      const object = created<any>(kind as never, { metadata: { name }, spec: structuredClone(spec) })
      expect(object.spec, name).toEqual(spec)
      expect(kind.validate(object), name).toEqual([])
    }
  }
})

describe('a flow schema', () => {
  const rules = [{ subjects: [{ kind: 'User', user: { name: 'jane' } }], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }] }]
  const schema = (more: object = {}) => ({ spec: { priorityLevelConfiguration: { name: 'system' }, rules, ...more } })
  const rule = (more: object) => schema({ rules: [{ ...rules[0], ...more }] })
  test.each<[string, object, string[]]>([
    ['a good one', schema(), []],
    ['first of all', schema({ matchingPrecedence: 1 }), ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"]],
    ['last of all', schema({ matchingPrecedence: 10_001 }), ['spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000']],
    ['of no level', schema({ priorityLevelConfiguration: { name: '' } }), ['spec.priorityLevelConfiguration.name: Required value: must reference a priority level']],
    ['for nobody', rule({ subjects: [] }), ['spec.rules[0].subjects: Required value: subjects must contain at least one value']],
    ['for a user without a name', rule({ subjects: [{ kind: 'User', group: { name: 'g' } }] }), ["spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'", "spec.rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'"]],
    ['for an odd path', rule({ nonResourceRules: [{ verbs: ['fly'], nonResourceURLs: ['a'] }] }), ['spec.rules[0].nonResourceRules[0].verbs: Unsupported value: ["fly"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"', 'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "a": must start with slash']],
    ['for no namespace', rule({ resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] }), ['spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace']],
  ])('%s', (_, object, expected) => expect(failures(flowSchemas, object as never)).toEqual(expected))

  test('kubectl get flowschemas', () => {
    const object = created(flowSchemas, schema())
    expect(flowSchemas.columns!.filter(({ name }) => name !== 'Age').map((column) => column.value(object, 0))).toEqual(['system', 1000, '<none>', '?'])
  })
})

describe('a priority level', () => {
  const level = (limited: object, more: object = {}) => ({ spec: { type: 'Limited', limited, ...more } })
  const queuing = (more: object = {}) => level({ limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 8, queueLengthLimit: 50, ...more } } })
  const at = 'spec.limited.limitResponse.queuing'
  test.each<[string, object, string[]]>([
    ['a good one', queuing(), []],
    ['exempt by another name', { spec: { type: 'Exempt' } }, ["spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'"]],
    ['without a limit', { spec: { type: 'Limited' } }, ['spec.limited: Required value: must not be empty when type is Limited']],
    ['a hand too big', queuing({ handSize: 65 }), [`${at}.handSize: Invalid value: 65: should not be greater than queues (64)`]],
    ['a hand too random', queuing({ queues: 512 }), [`${at}.handSize: Invalid value: 8: required entropy bits of deckSize 512 and handSize 8 should not be greater than 60`]],
    ['lending all and more', level({ lendablePercent: 101, limitResponse: { type: 'Reject' } }), ['spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive']],
  ])('%s', (_, object, expected) => expect(failures(levels, object as never)).toEqual(expected))
})
