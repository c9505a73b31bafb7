import { describe, expect, test } from 'vitest'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { Volume } from '../../api/types/core-v1/volume.ts'
import { fakeMachine } from '../runtime/fake-machine.ts'
import { memoryFiles } from '../runtime/memory-files.ts'
import { writePayload } from './atomic-writer.ts'
import { containerMounts } from './container-mounts.ts'
import type { PayloadSources } from './payload.ts'
import { createVolumes } from './volumes.ts'

const sources: PayloadSources = {
  configMap: async (name) => (name === 'cm' ? { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: '1', b: '2' }, binaryData: { bin: 'AAE=' } } : undefined),
  secret: async (name) => (name === 'se' ? { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { s: Buffer.from('hush').toString('base64') } } : undefined),
  token: async ({ audience }) => `token for ${audience}`,
  facts: async () => ({ podIPs: [], hostIPs: [], allocatable: {} }),
}
const podOf = (volumes: Volume[], more: Partial<Pod['spec']> = {}): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', uid: 'u1', labels: { app: 'x' } }, spec: { containers: [{ name: 'c' }], volumes, ...more } })

async function mounted(volume: Omit<Volume, 'name'>) {
  const machine = fakeMachine()
  const volumes = createVolumes(machine, '/k')
  const pod = podOf([{ name: 'v', ...volume }])
  await volumes.mount(pod, sources)
  const path = volumes.pathOf(pod, pod.spec.volumes![0]!)
  const read = async (name: string): Promise<string> => String(await machine.files.read(`${path}/${name}`))
  return { machine, volumes, pod, path, read, names: async () => (await machine.files.list(path)).filter((name) => !name.startsWith('..')).sort() }
}

describe('volumes', () => {
  test('from a ConfigMap: all keys, or those asked for under their paths and modes', async () => {
    const all = await mounted({ configMap: { name: 'cm' } })
    expect([await all.names(), await all.read('a')]).toEqual([['a', 'b', 'bin'], '1'])
    const some = await mounted({ configMap: { name: 'cm', items: [{ key: 'b', path: 'deep/er', mode: 0o400 }] } })
    expect([await some.names(), await some.read('deep/er'), (await some.machine.files.stat(`${some.path}/deep/er`))!.mode]).toEqual([['deep'], '2', 0o400])
    expect(some.path).toBe('/k/pods/u1/volumes/kubernetes.io~configmap/v')
  })
  test('from a Secret lie in memory', async () => {
    const { machine, path, read } = await mounted({ secret: { secretName: 'se', defaultMode: 0o400 } })
    expect([await read('s'), machine.mounted.has(path)]).toEqual(['hush', true])
  })
  test('projected: several sources in one', async () => {
    const { names, read } = await mounted({ projected: { sources: [
      { configMap: { name: 'cm', items: [{ key: 'a', path: 'a' }] } }, { serviceAccountToken: { path: 'token', audience: 'x' } }, { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
    ] } })
    expect([await names(), await read('token'), await read('labels')]).toEqual([['a', 'labels', 'token'], 'token for x', 'app="x"'])
  })
  test('of memory have their size', async () => {
    const { machine, path } = await mounted({ emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } })
    expect(machine.mounted.get(path)).toMatchObject({ sizeBytes: 8 * 1024 ** 2 })
  })
  test('that are optional and missing are empty', async () => {
    const { names } = await mounted({ configMap: { name: 'none', optional: true } })
    expect(await names()).toEqual([])
  })
  test.each<[Omit<Volume, 'name'>, string]>([
    [{ configMap: { name: 'none' } }, 'MountVolume.SetUp failed for volume "v" : configmap "none" not found'],
    [{ secret: { secretName: 'none' } }, 'MountVolume.SetUp failed for volume "v" : secret "none" not found'],
    [{ configMap: { name: 'cm', items: [{ key: 'no', path: 'p' }] } }, 'MountVolume.SetUp failed for volume "v" : configmap references non-existent config key: no'],
    [{ nfs: { server: 's', path: '/' } }, 'MountVolume.SetUp failed for volume "v" : volume type nfs is not supported by this node'],
    [{ hostPath: { path: '/none', type: 'Directory' } }, 'MountVolume.SetUp failed for volume "v" : hostPath type check failed: /none is not a directory'],
  ])('%o is refused by name', async (volume, message) => { await expect(mounted(volume)).rejects.toThrow(message) })

  test('go without a trace', async () => {
    const { volumes, machine } = await mounted({ secret: { secretName: 'se' } })
    await volumes.remove('u1')
    expect([await machine.files.list('/k/pods'), machine.mounted.size]).toEqual([[], 0])
  })
})

test('a payload changes at once, and only when it differs', async () => {
  const files = memoryFiles()
  await files.mkdir('/v')
  const payload = (entries: Record<string, string>) => new Map(Object.entries(entries).map(([path, data]) => [path, { data: Buffer.from(data), mode: 0o644 }]))
  expect(await writePayload(files, '/v', payload({ a: '1', 'd/b': '2' }))).toBe(true)
  const first = await files.readlink('/v/..data')
  expect(await writePayload(files, '/v', payload({ a: '1', 'd/b': '2' }))).toBe(false)
  expect(await writePayload(files, '/v', payload({ a: '3' }))).toBe(true)
  expect(await files.readlink('/v/..data')).not.toBe(first)
  expect((await files.list('/v')).filter((name) => !/^\.\.[0-9a-f]{4}\./.test(name)).sort()).toEqual(['..data', 'a'])
  expect((await files.list('/v')).filter((name) => /^\.\.[0-9a-f]{4}\./.test(name))).toHaveLength(1)
  expect(String(await files.read('/v/a'))).toBe('3')
})

describe('what a container sees', () => {
  async function mounts(mount: object, prepare: (files: ReturnType<typeof memoryFiles>) => Promise<void> = async () => {}) {
    const { volumes, pod, machine } = await mounted({ emptyDir: {} })
    const root = '/k/pods/u1/volumes/kubernetes.io~empty-dir/v'
    await prepare(machine.files)
    return containerMounts(pod, { name: 'c', volumeMounts: [{ name: 'v', mountPath: '/m', ...mount }] }, new Map([['POD', 'web']]), volumes, machine.files).then((all) => all.map(({ hostPath, ...rest }) => ({ ...rest, hostPath: hostPath.replace(root, '') })))
  }
  test.each([
    [{}, { containerPath: '/m', hostPath: '', readonly: false, propagation: 'PROPAGATION_PRIVATE' }],
    [{ readOnly: true, mountPropagation: 'HostToContainer' }, { containerPath: '/m', hostPath: '', readonly: true, propagation: 'PROPAGATION_HOST_TO_CONTAINER' }],
    [{ subPath: 'a/b' }, { hostPath: '/a/b' }], [{ subPathExpr: '$(POD)/logs' }, { hostPath: '/web/logs' }],
  ])('%o', async (mount, expected) => { expect(await mounts(mount)).toMatchObject([expected]) })

  test.each([[{ subPath: '../x' }], [{ subPath: 'out' }], [{ subPath: 'out/new' }], [{ subPathExpr: '$(NONE)' }], [{ name: 'none' }]])('%o is refused', async (mount) => {
    const trap = (files: ReturnType<typeof memoryFiles>) => files.symlink('/', '/k/pods/u1/volumes/kubernetes.io~empty-dir/v/out')
    await expect(mounts(mount, trap)).rejects.toThrow()
  })
})
