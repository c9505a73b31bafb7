import { describe, expect, test } from 'vitest'
import { ApiError } from '../errors.ts'
import { Deployment } from '../types/apps-v1.ts'
import { ConfigMap, Secret } from '../types/core-v1/config.ts'
import { Pod } from '../types/core-v1/pod.ts'
import { Service } from '../types/core-v1/service.ts'
import { decode, decodePatched } from './decode.ts'
import { parseBody } from './json.ts'
import type { StructSchema } from './schema.ts'

const refusal = (run: () => unknown): ApiError => {
  try { run() } catch (error) { if (error instanceof ApiError) return error; throw error }
  throw new Error('was accepted')
}
const message = (schema: StructSchema, value: unknown, text?: string): string => refusal(() => decode(schema, value, 'Strict', { text })).message

describe('what fits comes out in canonical form', () => {
  test('nulls, unknown fields and empty optional collections fall away', () => {
    const { object } = decode(ConfigMap, { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a', labels: {}, finalizers: [], foo: 1, annotations: null }, data: null, bar: {} }, 'Ignore')
    expect(object).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } })
  })
  test('fields stand in declared order and map keys sorted, so that equal objects have equal text', () => {
    const one = decode(ConfigMap, { data: { b: '2', a: '1' }, metadata: { name: 'x' } }, 'Ignore').object
    const two = decode(ConfigMap, { metadata: { name: 'x' }, data: { a: '1', b: '2' } }, 'Ignore').object
    expect(JSON.stringify(one)).toBe('{"metadata":{"name":"x"},"data":{"a":"1","b":"2"}}')
    expect(JSON.stringify(two)).toBe(JSON.stringify(one))
  })
  test('required values get their zero value, a nullable one stays absent', () => {
    expect(decode(Deployment, {}, 'Ignore').object).toEqual({ metadata: {}, spec: { template: { metadata: {}, spec: { containers: [] } } } })
    expect(decode(Pod, { spec: { containers: [{}] } }, 'Ignore').object.spec.containers).toEqual([{ name: '' }])
    expect(decode(Service, { spec: { ports: [null] } }, 'Ignore').object.spec.ports).toEqual([{ port: 0 }])
  })
  test('zero values fall away where the original does not keep them apart from absence', () => {
    const { object } = decode(Deployment, {
      metadata: { name: '', generation: 0 },
      spec: { replicas: 0, paused: false, minReadySeconds: 0, template: { metadata: { name: '' }, spec: { hostNetwork: false, priority: 0, containers: [{ name: '', image: '', tty: false, env: [{ name: 'a', value: '' }] }] } } },
      status: { replicas: 0, unavailableReplicas: 0, terminatingReplicas: 0 },
    }, 'Ignore')
    expect(object).toEqual({
      metadata: {}, spec: { replicas: 0, template: { metadata: {}, spec: { priority: 0, containers: [{ name: '', env: [{ name: 'a' }] }] } } }, status: { terminatingReplicas: 0 },
    })
  })
  test('and stay where it always writes them', () => {
    const { object } = decode(Pod, { status: { containerStatuses: [{ name: 'a', restartCount: 0 }] } }, 'Ignore')
    expect(object.status.containerStatuses).toEqual([{ name: 'a', ready: false, restartCount: 0, image: '', imageID: '', state: {}, lastState: {} }])
  })
  test('quantities and times', () => {
    const { object } = decode(Pod, { metadata: { creationTimestamp: '2020-01-01T02:00:00.5+02:00' }, spec: { containers: [{ name: 'a', resources: { limits: { cpu: 0.5, memory: '1024Mi', pods: 2 } } }] } }, 'Strict')
    expect(object.metadata.creationTimestamp).toBe('2020-01-01T00:00:00Z')
    expect(object.spec.containers[0].resources.limits).toEqual({ cpu: '500m', memory: '1Gi', pods: '2' })
  })
  test('an int or a string stays what it is', () => {
    const { object } = decode(Service, { spec: { ports: [{ port: 80, targetPort: 'http' }, { port: 81, targetPort: 81 }] } }, 'Strict')
    expect(object.spec.ports.map((port: any) => port.targetPort)).toEqual(['http', 81])
  })
  test('the input is not touched and may be frozen', () => {
    const input = Object.freeze({ metadata: Object.freeze({ name: 'x', labels: Object.freeze({ a: 'b' }) }) })
    const { object } = decode(ConfigMap, input, 'Strict')
    object.metadata.labels.a = 'c'
    expect(input.metadata.labels.a).toBe('b')
  })
  test('__proto__ and friends are data where keys are free, and unknown where they are not', () => {
    const { object, warnings } = decode(ConfigMap, JSON.parse('{"data":{"__proto__":"x","constructor":"y"},"__proto__":{"kind":"z"},"toString":1}'), 'Warn')
    expect(Object.entries(object.data)).toEqual([['__proto__', 'x'], ['constructor', 'y']])
    expect(object.kind).toBeUndefined()
    expect(Object.getPrototypeOf(object.data)).toBe(Object.prototype)
    expect(warnings).toEqual(['unknown field "__proto__"', 'unknown field "toString"'])
  })
})

