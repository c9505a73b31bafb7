import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { Kind } from '../../api/kinds/kind.ts'
import { builtinKinds } from '../../api/kinds/registry.ts'
import { resolve } from '../../api/schema/schema.ts'
import type { Schema, StructSchema } from '../../api/schema/schema.ts'
import { encodeMessage, sealEnvelope } from '../../api/protobuf/encode.ts'
import { randomOf, valueOf } from './testing/random-values.ts'
import { startTestServer } from './testing/test-server.ts'
import type { Answer, TestServer } from './testing/test-server.ts'

let server: TestServer
beforeAll(async () => { server = await startTestServer() })
afterAll(() => server.close())

const pathOf = (kind: Kind, name = '') => `/${kind.group ? `apis/${kind.group}` : 'api'}/${kind.version}${kind.namespaced ? '/namespaces/default' : ''}/${kind.resource}${name && `/${encodeURIComponent(name)}`}`
const wire = { wire: true }

/** For these the original answers 500 too, though the client is at fault. */
const faultsOfClients = /^resourceVersion should not be set on objects to be created$|does not contain declared merge key|^list element types are not identical: /

/** Whatever was sent: an answer that is an object or a proper `Status`, and never a fault of ours. */
function expectAnswer({ status, body }: Answer, what: string): void {
  if (!faultsOfClients.test(body?.message)) expect(status, `${what}: ${JSON.stringify(body)}`).not.toBe(500)
  expect(typeof body, what).toBe('object')
  if (status >= 400) expect(body, what).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, message: expect.any(String) })
}

const creatable = builtinKinds.filter(({ verbs }) => verbs.includes('create'))

