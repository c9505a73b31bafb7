import { expect, test } from 'vitest'
import { customResourceDefinitions as kind } from '../kinds/apiextensions-v1/custom-resource-definition.ts'
import { changeFailures, created, failures } from '../kinds/testing.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { definitionWarnings } from './definition-warnings.ts'

type Edit = (spec: any, definition: any) => void

function rough(edit: Edit = () => {}): any {
  const definition = {
    metadata: { name: 'widgets.example.com', namespace: undefined as string | undefined },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] },
  }
  edit(definition.spec, definition)
  return definition
}
const withSchema = (schema: JSONSchemaProps | object): any => rough((spec) => { spec.versions[0].schema.openAPIV3Schema = schema })
const withField = (field: object): any => withSchema({ type: 'object', properties: { a: field } })
const root = 'spec.validation.openAPIV3Schema'
const field = `${root}.properties[a]`

test('what is good passes', () => {
  expect(failures(kind, rough())).toEqual([])
  expect(failures(kind, withField({ type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: { type: 'object', required: ['k'], properties: { k: { type: 'string' } } } }))).toEqual([])
  expect(failures(kind, withField({ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }))).toEqual([])
})

test.each<[string, Edit, string[]]>([
  ['another name', (_, crd) => { crd.metadata.name = 'other.example.com' }, ['metadata.name: Invalid value: "other.example.com": must be spec.names.plural+"."+spec.group']],
  ['a group without a dot', (spec, crd) => { spec.group = 'example'; crd.metadata.name = 'widgets.example' }, ['spec.group: Invalid value: "example": should be a domain with at least one dot']],
  ['an unknown scope', (spec) => { spec.scope = 'Galaxy' }, ['spec.scope: Unsupported value: "Galaxy": supported values: "Cluster", "Namespaced"']],
  ['a kind that is its own list', (spec) => { spec.names.listKind = 'Widget' }, ['spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same']],
  ['no schema', (spec) => { delete spec.versions[0].schema }, ['spec.versions[0].schema.openAPIV3Schema: Required value']],
  ['a warning of what is not deprecated', (spec) => { spec.versions[0].deprecationWarning = 'old' }, ['spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions']],
  ['a column of an unknown type', (spec) => { spec.versions[0].additionalPrinterColumns = [{ name: 'A', type: 'text', jsonPath: 'x' }] }, [
    'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string', 'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "x": must be a simple json path starting with .',
  ]],
  ['a scale that counts elsewhere', (spec) => { spec.versions[0].subresources = { scale: { specReplicasPath: '.status.x', statusReplicasPath: '.spec.x' } } }, [
    'spec.subresources.scale.specReplicasPath: Invalid value: ".status.x": should be a json path under .spec', 'spec.subresources.scale.statusReplicasPath: Invalid value: ".spec.x": should be a json path under .status',
  ]],
  ['a selectable field that is not there', (spec) => { spec.versions[0].selectableFields = [{ jsonPath: '.spec.color' }] }, ['spec.selectableFields[0].jsonPath: Invalid value: ".spec.color": is an invalid path: does not refer to a valid field']],
  ['a webhook without an address', (spec) => { spec.conversion = { strategy: 'Webhook', webhook: { clientConfig: {}, conversionReviewVersions: ['v9'] } } }, [
    'spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required', 'spec.conversion.conversionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1',
  ]],
  ['a webhook over plain HTTP', (spec) => { spec.conversion = { strategy: 'Webhook', webhook: { clientConfig: { url: 'http://x/' }, conversionReviewVersions: ['v1'] } } }, [
    `spec.conversion.webhookClientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
  ]],
  ['a protected group without a word of approval', (spec, crd) => { spec.group = 'x.k8s.io'; crd.metadata.name = 'widgets.x.k8s.io' }, [
    'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
  ]],
])('%s is refused', (_, edit, wrong) => {
  expect(failures(kind, rough(edit))).toEqual(wrong)
})

test('there is one version of storage, and no two of one name', () => {
  const twice = failures(kind, rough((spec) => { spec.versions.push(spec.versions[0]) }))
  expect(twice.map((text) => text.replace(/Invalid value: .*\]: /, ''))).toEqual(['spec.versions: must contain unique version names', 'spec.versions: must have exactly one version marked as storage version'])
})

test.each<[string, object, string[]]>([
  ['a field without a type', withField({}), [`${field}.type: Required value: must not be empty for specified object fields`]],
  ['items without a type', withField({ type: 'array', items: {} }), [`${field}.items.type: Required value: must not be empty for specified array items`]],
  ['a list without items', withField({ type: 'array' }), [`${field}.items: Required value: must be specified`]],
  ['a root that is no object', withSchema({ type: 'string' }), [`${root}.type: Invalid value: "string": must be object at the root`]],
  ['a type within anyOf', withField({ type: 'string', anyOf: [{ type: 'string' }] }), [`${field}.anyOf[0].type: Forbidden: must be empty to be structural`]],
  ['a field that only allOf knows', withSchema({ type: 'object', allOf: [{ properties: { b: { minimum: 1 } } }] }), [`${root}.properties[b]: Required value: because it is defined in ${root}.allOf[0].properties[b]`]],
  ['metadata that says more than names', withSchema({ type: 'object', properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } } }), [
    `${root}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
  ]],
  ['properties and additionalProperties', withField({ type: 'object', properties: { b: { type: 'string' } }, additionalProperties: { type: 'string' } }), [`${field}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`]],
  ['unique items', withField({ type: 'array', uniqueItems: true, items: { type: 'string' } }), [`${field}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`]],
  ['references', withField({ type: 'object', $ref: '#/x' }), [`${field}.$ref: Forbidden: $ref is not supported`]],
  ['a map list without keys', withField({ type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object', properties: { k: { type: 'string' } } } }), [`${field}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`]],
  ['a key that may be absent', withField({ type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: { type: 'object', properties: { k: { type: 'string' } } } }), [
    `${field}.items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
  ]],
  ['a pattern that is none', withField({ type: 'string', pattern: '(?=x)' }), [`${field}.pattern: Invalid value: "(?=x)": must be a valid regular expression, but isn't: error parsing regexp: invalid or unsupported Perl syntax: \`(?=\``]],
  ['a default of another type', withField({ type: 'string', default: 1 }), [`${field}.default: Invalid value: "integer": ${field}.default in body must be of type string: "integer"`.replace(`${field}.default in body`, ' in body')]],
  ['a default with unknown fields', withField({ type: 'object', properties: { b: { type: 'string' } }, default: { c: 1 } }), [`${field}.default: Invalid value: {"c":1}: must not have unknown fields`]],
  ['defaults of what is given already', withSchema({ type: 'object', properties: { kind: { type: 'string', default: 'X' } } }), [`${root}.properties[kind].default: Forbidden: must not be set in top-level kind`]],
  ['null at the root', withSchema({ type: 'object', nullable: true }), [`${root}.nullable: Forbidden: nullable cannot be true at the root`]],
  ['unknown fields kept by half', withField({ type: 'object', 'x-kubernetes-preserve-unknown-fields': false }), [`${field}.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined`]],
  ['a rule that does not compile', withField({ type: 'string', 'x-kubernetes-validations': [{ rule: 'self.size( > 1' }] }), [expect.stringMatching(/x-kubernetes-validations\[0\].rule: Invalid value: .*: compilation failed: ERROR: <input>:1:/) as unknown as string]],
  ['a rule without an end', withField({ type: 'string', 'x-kubernetes-validations': [{ rule: 'self\n== "a"' }] }), [`${field}.x-kubernetes-validations[0].message: Required value: message must be specified if rule contains line breaks`]],
  ['a transition rule where nobody knows what was before', withField({ type: 'array', items: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } }), [
    `${field}.items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${field}`,
  ]],
])('a schema with %s is refused', (_, definition, wrong) => {
  expect(failures(kind, definition as any)).toEqual(wrong)
})

test('versions that differ are told by their own paths', () => {
  const definition = rough((spec) => { spec.versions.push({ name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object', properties: { a: {} } } } }) })
  expect(failures(kind, definition)).toEqual(['spec.versions[1].schema.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields'])
})

test('with a status subresource the root says nothing of the whole', () => {
  const definition = rough((spec) => { spec.versions[0].subresources = { status: {} }; spec.versions[0].schema.openAPIV3Schema.minProperties = 1 })
  expect(failures(kind, definition)[0]).toMatch(/only \[Description Type Format .*\] fields are allowed at the root of the schema if the status subresource is enabled/)
})

test('group and plural never change', () => {
  expect(changeFailures(kind, rough(), ({ spec }) => { spec.group = 'other.com' })).toEqual(['spec.group: Invalid value: "other.com": field is immutable'])
})

test('what nobody checks is warned of, once', () => {
  const made = created(kind, withField({ type: 'string', format: 'rainbow' }))
  expect(definitionWarnings(made)).toEqual(['unrecognized format "rainbow"'])
  expect(definitionWarnings(made, made)).toEqual([])
})

test('unions within schemas are brought into form', () => {
  const made: any = created(kind, withField({ type: 'array', items: { type: 'object', additionalProperties: { type: 'string', strange: 1 }, description: '' } }))
  expect(made.spec.versions[0].schema.openAPIV3Schema.properties.a.items).toEqual({ type: 'object', additionalProperties: { type: 'string' } })
  expect(() => created(kind, withField({ type: 'object', additionalProperties: 5 }))).toThrow('boolean or JSON schema expected')
})
