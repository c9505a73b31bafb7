import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createExec } from '../../host/exec.ts'
import { kubectls } from '../../test/lab/kubectls.ts'
import { canonicalQuantity } from '../schema/quantity.ts'
import { Deployment } from '../types/apps-v1.ts'
import { applyPatch } from './patch.ts'
import type { PatchType } from './patch.ts'

/* `kubectl patch --local` and `kubectl create quota` run the original's own code: what they say must be what we say. */

const exec = createExec()
const newest = kubectls().find(({ version }) => version === 'newest')
const home = mkdtempSync(join(tmpdir(), 'k8ts-patch-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const kubectl = async (...args: string[]): Promise<any> =>
  JSON.parse((await exec.run(newest!.binary, [...args, '-o', 'json'], { env: { HOME: home, KUBECONFIG: join(home, 'none') }, timeoutMs: 30_000 })).stdout)

const deployment = {
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x', labels: { a: '1', b: '2' }, finalizers: ['f/1', 'f/2'] },
  spec: {
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } }, selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: {
      containers: [{ name: 'a', image: '1', env: [{ name: 'X', value: '1' }, { name: 'Y', value: '2' }] }, { name: 'b', image: '1', args: ['1'] }, { name: 'c', image: '1' }],
      volumes: [{ name: 'v', emptyDir: {} }], tolerations: [{ key: 'k' }],
    } },
  },
}
const template = (spec: object) => ({ spec: { template: { spec } } })

const cases: readonly [string, PatchType, unknown][] = [
  ['a changed and a new container', 'strategic', template({ containers: [{ name: 'b', image: '2' }, { name: 'd', image: '3' }] })],
  ['containers in another order', 'strategic', template({ '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }], containers: [{ name: 'c', image: '2' }] })],
  ['a deleted container', 'strategic', template({ '$setElementOrder/containers': [{ name: 'a' }, { name: 'c' }], containers: [{ name: 'b', $patch: 'delete' }] })],
  ['a replaced list', 'strategic', template({ containers: [{ name: 'z', image: '1' }, { $patch: 'replace' }] })],
  ['nested lists', 'strategic', template({ containers: [{ name: 'a', env: [{ name: 'Z', value: '3' }, { name: 'X', $patch: 'delete' }] }] })],
  ['another strategy', 'strategic', { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }],
  ['a volume of another kind', 'strategic', template({ volumes: [{ name: 'v', $retainKeys: ['name', 'configMap'], configMap: { name: 'q' } }] })],
  ['finalizers', 'strategic', { metadata: { '$deleteFromPrimitiveList/finalizers': ['f/1'], '$setElementOrder/finalizers': ['f/3', 'f/2'], finalizers: ['f/3'] } }],
  ['nulls', 'strategic', { metadata: { labels: { a: null, q: null }, annotations: { x: null, y: '1' } }, spec: { paused: null } }],
  ['an atomic list', 'strategic', template({ tolerations: [{ key: 'other' }] })],
  ['a merge', 'merge', { metadata: { labels: { a: null, c: '3' } }, ...template({ containers: [{ name: 'z', args: null }] }) }],
  ['operations', 'json', [{ op: 'test', path: '/kind', value: 'Deployment' }, { op: 'add', path: '/metadata/labels/x~1y', value: '1' }, { op: 'move', from: '/spec/template/spec/containers/0', path: '/spec/template/spec/containers/-' }, { op: 'remove', path: '/metadata/finalizers/-1' }]],
]

describe.skipIf(!newest)('as kubectl patches (skipped: none on the path)', () => {
  test.for(cases)('%s', async ([name, type, patch], { skip }) => {
    const { clientVersion } = await kubectl('version', '--client')
    skip(name === 'nulls' && Number.parseInt(clientVersion.minor) < 21, 'this kubectl keeps nulls in maps that the patch makes; later ones do not')
    const file = join(home, 'object.json')
    writeFileSync(file, JSON.stringify(deployment))
    const theirs = await kubectl('patch', '--local', '-f', file, '--type', type, '-p', JSON.stringify(patch))
    expect(applyPatch(Deployment, deployment, { type, patch })).toEqual(theirs)
  })

  test('quantities come out alike', async () => {
    const numbers = ['0', '1', '5', '1000', '1024', '1500', '00012', '1.5', '0.001', '1.000', '.25', '-2', '+3', '123456789.123456789', '0.0000000001', '9223372036854775807']
    const texts = numbers.flatMap((number) => ['', 'n', 'u', 'm', 'k', 'M', 'G', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ei', 'e3', 'E-3', 'e1'].map((suffix) => number + suffix))
      .filter((text) => text !== '1000E') // the original has no suffix beyond E and loses it: 1000E is written back as 1
    const { spec } = await kubectl('create', 'quota', 'q', '--dry-run=client', `--hard=${texts.map((text, i) => `count/q${i}=${text}`).join(',')}`)
    expect(texts.map((text) => [text, canonicalQuantity(text)])).toEqual(texts.map((text, i) => [text, spec.hard[`count/q${i}`]]))
  })
})
