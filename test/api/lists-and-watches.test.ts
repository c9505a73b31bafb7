import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMemoryLog } from '../../control/store/memory.ts'
import { createObjectStore } from '../../control/store/object-store.ts'
import { createWatchCache } from '../../control/store/watch-cache.ts'
import { systemClock } from '../../host/clock.ts'
import { kubectls } from '../lab/kubectls.ts'
import { openRoom } from './kubectl-room.ts'
import type { KubectlRoom } from './kubectl-room.ts'

/* Lists in chunks, at revisions, after compaction; watches that begin and end in every way: as kubectl asks for them, and raw. */

const log = createMemoryLog()
const cache = createWatchCache({ log, clock: systemClock, ringCapacity: 1 })
let room: KubectlRoom
beforeAll(async () => { room = await openRoom({ store: createObjectStore({ log, cache }), log: pino({ level: 'silent' }), metrics: new Registry() }) })
afterAll(async () => {
  await room.close()
  await cache.close()
  await log.close()
})

const found = kubectls()
if (found.length === 0) test.skip('stock kubectl: this machine has none on its PATH', () => {})

describe.each(found)('kubectl ($version)', (kubectl) => {
  const space = `lists-${kubectl.version}`
  const path = `/api/v1/namespaces/${space}/configmaps`
  const { run, say, refused } = { run: (line: string) => room.kubectl(kubectl, space).run(line), say: (line: string) => room.kubectl(kubectl, space).say(line), refused: (line: string) => room.kubectl(kubectl, space).refused(line) }
  const raw = async (query: string) => JSON.parse(await run(`get --raw ${path}?${query}`))
  const frames = async (query: string) => (await run(`get --raw ${path}?watch=true&${query}`)).split('\n').map((line) => JSON.parse(line) as { type: string; object: any })
  const make = async (...names: string[]) => { for (const name of names) await room.server.call('POST', path, { metadata: { name } }) }
  const names = ({ items }: { items: { metadata: { name: string } }[] }) => items.map(({ metadata }) => metadata.name)

  test('gets a list in chunks', async () => {
    await run(`create namespace ${space}`)
    await make('a', 'b', 'c', 'd', 'e')
    const { stdout, stderr } = await say('get configmaps --chunk-size=2 -o name -v=6')
    expect(stdout.trim().split('\n')).toEqual(['a', 'b', 'c', 'd', 'e'].map((name) => `configmap/${name}`))
    expect(stderr.match(/limit=2/g)).toHaveLength(3)
    expect(stderr.match(/continue=/g)).toHaveLength(2)
    expect((await run('get configmaps --chunk-size=2 --sort-by=.metadata.name')).split('\n')).toHaveLength(6)
  })

  test('what remains is counted, and the pages are of one revision', async () => {
    const first = await raw('limit=2')
    expect(first.metadata).toMatchObject({ remainingItemCount: 3, continue: expect.any(String) })
    await make('aa', 'z')
    const second = await raw(`limit=2&continue=${first.metadata.continue}`)
    expect([names(second), second.metadata.resourceVersion, second.metadata.remainingItemCount]).toEqual([['c', 'd'], first.metadata.resourceVersion, 1])
    const last = await raw(`limit=2&continue=${second.metadata.continue}`)
    expect([names(last), last.metadata.continue]).toEqual([['e'], undefined])
    expect((await raw('limit=2&labelSelector=!x')).metadata).not.toHaveProperty('remainingItemCount')
  })

  test('at a revision', async () => {
    const { metadata: { resourceVersion } } = await raw('')
    await make('late')
    expect(names(await raw(`resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`))).not.toContain('late')
    expect(names(await raw(`resourceVersion=${resourceVersion}&resourceVersionMatch=NotOlderThan`))).toContain('late')
    expect(names(await raw('resourceVersion=0'))).toContain('late')
    expect(await refused(`get --raw ${path}?resourceVersionMatch=Exact`)).toContain('resourceVersionMatch is forbidden unless resourceVersion is provided')
    expect(await refused(`get --raw ${path}?resourceVersion=0&resourceVersionMatch=Exact`)).toContain('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
    // A kubectl of today would try this ten times, a second apart.
    expect((await room.server.call('GET', `${path}?resourceVersion=99999999&resourceVersionMatch=NotOlderThan`)).body).toMatchObject({ code: 504, reason: 'Timeout', message: expect.stringContaining('Too large resource version: 99999999'), details: { retryAfterSeconds: 1 } })
    await room.server.call('DELETE', `${path}/late`)
  })

  test('watches from a revision, from now, and from the beginning', async () => {
    const { metadata: { resourceVersion } } = await raw('')
    await make('w')
    await run('annotate configmap w seen=yes')
    await run('delete configmap w')
    expect((await frames(`resourceVersion=${resourceVersion}&timeoutSeconds=1`)).map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(['ADDED w', 'MODIFIED w', 'DELETED w'])
    expect((await frames('resourceVersion=0&timeoutSeconds=1&fieldSelector=metadata.name=a')).map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(['ADDED a'])
    const streamed = await frames('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1')
    const end = streamed.findIndex(({ type }) => type === 'BOOKMARK')
    expect(streamed.slice(0, end).map(({ type }) => type)).toEqual(names(await raw('')).map(() => 'ADDED'))
    expect(streamed[end]!.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
    expect(await refused(`get --raw ${path}?watch=true&sendInitialEvents=true&timeoutSeconds=1`)).toContain('resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
  })

  test('waits until what it deletes is gone', async () => {
    await room.server.call('POST', path, { metadata: { name: 'held', finalizers: ['example.com/hold'] } })
    const deleting = say('delete configmap held')
    await expect.poll(async () => (await room.server.call('GET', `${path}/held`)).body.metadata.deletionTimestamp, { timeout: 20_000 }).toBeDefined()
    await room.server.call('PATCH', `${path}/held`, { metadata: { finalizers: null } }, { headers: { 'content-type': 'application/merge-patch+json' } })
    expect((await deleting).stdout).toMatch(/^configmap "held" deleted/)
  })

  test('after compaction', async () => {
    const old = await raw('limit=2')
    await make('n1', 'n2')
    const { metadata: { resourceVersion } } = await raw('')
    await log.compact(Number(resourceVersion))
    expect(await refused(`get --raw ${path}?resourceVersion=${old.metadata.resourceVersion}&resourceVersionMatch=Exact`)).toMatch(/The resourceVersion for the provided list is too old\.$/)
    expect(await refused(`get --raw ${path}?limit=2&continue=${old.metadata.continue}`)).toContain('The provided continue parameter is too old to display a consistent list result.')
    const { body } = await room.server.call('GET', `${path}?limit=2&continue=${old.metadata.continue}`)
    expect(body).toMatchObject({ kind: 'Status', reason: 'Expired', code: 410, metadata: { continue: expect.any(String) } })
    // Go on regardless: the rest as it is now.
    expect(names(await raw(`continue=${body.metadata.continue}`))).toEqual(['b', 'c', 'd', 'e', 'n1', 'n2', 'z'])
    expect(names(await raw('')).slice(-3)).toEqual(['n1', 'n2', 'z'])
    await room.server.call('DELETE', `${path}/n1`)
  })
})
