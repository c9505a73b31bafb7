import {
  AdmissionregistrationV1Api, ApiextensionsV1Api, ApisApi, AppsV1Api, AuthenticationV1Api, AuthorizationV1Api, AutoscalingV2Api, BatchV1Api, CertificatesV1Api, CoordinationV1Api, CoreV1Api, CustomObjectsApi,
  DiscoveryV1Api, KubeConfig, KubernetesObjectApi, makeInformer, NetworkingV1Api, PatchStrategy, PolicyV1Api, RbacAuthorizationV1Api, SchedulingV1Api, setHeaderOptions, StorageV1Api, V1MicroTime, VersionApi, Watch,
} from '@kubernetes/client-node'
import type { KubernetesObject, V1ConfigMap } from '@kubernetes/client-node'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRoom } from './kubectl-room.ts'
import type { KubectlRoom } from './kubectl-room.ts'

/* The official JavaScript client: its typed clients, its generic one, its informer, its patches. */

let room: KubectlRoom
const config = new KubeConfig()
beforeAll(async () => {
  room = await openRoom()
  config.loadFromString(room.config)
})
afterAll(() => room.close())

const namespace = 'default'
const byPatch = (type: string) => setHeaderOptions('Content-Type', type)

describe('typed clients', () => {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'web:1' }] } }

  test('of the kinds people use most', async () => {
    const core = config.makeApiClient(CoreV1Api)
    await core.createNamespace({ body: { metadata: { name: 'typed' } } })
    const pod = await core.createNamespacedPod({ namespace, body: { metadata: { generateName: 'p-' }, spec: { containers: [{ name: 'c', image: 'web:1', resources: { limits: { cpu: '500m' } } }] } } })
    expect(pod.metadata!.name).toMatch(/^p-[a-z0-9]{5}$/)
    expect(pod.metadata!.creationTimestamp).toBeInstanceOf(Date)
    const service = await core.createNamespacedService({ namespace, body: { metadata: { name: 's' }, spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] } } })
    expect([service.spec!.ports![0]!.targetPort, service.spec!.clusterIPs]).toEqual(['http', [expect.stringMatching(/^10\.96\./)]])
    expect((await core.createNamespacedSecret({ namespace, body: { metadata: { name: 'x' }, stringData: { a: 'b' } } })).data).toEqual({ a: 'Yg==' })
    expect((await core.listPodForAllNamespaces({ fieldSelector: `metadata.name=${pod.metadata!.name}` })).items).toHaveLength(1)
    const apps = config.makeApiClient(AppsV1Api)
    for (const create of ['createNamespacedDeployment', 'createNamespacedReplicaSet', 'createNamespacedDaemonSet'] as const) {
      expect((await apps[create]({ namespace, body: { metadata: { name: 'web' }, spec: { selector: { matchLabels: { app: 'web' } }, template } } })).metadata!.generation).toBe(1)
    }
    await apps.createNamespacedStatefulSet({ namespace, body: { metadata: { name: 'set' }, spec: { serviceName: 's', selector: { matchLabels: { app: 'web' } }, template } } })
    const scale = await apps.readNamespacedStatefulSetScale({ namespace, name: 'set' })
    expect((await apps.replaceNamespacedStatefulSetScale({ namespace, name: 'set', body: { ...scale, spec: { replicas: 3 } } })).spec!.replicas).toBe(3)
    const status = await apps.patchNamespacedDeploymentStatus({ namespace, name: 'web', body: { status: { observedGeneration: 1, replicas: 1 } } }, byPatch(PatchStrategy.MergePatch))
    expect([status.status!.replicas, status.metadata!.managedFields!.at(-1)!.subresource]).toEqual([1, 'status'])
    const job = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } }
    const batch = config.makeApiClient(BatchV1Api)
    expect((await batch.createNamespacedJob({ namespace, body: { metadata: { name: 'j' }, spec: job } })).spec!.backoffLimit).toBe(6)
    expect((await batch.createNamespacedCronJob({ namespace, body: { metadata: { name: 'c' }, spec: { schedule: '@daily', jobTemplate: { spec: job } } } })).spec!.concurrencyPolicy).toBe('Allow')
  })

  test('of a kind of each other group', async () => {
    const lease = await config.makeApiClient(CoordinationV1Api).createNamespacedLease({ namespace, body: { metadata: { name: 'l' }, spec: { holderIdentity: 'me', leaseDurationSeconds: 15, renewTime: new V1MicroTime('2026-11-21T00:00:00Z') } } })
    expect([lease.spec!.holderIdentity, lease.spec!.leaseDurationSeconds]).toEqual(['me', 15])
    const hpa = await config.makeApiClient(AutoscalingV2Api).createNamespacedHorizontalPodAutoscaler({ namespace, body: { metadata: { name: 'h' }, spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'web' } } } })
    expect(hpa.spec!.metrics![0]!.resource!.target.averageUtilization).toBe(80)
    await config.makeApiClient(NetworkingV1Api).createNamespacedNetworkPolicy({ namespace, body: { metadata: { name: 'n' }, spec: { podSelector: {} } } })
    await config.makeApiClient(PolicyV1Api).createNamespacedPodDisruptionBudget({ namespace, body: { metadata: { name: 'b' }, spec: { minAvailable: '50%', selector: {} } } })
    await config.makeApiClient(RbacAuthorizationV1Api).createNamespacedRole({ namespace, body: { metadata: { name: 'r' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] } })
    await config.makeApiClient(StorageV1Api).createStorageClass({ body: { metadata: { name: 'fast' }, provisioner: 'example.com/fast' } })
    await config.makeApiClient(SchedulingV1Api).createPriorityClass({ body: { metadata: { name: 'high' }, value: 10 } })
    await config.makeApiClient(DiscoveryV1Api).createNamespacedEndpointSlice({ namespace, body: { metadata: { name: 'e' }, addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }] } })
    expect((await config.makeApiClient(AdmissionregistrationV1Api).listValidatingWebhookConfiguration()).items).toEqual([])
    expect((await config.makeApiClient(CertificatesV1Api).listCertificateSigningRequest()).items).toEqual([])
    expect((await config.makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body: {} })).status!.userInfo!.username).toBe('kubernetes-admin')
    expect((await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({ body: { spec: { resourceAttributes: { verb: 'create', resource: 'pods' } } } })).status!.allowed).toBe(true)
    expect((await config.makeApiClient(VersionApi).getCode()).minor).toBe('36')
    expect((await config.makeApiClient(ApisApi).getAPIVersions()).groups.map(({ name }) => name)).toContain('apps')
  })

  test('refusals are read as a Status', async () => {
    const core = config.makeApiClient(CoreV1Api)
    const refusal = await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'No' } } }).then(() => undefined, (error: { code: number; body: string }) => error)
    expect(refusal!.code).toBe(422)
    expect(JSON.parse(refusal!.body)).toMatchObject({ kind: 'Status', reason: 'Invalid', details: { name: 'No', kind: 'ConfigMap', causes: [{ field: 'metadata.name' }] } })
    await expect(core.replaceNamespacedConfigMap({ namespace, name: 'gone', body: { metadata: { name: 'gone' } } })).rejects.toMatchObject({ code: 404 })
  })
})

