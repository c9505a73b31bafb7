import { describe, expect, test } from 'vitest'
import { builtinKinds } from '../kinds/registry.ts'
import { definitionName } from './names.ts'
import { ProtobufWriter } from './protobuf-writer.ts'
import { testKinds } from './testing/test-kinds.ts'
import { openApiV2 } from './v2.ts'
import { encodeOpenApiV2 } from './v2-protobuf.ts'
import { openApiHash, openApiV3, openApiV3Index, openApiV3Paths } from './v3.ts'

const v2 = openApiV2(builtinKinds, 'v1.36.0') as any
const v3 = openApiV3Paths(builtinKinds).map((path) => [path, openApiV3(builtinKinds, path, 'v1.36.0') as any] as const)

/** Every value of a key anywhere in a document. */
function* valuesOf(node: unknown, key: string): Generator<any> {
  if (typeof node !== 'object' || node === null) return
  for (const [name, value] of Object.entries(node)) {
    if (name === key && typeof value === 'string') yield value
    else yield* valuesOf(value, key)
  }
}

test.each([
  ['core/v1.Pod', 'io.k8s.api.core.v1.Pod'], ['meta/v1.ObjectMeta', 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'], ['rbac/v1.Role', 'io.k8s.api.rbac.v1.Role'],
  ['stable.example.com/v1.CronTab', 'com.example.stable.v1.CronTab'],
])('%s is called %s', (name, definition) => expect(definitionName(name)).toBe(definition))

describe('documents', () => {
  test.each([['v2', v2, '#/definitions/', v2.definitions], ...v3.map(([path, document]) => [path, document, '#/components/schemas/', document.components.schemas] as const)] as const)('%s: every reference leads somewhere', (_, document, prefix, definitions) => {
    const refs = new Set(valuesOf(document, '$ref'))
    expect(refs.size).toBeGreaterThan(10)
    expect([...refs].filter((ref) => !ref.startsWith(prefix) || !Object.hasOwn(definitions, ref.slice(prefix.length)))).toEqual([])
  })

  test('no two operations share an id', () => {
    const ids = [...valuesOf(v2.paths, 'operationId')]
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
    expect(ids).toEqual(expect.arrayContaining(['listCoreV1NamespacedPod', 'readAppsV1NamespacedDeployment', 'patchCoreV1Node', 'listCoreV1PodForAllNamespaces', 'replaceAppsV1NamespacedDeploymentScale', 'deleteCoreV1CollectionNamespacedPod']))
  })
})

describe('a definition', () => {
  const spec = v2.definitions['io.k8s.api.core.v1.ServiceSpec']
  test('says how lists merge', () => expect(spec.properties.ports).toEqual({
    type: 'array', items: { $ref: '#/definitions/io.k8s.api.core.v1.ServicePort' }, 'x-kubernetes-list-map-keys': ['port', 'protocol'], 'x-kubernetes-list-type': 'map',
    'x-kubernetes-patch-merge-key': 'port', 'x-kubernetes-patch-strategy': 'merge',
  }))
  test('names what must be there', () => expect(v2.definitions['io.k8s.api.core.v1.ServicePort'].required).toEqual(['port']))
  test('knows the special types', () => {
    expect(v2.definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({ type: 'string', format: 'int-or-string' })
    expect(v3[0]![1].components.schemas['io.k8s.apimachinery.pkg.api.resource.Quantity']).toMatchObject({ oneOf: [{ type: 'string' }, { type: 'number' }] })
  })
  test('carries group, version and kind, lists too', () => {
    expect(v2.definitions['io.k8s.api.core.v1.Pod']['x-kubernetes-group-version-kind']).toEqual([{ group: '', kind: 'Pod', version: 'v1' }])
    expect(v2.definitions['io.k8s.api.core.v1.PodList']['x-kubernetes-group-version-kind']).toEqual([{ group: '', kind: 'PodList', version: 'v1' }])
  })
  test('of version 3 has its references in allOf, and defaults', () => {
    const port = v3[0]![1].components.schemas['io.k8s.api.core.v1.ServicePort'].properties
    expect(port.protocol.default).toBe('TCP')
    expect(port.targetPort).toEqual({ allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.util.intstr.IntOrString' }] })
  })
})

test('an operation tells clients what it is and which parameters it takes', () => {
  const { patch, parameters } = v2.paths['/api/v1/namespaces/{namespace}/pods/{name}']
  expect(patch).toMatchObject({ 'x-kubernetes-action': 'patch', 'x-kubernetes-group-version-kind': { group: '', version: 'v1', kind: 'Pod' } })
  expect(patch.parameters.map(({ name }: any) => name)).toEqual(['body', 'pretty', 'dryRun', 'fieldManager', 'fieldValidation', 'force'])
  expect(parameters.map(({ name }: any) => name)).toEqual(['name', 'namespace'])
})

test('the index names each document with its hash', () => {
  const bytes = Buffer.from('{}')
  expect(openApiV3Paths(testKinds)).toEqual(['api/v1', 'apis/apps/v1', 'apis/apps/v1beta1'])
  expect(openApiV3Index([['api/v1', bytes]])).toEqual({ paths: { 'api/v1': { serverRelativeURL: `/openapi/v3/api/v1?hash=${openApiHash(bytes)}` } } })
  expect(openApiV3(testKinds, 'apis/none/v1', 'v')).toBeUndefined()
})

describe('the protobuf form', () => {
  test('messages of every size of length', () => {
    const of = (size: number) => { const writer = new ProtobufWriter(); writer.message(1, (inner) => inner.string(2, 'x'.repeat(size))); return writer.finish() }
    expect([...of(2)]).toEqual([0x0a, 4, 0x12, 2, 0x78, 0x78])
    expect([...of(200).subarray(0, 6)]).toEqual([0x0a, 0xcb, 0x01, 0x12, 0xc8, 0x01])
    expect([of(200).length, of(70_000).length]).toEqual([206, 70_008])
  })
  test('begins with the version and is smaller than the JSON', () => {
    const bytes = encodeOpenApiV2(v2)
    expect([...bytes.subarray(0, 5)]).toEqual([0x0a, 3, 0x32, 0x2e, 0x30])
    expect(bytes.length).toBeLessThan(JSON.stringify(v2).length)
  })
})
