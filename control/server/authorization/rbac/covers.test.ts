import { describe, expect, test } from 'vitest'
import { ruleOf } from '../bootstrap/rule.ts'
import { uncovered } from './covers.ts'
import { printRules } from './print-rules.ts'

describe('rules cover rules', () => {
  test.each<[string, string[], string, string]>([
    ['themselves', ['get core:pods'], 'get core:pods', ''],
    ['by wildcards', ['* *:*'], 'get,list apps:deployments,deployments/scale x', ''],
    ['a wildcard only by a wildcard', ['get,list,watch core:pods'], '* core:pods', '{APIGroups:[""], Resources:["pods"], Verbs:["*"]}'],
    ['together', ['get core:pods', 'list core:pods', 'get,list core:services'], 'get,list core:pods,services', ''],
    ['in part', ['get core:pods'], 'get,list core:pods', '{APIGroups:[""], Resources:["pods"], Verbs:["list"]}'],
    ['a subresource of everything', ['get *:*/scale'], 'get apps:deployments/scale', ''],
    ['but not its parent', ['get *:*/scale'], 'get apps:deployments', '{APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]}'],
    ['one name by all', ['get core:pods'], 'get core:pods a', ''],
    ['not all by one name', ['get core:pods a'], 'get core:pods', '{APIGroups:[""], Resources:["pods"], Verbs:["get"]}'],
    ['names one by one', ['get core:pods a'], 'get core:pods a,b', '{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["get"]}'],
    ['URLs by prefix', ['get /apis/*'], 'get /apis/apps,/api', '{NonResourceURLs:["/api"], Verbs:["get"]}'],
    ['no URL by resources', ['* *:*'], 'get /metrics', '{NonResourceURLs:["/metrics"], Verbs:["get"]}'],
    ['no resource by URLs', ['* *'], 'get core:pods', '{APIGroups:[""], Resources:["pods"], Verbs:["get"]}'],
  ])('%s', (_, held, wanted, missing) => { expect(printRules(uncovered(held.map(ruleOf), [ruleOf(wanted)]))).toBe(missing) })
})