describe('patches', () => {
  test('JSON, merge and strategic', async () => {
    const core = config.makeApiClient(CoreV1Api)
    await core.createNamespacedService({ namespace, body: { metadata: { name: 'patched' }, spec: { ports: [{ name: 'a', port: 80 }] } } })
    const patch = (type: string, body: unknown) => core.patchNamespacedService({ namespace, name: 'patched', body }, byPatch(type))
    expect((await patch(PatchStrategy.JsonPatch, [{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }])).metadata!.labels).toEqual({ a: 'b' })
    expect((await patch(PatchStrategy.MergePatch, { metadata: { labels: { a: null, c: 'd' } } })).metadata!.labels).toEqual({ c: 'd' })
    expect((await patch(PatchStrategy.StrategicMergePatch, { spec: { ports: [{ name: 'b', port: 443 }] } })).spec!.ports!.map(({ port }) => port)).toEqual([443, 80])
    expect((await patch(PatchStrategy.StrategicMergePatch, { spec: { ports: [{ port: 80, $patch: 'delete' }] } })).spec!.ports!.map(({ port }) => port)).toEqual([443])
  })

  test('server-side apply, with its conflicts', async () => {
    const core = config.makeApiClient(CoreV1Api)
    const apply = (fieldManager: string, value: string, force?: boolean) => core.patchNamespacedConfigMap({
      namespace, name: 'applied', fieldManager, ...(force && { force }), body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data: { a: value } },
    }, byPatch(PatchStrategy.ServerSideApply))
    expect((await apply('one', '1')).metadata!.managedFields).toMatchObject([{ manager: 'one', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } }])
    await expect(apply('two', '2')).rejects.toMatchObject({ code: 409, body: expect.stringContaining('conflict with \\"one\\": .data.a') })
    expect((await apply('two', '2', true)).data).toEqual({ a: '2' })
  })
})

