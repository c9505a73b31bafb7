import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

/* Whatever is applied, the answer is a proper Status, and what is stored stays readable. The seed is fixed. */

let server: TestServer
beforeAll(async () => { server = await startTestServer() })
afterAll(() => server.close())

let seed = 36
const random = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % below
const pick = <T>(of: readonly T[]): T => of[random(of.length)]!

const values: readonly unknown[] = [null, '', 'x', 0, -1, 1e300, true, [], {}, [null], [[]], [{}], ['a', 'a'], { a: null }, [{ name: 'c' }, { name: 'c' }], JSON.parse('{"__proto__":{"x":1}}'), { constructor: 'x' }, { toString: 1 }]

/** A good object with some of its parts replaced by nonsense. */
function spoiled(value: unknown, odds: number): unknown {
  if (random(odds) === 0) return structuredClone(pick(values))
  if (Array.isArray(value)) return value.map((item) => spoiled(item, odds))
  if (typeof value !== 'object' || value === null) return value
  const out: Record<string, unknown> = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, spoiled(item, odds)]))
  if (random(odds) === 0) Object.defineProperty(out, pick(['__proto__', 'constructor', 'zzz', 'f:x']), { value: pick(values), enumerable: true, configurable: true, writable: true })
  return out
}

const good = {
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', labels: { a: 'b' }, annotations: { c: 'd' }, finalizers: ['example.com/f'], ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u' }] },
  spec: {
    containers: [{ name: 'c', image: 'web:1', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: 'b' }], resources: { requests: { cpu: '100m' } } }],
    volumes: [{ name: 'v', emptyDir: {} }], tolerations: [{ operator: 'Exists' }],
  },
}
const path = '/api/v1/namespaces/default/pods/p'

test('applied nonsense is refused in a Status', async () => {
  const codes = new Set<number>()
  for (let i = 0; i < 500; i++) {
    const type = { 'content-type': 'application/apply-patch+yaml' }
    const { status, body } = await server.call('PATCH', `${path}?fieldManager=${pick(['one', 'two', 'kubectl'])}${pick(['', '&force=true'])}`, spoiled(good, pick([8, 20, 60])), { headers: type, wire: random(2) === 0 })
    codes.add(status)
    if (status >= 400) expect(body).toMatchObject({ kind: 'Status', code: status, message: expect.not.stringMatching(/Internal error|undefined|is not a|Cannot read/) })
  }
  expect([...codes]).toEqual(expect.arrayContaining([200, 500]))
})

test('nonsense in managedFields is ignored or taken, never fatal', async () => {
  await server.call('PATCH', `${path}?fieldManager=one&force=true`, good, { headers: { 'content-type': 'application/apply-patch+yaml' } })
  const entry = { manager: 'm', operation: 'Update', apiVersion: 'v1', time: '2026-01-01T00:00:00Z', fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {} } } } } }
  for (let i = 0; i < 300; i++) {
    const managedFields = pick([() => [spoiled(entry, 6)], () => spoiled([entry, entry], 6), () => [{ ...entry, fieldsV1: pick([{ 'k:{': {} }, { 'k:null': {} }, { 'k:{"a":{"b":[]}}': {} }, { 'v:[1,{}]': {}, 'v:{}': {} }, { 'i:9999999999999999999': {} }, { 'f:': { 'f:': null } }, { 'q:x': {} }]) }]])()
    const { status, body } = await server.call('PATCH', path, { metadata: { managedFields, labels: { i: `${i}` } } }, { headers: { 'content-type': 'application/merge-patch+json', 'user-agent': 'fuzz' } })
    if (status >= 400) expect(body).toMatchObject({ kind: 'Status', code: expect.toSatisfy((code: number) => code < 500) })
  }
  expect((await server.call('PATCH', `${path}?fieldManager=one&force=true`, good, { headers: { 'content-type': 'application/apply-patch+yaml' } })).status).toBe(200)
})
