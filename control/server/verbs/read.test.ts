import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configMap, pod, startTestServer, take } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

let server: TestServer
const configMaps = '/api/v1/namespaces/default/configmaps'
const pods = '/api/v1/namespaces/default/pods'

beforeAll(async () => {
  server = await startTestServer()
  for (let i = 0; i < 5; i++) await server.call('POST', configMaps, configMap(`c${i}`, { i: String(i) }, { labels: { parity: i % 2 ? 'odd' : 'even' } }))
  await server.call('POST', pods, pod('a', { spec: { nodeName: 'n1' } }))
  await server.call('POST', pods, pod('b', { spec: { nodeName: 'n2' } }))
})
afterAll(() => server.close())

const names = (body: { items: { metadata: { name: string } }[] }) => body.items.map((item) => item.metadata.name)

describe('get', () => {
  test('what is not there is 404 with details', async () => {
    expect((await server.call('GET', `${configMaps}/nope`)).body).toEqual({
      kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: 'configmaps "nope" not found', reason: 'NotFound', details: { name: 'nope', kind: 'configmaps' }, code: 404,
    })
    expect((await server.call('GET', '/apis/apps/v1/namespaces/default/deployments/nope')).body).toMatchObject({ message: 'deployments.apps "nope" not found', details: { name: 'nope', group: 'apps', kind: 'deployments' } })
  })

  test('over the wire the bytes are the ready-made ones, of exactly application/json', async () => {
    const answer = await server.raw('GET', `${configMaps}/c0`, undefined, { wire: true })
    expect(answer.headers['content-type']).toBe('application/json')
    expect(answer.body.kind).toBe('bytes')
  })

  test('other forms: YAML, table, metadata only, pretty', async () => {
    const get = async (accept: string, query = '') => server.call('GET', `${configMaps}/c0${query}`, undefined, { wire: true, headers: { accept } })
    expect((await get('application/yaml')).body).toContain('kind: ConfigMap\n')
    const table = (await get('application/json;as=Table;v=v1;g=meta.k8s.io')).body
    expect(table).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', rows: [{ cells: ['c0', 1, expect.any(String)], object: { kind: 'PartialObjectMetadata' } }] })
    expect(table.columnDefinitions.map((column: { name: string }) => column.name)).toEqual(['Name', 'Data', 'Age'])
    expect((await get('application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io')).body).toEqual({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: expect.objectContaining({ name: 'c0' }) })
    expect((await get('text/html')).body).toMatchObject({ code: 406, reason: 'NotAcceptable' })
    expect((await get('application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io')).body).toMatchObject({ code: 406, message: 'you requested PartialObjectMetadataList, but the requested object is not a list (*v1.ConfigMap)' })
    const headers = { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' }
    expect((await server.call('GET', configMaps, undefined, { wire: true, headers })).body).toMatchObject({ code: 406, message: 'you requested PartialObjectMetadata, but the requested object is a list (*v1.ConfigMapList)' })
    const raw = await server.raw('GET', `${configMaps}/c0?pretty=true`, undefined, { wire: true })
    expect(raw.body.kind === 'bytes' && Buffer.from(raw.body.bytes).toString()).toMatch(/^{\n  "apiVersion": "v1",\n/)
  })

  test.each([['..%2fsecrets', '"../secrets": may not contain \'/\''], ['%2e%2e', '"..": may not be \'..\''], ['a%25b', '"a%b": may not contain \'%\'']])('the name %s is refused', async (name, wrong) => {
    expect((await server.call('GET', `${configMaps}/${name}`)).body).toMatchObject({ code: 400, message: `Name parameter invalid: ${wrong}` })
  })

  test('a path that cannot be read is 400', async () => {
    expect((await server.call('GET', '/api/v1/namespaces/%zz/pods')).body).toMatchObject({ code: 400, reason: 'BadRequest' })
  })

  test('paths of the wrong scope lead nowhere', async () => {
    for (const path of ['/api/v1/configmaps/c0', '/api/v1/namespaces/default/nodes/n1', '/apis/nope/v1/x', '/api/v2/pods', '/nope', `${pods}/a/nope`, `${pods}/a/status/x`]) expect((await server.call('GET', path)).status, path).toBe(404)
  })
})

describe('list', () => {
  test('is the kind’s list at a revision', async () => {
    const { body } = await server.call('GET', configMaps)
    expect(body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: expect.stringMatching(/^\d+$/) } })
    expect(names(body)).toEqual(['c0', 'c1', 'c2', 'c3', 'c4'])
    const items = body.items.map(({ apiVersion: _, kind: __, ...rest }: Record<string, unknown>) => rest)
    expect((await server.call('GET', configMaps, undefined, { wire: true })).body).toEqual({ ...body, items })
  })

  test.each([
    ['labelSelector=parity=odd', ['c1', 'c3']], ['labelSelector=parity in (even),parity', ['c0', 'c2', 'c4']], ['labelSelector=!parity', []],
    ['fieldSelector=metadata.name=c2', ['c2']], ['fieldSelector=metadata.name!=c2,metadata.namespace=default', ['c0', 'c1', 'c3', 'c4']],
  ])('%s', async (query, expected) => {
    expect(names((await server.call('GET', `${configMaps}?${query}`)).body)).toEqual(expected)
  })

  test('pages hang together', async () => {
    const first = (await server.call('GET', `${configMaps}?limit=2`)).body
    expect(names(first)).toEqual(['c0', 'c1'])
    expect(first.metadata.remainingItemCount).toBe(3)
    const second = (await server.call('GET', `${configMaps}?limit=2&continue=${encodeURIComponent(first.metadata.continue)}`)).body
    expect(names(second)).toEqual(['c2', 'c3'])
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    const last = (await server.call('GET', `${configMaps}?limit=2&continue=${encodeURIComponent(second.metadata.continue)}`)).body
    expect([names(last), last.metadata.continue]).toEqual([['c4'], undefined])
  })

  test.each([
    ['fieldSelector=spec.nope=x', 400, /field label not supported|not a known field selector/],
    ['labelSelector=a b', 400, /unable to parse requirement/],
    ['resourceVersion=abc', 400, /resourceVersion/],
    ['continue=%25%25', 400, /continue/],
    ['limit=many', 400, /invalid syntax/],
    ['resourceVersionMatch=Exact', 422, /resourceVersionMatch is forbidden unless resourceVersion is provided/],
    ['resourceVersionMatch=Odd&resourceVersion=1', 422, /resourceVersionMatch: Unsupported value: "Odd"/],
    ['resourceVersionMatch=Exact&resourceVersion=0', 422, /is forbidden for resourceVersion "0"/],
    ['sendInitialEvents=true', 422, /sendInitialEvents is forbidden for list/],
    ['resourceVersion=99999999', 504, /Too large resource version/],
  ])('%s is refused', async (query, code, message) => {
    const clockless = await server.call('GET', `${configMaps}?${query}`)
    expect(clockless.body).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('as a table', async () => {
    const { body } = await server.call('GET', configMaps, undefined, { wire: true, headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })
    expect(body.rows).toHaveLength(5)
    expect(body.metadata.resourceVersion).toMatch(/^\d+$/)
  })

  test('a long one goes out in slices that announce their length', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, i) => server.call('POST', '/api/v1/namespaces/kube-public/configmaps', configMap(`big-${i}`, { text: 'x'.repeat(20_000) }))))
    const answer = await server.raw('GET', '/api/v1/namespaces/kube-public/configmaps', undefined, { wire: true })
    expect(answer.body.kind).toBe('chunks')
    let length = 0
    let text = ''
    if (answer.body.kind === 'chunks') for await (const chunk of answer.body.chunks) { length += chunk.length; text += Buffer.from(chunk).toString() }
    expect(String(length)).toBe(answer.headers['content-length'])
    expect(JSON.parse(text).items).toHaveLength(40)
  })
})