describe('lists and watches', () => {
  test('page by page, all at one revision', async () => {
    const core = config.makeApiClient(CoreV1Api)
    for (const i of [1, 2, 3, 4, 5]) await core.createNamespacedConfigMap({ namespace: 'typed', body: { metadata: { name: `c${i}` } } })
    const names: string[] = []
    const revisions = new Set<string>()
    const left: (number | undefined)[] = []
    let _continue: string | undefined
    do {
      const page = await core.listNamespacedConfigMap({ namespace: 'typed', limit: 2, ...(_continue && { _continue }) })
      if (!_continue) await core.createNamespacedConfigMap({ namespace: 'typed', body: { metadata: { name: 'c9' } } })
      names.push(...page.items.map(({ metadata }) => metadata!.name!))
      revisions.add(page.metadata!.resourceVersion!)
      left.push(page.metadata!.remainingItemCount)
      _continue = page.metadata!._continue
    } while (_continue)
    expect([names, revisions.size, left]).toEqual([['c1', 'c2', 'c3', 'c4', 'c5'], 1, [3, 1, undefined]])
  })

  test('a watch with initial events and their bookmark, that ends with its time', async () => {
    const seen: string[] = []
    const ended = Promise.withResolvers<void>()
    const query = { sendInitialEvents: true, allowWatchBookmarks: true, resourceVersionMatch: 'NotOlderThan', timeoutSeconds: 1, labelSelector: 'no!=where' }
    await new Watch(config).watch('/api/v1/namespaces/typed/configmaps', query, (phase, { metadata }: KubernetesObject) => {
      seen.push(phase === 'BOOKMARK' ? `${phase} ${metadata!.annotations?.['k8s.io/initial-events-end']}` : `${phase} ${metadata!.name}`)
    }, () => ended.resolve())
    await ended.promise
    expect(seen.slice(0, 7)).toEqual(['ADDED c1', 'ADDED c2', 'ADDED c3', 'ADDED c4', 'ADDED c5', 'ADDED c9', 'BOOKMARK true'])
  })

  test('an informer keeps up', async () => {
    const core = config.makeApiClient(CoreV1Api)
    const informer = makeInformer<V1ConfigMap>(config, '/api/v1/namespaces/typed/configmaps', () => core.listNamespacedConfigMap({ namespace: 'typed', labelSelector: 'kept=yes' }), 'kept=yes')
    const seen: string[] = []
    for (const verb of ['add', 'update', 'delete'] as const) informer.on(verb, ({ metadata }: V1ConfigMap) => { seen.push(`${verb} ${metadata!.name}`) })
    await informer.start()
    try {
      const label = (name: string, kept: string | null) => core.patchNamespacedConfigMap({ namespace: 'typed', name, body: { metadata: { labels: { kept } } } }, byPatch(PatchStrategy.MergePatch))
      await label('c1', 'yes')
      await expect.poll(() => seen).toEqual(['add c1'])
      await core.patchNamespacedConfigMap({ namespace: 'typed', name: 'c1', body: { data: { a: 'b' } } }, byPatch(PatchStrategy.MergePatch))
      await expect.poll(() => seen).toEqual(['add c1', 'update c1'])
      await label('c1', null)
      await expect.poll(() => seen).toEqual(['add c1', 'update c1', 'delete c1'])
      expect(informer.list('typed')).toEqual([])
    } finally {
      await informer.stop()
    }
  })
})