describe('objects of chance', () => {
  test.each(creatable.map((kind) => [`${apiVersionOf(kind)} ${kind.kind}`, kind] as const))('%s: refused with reasons or stored as it may be', async (_, kind) => {
    const random = randomOf(kind.kind.length * 1000 + kind.resource.length)
    for (let round = 0; round < 25; round++) {
      const object = valueOf(kind.schema, random) as Record<string, any>
      if (typeof object !== 'object' || object === null || Array.isArray(object)) continue
      Object.assign(object, { apiVersion: apiVersionOf(kind), kind: kind.kind })
      if (random(4) > 0) object.metadata = { name: `x${round}`, ...(kind.namespaced && { namespace: 'default' }) }
      const text = JSON.stringify(object)
      const made = await server.call('POST', `${pathOf(kind)}?fieldValidation=${['Strict', 'Warn', 'Ignore'][random(3)]}`, text, wire)
      expectAnswer(made, text)
      if (made.status !== 201 || !kind.verbs.includes('get')) continue
      // What is stored can be read, written back as it is, and listed as a table.
      const read = await server.call('GET', pathOf(kind, made.body.metadata.name), undefined, wire)
      expect(read.status, text).toBe(200)
      const again = await server.call('PUT', pathOf(kind, made.body.metadata.name), JSON.stringify(read.body), wire)
      expect(again, JSON.stringify(read.body)).toMatchObject({ status: 200 })
      expectAnswer(await server.call('GET', pathOf(kind), undefined, { wire: true, headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' } }), 'a table')
    }
  })
})

describe('bodies of chance', () => {
  const kinds = creatable.filter(({ resource }) => ['pods', 'services', 'configmaps', 'deployments', 'clusterroles', 'jobs', 'ingresses'].includes(resource))
  const types = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/json-patch+json', 'text/plain', '', 'application/json;charset=x']

  test('in every content type, broken at every place', async () => {
    const random = randomOf(7)
    for (const kind of kinds) {
      for (let round = 0; round < 60; round++) {
        const type = types[random(types.length)]!
        const object = { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name: 'b' }, ...(valueOf(kind.schema, random) as object) }
        let bytes = Buffer.from(type.includes('protobuf') ? protobufOf(kind, object) : JSON.stringify(object))
        for (let breaks = random(4); breaks > 0; breaks--) bytes = broken(bytes, random)
        expectAnswer(await server.call('POST', pathOf(kind), bytes, { wire: true, headers: { 'content-type': type } }), `${type} ${bytes.toString('latin1').slice(0, 500)}`)
      }
    }
  })

  test.each([
    ['deep nesting', 'application/json', '{"metadata":{"annotations":' + '['.repeat(20_000)],
    ['deep nesting that closes', 'application/json', '{"data":' + '{"a":'.repeat(5000) + '1' + '}'.repeat(5001)],
    ['a huge number', 'application/json', `{"metadata":{"name":"x","generation":${'9'.repeat(5000)}}}`],
    ['the same key twice', 'application/json', '{"metadata":{"name":"a"},"metadata":{"name":"b"}}'],
    ['__proto__', 'application/json', '{"__proto__":{"metadata":{"name":"x"}},"metadata":{"__proto__":{"name":"y"}}}'],
    ['an alias bomb', 'application/yaml', ['a: &a [x,x,x,x,x,x,x,x,x]', ...Array.from({ length: 12 }, (_, i) => `${String.fromCharCode(98 + i)}: &${String.fromCharCode(98 + i)} [${Array(9).fill(`*${String.fromCharCode(97 + i)}`).join(',')}]`)].join('\n')],
    ['several documents', 'application/yaml', 'a: 1\n---\nb: 2\n'],
    ['a tag of another language', 'application/yaml', 'a: !!js/function "function(){}"'],
    ['no UTF-8', 'application/json', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ])('%s', async (_, type, body) => {
    const answer = await server.call('POST', '/api/v1/namespaces/default/configmaps?fieldValidation=Strict', body, { wire: true, headers: { 'content-type': type } })
    expectAnswer(answer, type)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(({} as Record<string, unknown>)['metadata']).toBeUndefined()
  })
})

describe('patches of chance', () => {
  const forms = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml']

  test('change an object as they may, or not at all', async () => {
    const random = randomOf(11)
    const path = '/api/v1/namespaces/default/services/patched'
    await server.call('POST', '/api/v1/namespaces/default/services', { metadata: { name: 'patched' }, spec: { ports: [{ port: 80 }] } })
    const Service = builtinKinds.find(({ resource }) => resource === 'services')!.schema
    for (let round = 0; round < 300; round++) {
      const type = forms[random(forms.length)]!
      const body = type.includes('json-patch') ? Array.from({ length: random(4) }, () => operation(random, Service)) : { ...(valueOf(Service, random) as object), ...(random(2) > 0 && { metadata: { name: 'patched' } }) }
      const text = JSON.stringify(type.includes('apply') && random(2) > 0 ? { apiVersion: 'v1', kind: 'Service', ...body } : body)
      expectAnswer(await server.call('PATCH', `${path}?fieldManager=m${random(3)}${type.includes('apply') && random(2) > 0 ? '&force=true' : ''}`, text, { wire: true, headers: { 'content-type': type } }), `${type} ${text}`)
    }
    expect((await server.call('PUT', path, (await server.call('GET', path)).body)).status).toBe(200)
  })

  test.each([...forms.map((type) => [type, '{"metadata":{"annotations":' + '{"x":'.repeat(9000) + '1' + '}'.repeat(9002)]), [forms[0]!, `[{"op":"add","path":"/data","value":${'['.repeat(9000)}${']'.repeat(9000)}}]`]])('%s, nested without end, is refused', async (type, body) => {
    await server.call('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'deep' } })
    const answer = await server.call('PATCH', '/api/v1/namespaces/default/configmaps/deep?fieldManager=m', body, { wire: true, headers: { 'content-type': type! } })
    expect([400, 422]).toContain(answer.status)
    expectAnswer(answer, type!)
  })

  test('a patch bomb doubles until it is stopped', async () => {
    await server.call('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'bomb' }, data: { a: 'x'.repeat(1000) } })
    const copies = Array.from({ length: 9000 }, (_, i) => ({ op: 'copy', from: '/data', path: `/metadata/annotations${i}` }))
    const answer = await server.call('PATCH', '/api/v1/namespaces/default/configmaps/bomb', JSON.stringify(copies), { wire: true, headers: { 'content-type': forms[0]! } })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expectAnswer(answer, 'bomb')
  })
})

function operation(random: (below: number) => number, schema: StructSchema): object {
  const op = ['add', 'remove', 'replace', 'move', 'copy', 'test', 'nope'][random(7)]
  const path = () => `/${Array.from({ length: 1 + random(4) }, () => ['metadata', 'spec', 'ports', '0', '-', 'labels', '__proto__', '~1', '~', '', 'port', '99999999999'][random(12)]).join('/')}`
  return { op, path: path(), ...(random(2) === 0 && { from: path() }), ...(random(3) > 0 && { value: valueOf(schema.fields['spec']!.schema as Schema, random) }) }
}

/** Random objects need not fit what the encoder takes for granted; those that do not go as JSON in an envelope. */
function protobufOf(kind: Kind, object: object): Uint8Array {
  try {
    return sealEnvelope(apiVersionOf(kind), kind.kind, encodeMessage(resolve(kind.schema) as StructSchema, object))
  } catch {
    return sealEnvelope(apiVersionOf(kind), kind.kind, Buffer.from(JSON.stringify(object)))
  }
}

function broken(bytes: Buffer, random: (below: number) => number): Buffer<ArrayBuffer> {
  const at = random(bytes.length + 1)
  switch (random(4)) {
    case 0: return Buffer.from(bytes.subarray(0, at))
    case 1: return Buffer.concat([bytes.subarray(0, at), Buffer.from([random(256)]), bytes.subarray(at)])
    case 2: return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(5))])
    default: {
      const copy = Buffer.from(bytes)
      if (at < copy.length) copy[at] = random(256)
      return copy
    }
  }
}
