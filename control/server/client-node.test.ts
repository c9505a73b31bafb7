import { AppsV1Api, CoreV1Api, KubeConfig, makeInformer, Watch } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kubeconfig } from '../pki/kubeconfig.ts'
import { startTlsServer } from './testing/tls-server.ts'
import type { TlsTestServer } from './testing/tls-server.ts'

/* The official JavaScript client, over TLS. */

let server: TlsTestServer
const config = new KubeConfig()
beforeAll(async () => {
  server = await startTlsServer()
  config.loadFromString(kubeconfig({ server: server.url, ca: server.pki.ca.certificate, credentials: server.pki.admin }))
})
afterAll(() => server.close())

test('creates, reads, replaces, patches, lists and deletes', async () => {
  const core = config.makeApiClient(CoreV1Api)
  const namespace = 'default'
  const made = await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'c' }, data: { a: 'b' } } })
  expect(made.metadata?.uid).toBeDefined()
  await core.replaceNamespacedConfigMap({ namespace, name: 'c', body: { ...made, data: { c: 'd' } } })
  await core.patchNamespacedConfigMap({ namespace, name: 'c', body: [{ op: 'add', path: '/data/e', value: 'f' }] })
  expect((await core.readNamespacedConfigMap({ namespace, name: 'c' })).data).toEqual({ c: 'd', e: 'f' })
  expect((await core.listNamespacedConfigMap({ namespace, labelSelector: 'no=where' })).items).toEqual([])
  await core.deleteNamespacedConfigMap({ namespace, name: 'c' })
  await expect(core.readNamespacedConfigMap({ namespace, name: 'c' })).rejects.toMatchObject({ code: 404 })
  const apps = config.makeApiClient(AppsV1Api)
  await apps.createNamespacedDeployment({ namespace, body: { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x:1' }] } } } } })
  expect((await apps.readNamespacedDeploymentScale({ namespace, name: 'd' })).spec?.replicas).toBe(1)
})

test('watches, and keeps a cache', async () => {
  const core = config.makeApiClient(CoreV1Api)
  const events: string[] = []
  const watching = await new Watch(config).watch('/api/v1/namespaces/default/secrets', {}, (phase, object) => { events.push(`${phase} ${object.metadata.name}`) }, () => {})
  const informer = makeInformer(config, '/api/v1/namespaces/default/secrets', () => core.listNamespacedSecret({ namespace: 'default' }))
  await informer.start()
  await core.createNamespacedSecret({ namespace: 'default', body: { metadata: { name: 's' } } })
  await expect.poll(() => informer.get('s', 'default')?.metadata?.name).toBe('s')
  await core.deleteNamespacedSecret({ namespace: 'default', name: 's' })
  await expect.poll(() => events).toEqual(['ADDED s', 'DELETED s'])
  await expect.poll(() => informer.get('s', 'default')).toBeUndefined()
  await informer.stop()
  watching.abort()
})
