import { expect, test } from 'vitest'
import { isNotFound } from '../../../api/errors.ts'
import { persistentVolumeClaims } from '../../../api/kinds/core-v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../../api/kinds/core-v1/persistent-volume.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import { volumeAttributesClasses } from '../../../api/kinds/storage-v1/volume-attributes-class.ts'
import type { PersistentVolumeClaim } from '../../../api/types/core-v1/persistent-volume.ts'
import { unless } from '../shared/unless.ts'
import { startBench } from '../testing/bench.ts'
import { at, pod } from '../testing/objects.ts'
import { hasEnded, podUses } from './pod-uses.ts'

const claim = (name: string, owner?: string): PersistentVolumeClaim => ({
  apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'default', ...(owner && { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: owner, uid: `uid-${owner}`, controller: true }] }) }, spec: {},
})
const withClaim = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] }
const withOwn = { volumes: [{ name: 'v', ephemeral: {} }] }
const stopped = { name: 'c', image: 'i', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode: 0 } } }

test.each([
  ['runs with it', pod('p', { node: 'n1', spec: withClaim }), claim('data'), true],
  ['has another', pod('p', { node: 'n1', spec: withClaim }), claim('other'), false],
  ['is on no node', pod('p', { spec: withClaim }), claim('data'), false],
  ['has ended', pod('p', { node: 'n1', phase: 'Succeeded', spec: withClaim }), claim('data'), false],
  ['made it', pod('p', { node: 'n1', spec: withOwn }), claim('p-v', 'p'), true],
  ['would have made one of that name', pod('p', { node: 'n1', spec: withOwn }), claim('p-v'), false],
])('a pod that %s', (_, it, of, uses) => expect(podUses(it, of)).toBe(uses))

test('a pod that is to go holds nothing once its containers have ended', () => {
  const going = pod('p', { node: 'n1', meta: { deletionTimestamp: at(0) } })
  expect(hasEnded({ ...going, status: { containerStatuses: [stopped] } })).toBe(true)
  expect(hasEnded({ ...going, status: { containerStatuses: [{ ...stopped, state: { running: {} } }] } })).toBe(false)
})

test('a claim outlives its deletion as long as a pod has it', async () => {
  const bench = await startBench(['pvc-protection'])
  const key = { namespace: 'default', name: 'data' }
  await bench.client.create(persistentVolumeClaims, { metadata: key, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } })
  await bench.client.create(pods, { metadata: { namespace: 'default', name: 'p' }, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }], ...withClaim } })
  expect((await bench.client.get(persistentVolumeClaims, key)).metadata.finalizers).toEqual(['kubernetes.io/pvc-protection'])
  await bench.client.delete(persistentVolumeClaims, key)
  await bench.clock.settle()
  expect((await bench.client.get(persistentVolumeClaims, key)).metadata.deletionTimestamp).toBeDefined()
  await bench.client.delete(pods, { namespace: 'default', name: 'p' }, { gracePeriodSeconds: 0 })
  await bench.eventually(async () => expect(await bench.client.get(persistentVolumeClaims, key).catch(unless(isNotFound))).toBeUndefined())
})

test('a volume outlives its deletion as long as it is bound', async () => {
  const bench = await startBench(['pv-protection'])
  const key = { name: 'pv1' }
  const made = await bench.client.create(persistentVolumes, { metadata: key, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } } })
  const bound = await bench.client.updateStatus(persistentVolumes, { ...made, status: { phase: 'Bound' } })
  await bench.client.delete(persistentVolumes, key)
  await bench.clock.settle()
  const going = await bench.client.get(persistentVolumes, key)
  expect(going.metadata).toMatchObject({ uid: bound.metadata.uid!, finalizers: ['kubernetes.io/pv-protection'] })
  await bench.client.updateStatus(persistentVolumes, { ...going, status: { phase: 'Released' } })
  await bench.eventually(async () => expect(await bench.client.get(persistentVolumes, key).catch(unless(isNotFound))).toBeUndefined())
})

test('a class of attributes goes when nobody has it', async () => {
  const bench = await startBench(['vac-protection'])
  await bench.client.create(volumeAttributesClasses, { metadata: { name: 'gold' }, driverName: 'd.example.com', parameters: { iops: '9' } })
  await bench.client.create(persistentVolumeClaims, { metadata: { namespace: 'default', name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeAttributesClassName: 'gold' } })
  await bench.client.delete(volumeAttributesClasses, { name: 'gold' })
  await bench.clock.settle()
  expect((await bench.client.get(volumeAttributesClasses, { name: 'gold' })).metadata.deletionTimestamp).toBeDefined()
  await bench.client.patch(persistentVolumeClaims, { namespace: 'default', name: 'data' }, { type: 'merge', patch: { metadata: { finalizers: null } } })
  await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' })
  await bench.eventually(async () => expect(await bench.client.get(volumeAttributesClasses, { name: 'gold' }).catch(unless(isNotFound))).toBeUndefined())
})