describe('what does not fit is refused in the words of the original', () => {
  test.each<[string, StructSchema, unknown, string]>([
    ['a string for an int', Deployment, { spec: { replicas: '3' } }, 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['a number for a label', Deployment, { metadata: { labels: { a: 1 } } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string'],
    ['deep in lists', Deployment, { spec: { template: { spec: { containers: [{ image: 1 }] } } } }, 'json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.image of type string'],
    ['an object for a list', Deployment, { spec: { template: { spec: { containers: {} } } } }, 'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container'],
    ['a string for an object', Deployment, { spec: 'x' }, 'json: cannot unmarshal string into Go struct field Deployment.spec of type v1.DeploymentSpec'],
    ['a fraction', Deployment, { spec: { replicas: 1.5 } }, 'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['too large a number', Deployment, { spec: { replicas: 3000000000 } }, 'json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['a string for a bool', Deployment, { spec: { paused: 'yes' } }, 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool'],
    ['a list for the whole', Deployment, [], 'json: cannot unmarshal array into Go value of type v1.Deployment'],
    ['a bad time', Deployment, { metadata: { creationTimestamp: 'soon' } }, 'parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"'],
    ['a day that is none', Deployment, { metadata: { creationTimestamp: '2021-02-30T00:00:00Z' } }, 'parsing time "2021-02-30T00:00:00Z": day out of range'],
    ['a number for a time', Deployment, { metadata: { creationTimestamp: 1 } }, 'json: cannot unmarshal number into Go value of type string'],
  ])('%s', (_, schema, value, why) => expect(message(schema, value)).toBe(`Deployment in version "v1" cannot be handled as a Deployment: ${why}`))

  test('a quantity', () => expect(message(Pod, { spec: { containers: [{ resources: { limits: { cpu: 'x' } } }] } })).toBe(
    `Pod in version "v1" cannot be handled as a Pod: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`))
  test('base64', () => expect(message(Secret, { data: { a: 'a=b' } })).toBe('Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 1'))
  test('bool for an int or string', () => expect(message(Service, { spec: { ports: [{ targetPort: true }] } })).toContain('json: cannot unmarshal bool into Go value of type int32'))
  test('nesting without end', () => {
    let value: unknown = {}
    for (let i = 0; i < 100_000; i++) value = { a: value }
    expect(message(Pod, { metadata: { managedFields: [{ fieldsV1: value }] } })).toContain('exceeded max depth')
  })
})

describe('strict checks', () => {
  const value = { spec: { foo: 1, template: { spec: { containers: [{ name: 'a', bar: 2 }] } } }, baz: { x: 1 } }
  test('Strict names every unknown field', () => {
    expect(message(Deployment, value)).toBe(
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.foo", unknown field "spec.template.spec.containers[0].bar", unknown field "baz"')
  })
  test('Warn reports them and goes on', () => expect(decode(ConfigMap, { a: 1, metadata: { b: 2 } }, 'Warn').warnings).toEqual(['unknown field "a"', 'unknown field "metadata.b"']))
  test('case matters', () => expect(decode(ConfigMap, { Data: {} }, 'Warn').warnings).toEqual(['unknown field "Data"']))
  test('duplicates, but not below an unknown field', () => {
    const text = '{"metadata":{"name":"a","name":"b","labels":{"x\\"":"1","x\\"":"2"}},"foo":{"a":1,"a":2},"data":{"k":"{\\"a\\":1,\\"a\\":2}"}}'
    expect(decode(ConfigMap, JSON.parse(text), 'Warn', { text }).warnings).toEqual(['unknown field "foo"', 'duplicate field "metadata.name"', 'duplicate field "metadata.labels.x\\""'])
  })
  test('of a patched object it is a 422', () => {
    const error = refusal(() => decodePatched(ConfigMap, { foo: 1 }, 'Strict', () => '{"foo":1}'))
    expect([error.code, error.message]).toEqual([422, ' "" is invalid: patch: Invalid value: "{\\"foo\\":1}": strict decoding error: unknown field "foo"'])
  })
})

describe('a body that is no JSON', () => {
  test.each([
    ['', 'unexpected end of JSON input (<empty>)'], ['{"a":1', 'unexpected end of JSON input ({"a":1)'], ['{"a" 1}', "invalid character '1' after object key ({\"a\" 1})"],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string ({a:1})"], ['{"a":1,}', "invalid character '}' looking for beginning of object key string ({\"a\":1,})"],
    ['{"a":[1 2]}', "invalid character '2' after array element ({\"a\":[1 2]})"], ['{"a":tru}', "invalid character '}' in literal true (expecting 'e') ({\"a\":tru})"],
    ['{"a":1}x', "invalid character 'x' after top-level value ({\"a\":1}x)"], ['abc', "invalid character 'a' looking for beginning of value (616263)"],
    ['{"a":01}', "invalid character '1' after object key:value pair ({\"a\":01})"], ['{"a":"\n"}', "invalid character '\\n' in string literal ({\"a\":\"\n\"})"],
  ])('%j', (text, why) => expect(refusal(() => parseBody(text, 'Pod')).message).toBe(`the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: ${why}`))
  test('deep nesting is told, not crashed on', () => expect(refusal(() => parseBody('['.repeat(200_000), 'Pod')).message).toContain('exceeded max depth'))
})