describe('the generic client', () => {
  const manifests = join(import.meta.dirname, 'manifests')

  test('creates, reads, patches and deletes whatever the manifests hold', async () => {
    const client = KubernetesObjectApi.makeApiClient(config)
    const objects = readdirSync(manifests).sort().flatMap((file) => loadAll(readFileSync(join(manifests, file), 'utf8')) as KubernetesObject[])
    const failed: string[] = []
    for (const object of objects) {
      const name = `${object.apiVersion} ${object.kind} ${object.metadata!.name}`
      const header = { apiVersion: object.apiVersion!, kind: object.kind!, metadata: { name: object.metadata!.name!, namespace } }
      try {
        await client.create({ ...object, metadata: { ...object.metadata, namespace } })
        // Every request is a connection of its own: fewer are enough for the old.
        if (!object.apiVersion!.includes('beta')) {
          const read = await client.read(header)
          const patched = await client.patch({ ...header, metadata: { ...header.metadata, labels: { patched: 'yes' } } }, undefined, undefined, undefined, undefined, PatchStrategy.MergePatch)
          for (const got of [read, patched]) if (got.apiVersion !== object.apiVersion || got.kind !== object.kind || got.metadata?.name !== header.metadata.name) failed.push(`${name}: ${JSON.stringify(got)}`)
        }
        await client.delete(header)
      } catch (error) {
        failed.push(`${name}: ${(error as Error).message}`)
      }
    }
    expect(failed).toEqual([])
  })

  test('creates, patches and deletes custom resources, by either client', async () => {
    const client = KubernetesObjectApi.makeApiClient(config)
    const names = { plural: 'widgets', singular: 'widget', kind: 'Widget' }
    const openAPIV3Schema = { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer', _default: 1, maximum: 9 } } } } }
    const definition = await config.makeApiClient(ApiextensionsV1Api).createCustomResourceDefinition({ body: { metadata: { name: 'widgets.shop.example' }, spec: { group: 'shop.example', scope: 'Namespaced', names, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }] } } })
    expect(definition.spec.versions[0]!.schema!.openAPIV3Schema!.properties!['spec']!.properties!['size']!._default).toBe(1)
    const widget = { apiVersion: 'shop.example/v1', kind: 'Widget', metadata: { name: 'w', namespace } }
    const made = await client.create({ ...widget, spec: {} } as KubernetesObject) as KubernetesObject & { spec: object }
    expect(made.spec).toEqual({ size: 1 })
    const patch = (size: number) => client.patch({ ...widget, spec: { size } } as KubernetesObject, undefined, undefined, undefined, undefined, PatchStrategy.MergePatch)
    expect(await patch(3)).toMatchObject({ spec: { size: 3 }, metadata: { generation: 2 } })
    await expect(patch(30)).rejects.toMatchObject({ code: 422 })
    expect(await client.patch({ ...widget, spec: { size: 4 } } as KubernetesObject, undefined, undefined, 'me', true, PatchStrategy.ServerSideApply)).toMatchObject({ spec: { size: 4 } })
    const custom = config.makeApiClient(CustomObjectsApi)
    const where = { group: 'shop.example', version: 'v1', plural: 'widgets', namespace }
    expect(await custom.listNamespacedCustomObject({ ...where, limit: 1 })).toMatchObject({ kind: 'WidgetList', items: [{ metadata: { name: 'w' } }] })
    await custom.patchNamespacedCustomObject({ ...where, name: 'w', body: [{ op: 'replace', path: '/spec/size', value: 5 }] })
    expect(await custom.getNamespacedCustomObject({ ...where, name: 'w' })).toMatchObject({ spec: { size: 5 } })
    await client.delete(widget, undefined, undefined, 0, undefined, 'Background')
    await expect(client.read(widget)).rejects.toMatchObject({ code: 404 })
  })
})

test('deletion: a collection, preconditions, dry run', async () => {
  const core = config.makeApiClient(CoreV1Api)
  const made = await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'd1', labels: { go: 'yes' } } } })
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'd2', labels: { go: 'yes' } } } })
  await expect(core.deleteNamespacedConfigMap({ namespace, name: 'd1', body: { preconditions: { uid: 'other' } } })).rejects.toMatchObject({ code: 409 })
  await core.deleteNamespacedConfigMap({ namespace, name: 'd1', dryRun: 'All' })
  expect((await core.readNamespacedConfigMap({ namespace, name: 'd1' })).metadata!.uid).toBe(made.metadata!.uid)
  await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'go=yes' })
  expect((await core.listNamespacedConfigMap({ namespace, labelSelector: 'go' })).items).toEqual([])
})
