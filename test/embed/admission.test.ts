import { startCluster } from 'k8ts'
import { namespaces } from 'k8ts/api/kinds/core-v1/namespace.ts'
import { pods } from 'k8ts/api/kinds/core-v1/pod.ts'
import { resourceQuotas } from 'k8ts/api/kinds/core-v1/resource-quota.ts'
import { expect, test } from 'vitest'

const pod = (name: string, namespace: string) => ({ metadata: { name, namespace }, spec: { containers: [{ name: 'c', image: 'web:1' }] } }) as never

test('a pod right after its namespace runs, with a token that is renewed in time', async () => {
  await using cluster = await startCluster()
  const { machine } = await cluster.addNode({ name: 'n1' })
  await cluster.client.create(namespaces, { metadata: { name: 'fresh' } } as never)
  const { metadata: { uid } } = await cluster.client.create(pods, pod('p', 'fresh'))
  await cluster.eventually(async () => expect((await cluster.client.get(pods, { namespace: 'fresh', name: 'p' })).status?.phase).toBe('Running'))

  const volume = (await cluster.client.get(pods, { namespace: 'fresh', name: 'p' })).spec.volumes![0]!.name
  const read = async (file: string) => String(await machine.files.read(`/var/lib/kubelet/pods/${uid}/volumes/kubernetes.io~projected/${volume}/${file}`))
  const claims = async () => JSON.parse(Buffer.from((await read('token')).split('.')[1]!, 'base64url').toString())
  expect(await read('namespace')).toBe('fresh')
  expect(await read('ca.crt')).toMatch(/^-----BEGIN CERTIFICATE-----/)
  const first = await claims()
  expect(first).toMatchObject({ sub: 'system:serviceaccount:fresh:default', 'kubernetes.io': { namespace: 'fresh', pod: { name: 'p', uid }, serviceaccount: { name: 'default' } } })

  await cluster.clock.advance('50m')
  await cluster.eventually(async () => expect((await claims()).iat).toBeGreaterThan(first.iat))
})

test('a quota lets in what there is room for, and again when room is made', async () => {
  await using cluster = await startCluster({ scheduler: false })
  await cluster.client.create(resourceQuotas, { metadata: { name: 'q', namespace: 'default' }, spec: { hard: { pods: '1' } } } as never)
  await cluster.eventually(async () => expect((await cluster.client.get(resourceQuotas, { namespace: 'default', name: 'q' })).status?.used).toEqual({ pods: '0' }))
  await cluster.client.create(pods, pod('a', 'default'))
  await expect(cluster.client.create(pods, pod('b', 'default'))).rejects.toThrow('pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1')
  await cluster.client.delete(pods, { namespace: 'default', name: 'a' }, { gracePeriodSeconds: 0 })
  await cluster.eventually(() => cluster.client.create(pods, pod('b', 'default')))
})