describe('watch', () => {
  const watch = (path: string, query = '', signal?: AbortSignal) => server.raw('GET', `${path}?watch=true${query}`, undefined, signal ? { signal } : {})

  test('begins where the list ended', async () => {
    const { resourceVersion } = (await server.call('GET', configMaps)).body.metadata
    const events = take(await watch(configMaps, `&resourceVersion=${resourceVersion}`), 3)
    await server.call('POST', configMaps, configMap('w'))
    await server.call('PATCH', `${configMaps}/w`, { data: { a: 'b' } }, { headers: { 'content-type': 'application/merge-patch+json' } })
    await server.call('DELETE', `${configMaps}/w`)
    expect((await events).map(({ type, object }) => [type, (object as any).metadata.name])).toEqual([['ADDED', 'w'], ['MODIFIED', 'w'], ['DELETED', 'w']])
  })

  test('without a revision shows what there is first', async () => {
    expect((await take(await watch(configMaps, '&labelSelector=parity=odd'), 2)).map(({ type, object }) => [type, (object as any).metadata.name])).toEqual([['ADDED', 'c1'], ['ADDED', 'c3']])
  })

  test('sendInitialEvents ends the beginning with a bookmark', async () => {
    const events = await take(await watch(configMaps, '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&fieldSelector=metadata.name=c2'), 2)
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK'])
    expect((events[1]!.object as any).metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
  })

  test('of one node sees only its pods', async () => {
    const { resourceVersion } = (await server.call('GET', pods)).body.metadata
    const events = take(await watch('/api/v1/pods', `&resourceVersion=${resourceVersion}&fieldSelector=spec.nodeName=n2`), 1)
    for (const name of ['a', 'b']) await server.call('PATCH', `${pods}/${name}`, { metadata: { labels: { seen: 'yes' } } }, { headers: { 'content-type': 'application/merge-patch+json' } })
    expect((await events).map(({ object }) => (object as any).metadata.name)).toEqual(['b'])
  })

  test('ends with its time-out and with the reader', async () => {
    const { body } = await watch(configMaps, '&timeoutSeconds=1&resourceVersion=0')
    let seen = 0
    if (body.kind === 'watch') for await (const _ of body.events) seen++
    expect(seen).toBeGreaterThanOrEqual(5)
    const leaving = new AbortController()
    const left = take(await watch(configMaps, '&fieldSelector=metadata.name=none', leaving.signal), 1)
    leaving.abort()
    expect(await left).toEqual([])
  })

  test('ends with the server', async () => {
    const other = await startTestServer()
    const left = take(await other.raw('GET', `${configMaps}?watch=true`), 1)
    await other.close()
    expect(await left).toEqual([])
  })

  test('as a table gives rows, the headers once', async () => {
    const response = await server.raw('GET', `${configMaps}?watch=1`, undefined, { wire: true, headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })
    const [first, second] = (await take(response, 2)).map(({ object }) => object as any)
    expect([first.columnDefinitions.length, second.columnDefinitions, first.rows[0].cells[0]]).toEqual([3, null, 'c0'])
  })

  test.each([
    ['resourceVersionMatch=NotOlderThan', 422, /forbidden for watch unless sendInitialEvents/],
    ['sendInitialEvents=true', 422, /requires setting resourceVersionMatch to NotOlderThan/],
  ])('%s is refused', async (query, code, message) => {
    expect((await server.call('GET', `${configMaps}?watch=1&${query}`)).body).toMatchObject({ code, message: expect.stringMatching(message) })
  })
})
