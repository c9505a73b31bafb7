import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createExec } from '../../host/exec.ts'
import { kubectls } from '../../test/lab/kubectls.ts'
import { kubeconfig } from '../pki/kubeconfig.ts'
import { startTlsServer } from './testing/tls-server.ts'
import type { TlsTestServer } from './testing/tls-server.ts'

/* Manifests of every age, through the wire and through stock kubectl. */

const exec = createExec()
let server: TlsTestServer
let home: string

beforeAll(async () => {
  server = await startTlsServer()
  home = await mkdtemp(join(tmpdir(), 'k8ts-older-'))
  await writeFile(join(home, 'config'), kubeconfig({ server: server.url, ca: server.pki.ca.certificate, credentials: server.pki.admin }))
})
afterAll(async () => {
  await server.close()
  await rm(home, { recursive: true, force: true })
})

const json = { 'content-type': 'application/json' }
const post = async (path: string, object: object) => {
  const { status, headers, body } = await server.fetch('POST', path, { headers: json, body: JSON.stringify(object) })
  return { status, warning: headers.warning, body: JSON.parse(body.toString()) }
}
const get = async (path: string) => JSON.parse((await server.fetch('GET', path)).body.toString())

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } }
const inDefault = (group: string, resource: string) => `/apis/${group}/namespaces/default/${resource}`
const metadata = (name: string) => ({ metadata: { name, namespace: 'default' } })
const gone = (text: string) => `299 - "${text}"`

/** What is posted where, the warning that comes with it, where it is seen today, and as what. */
const manifests: readonly [string, string, object, string, string, object][] = [
  ['extensions/v1beta1 Deployment', inDefault('extensions/v1beta1', 'deployments'), { ...metadata('old-web'), spec: { template, rollbackTo: { revision: 3 } } },
    'extensions/v1beta1 Deployment is deprecated in v1.8+, unavailable in v1.16+; use apps/v1 Deployment', inDefault('apps/v1', 'deployments/old-web'),
    { apiVersion: 'apps/v1', metadata: { annotations: { 'deprecated.deployment.rollback.to': '3' }, labels: { app: 'web' } }, spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, revisionHistoryLimit: 2147483647, progressDeadlineSeconds: 2147483647, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } } }],
  ['extensions/v1beta1 DaemonSet', inDefault('extensions/v1beta1', 'daemonsets'), { ...metadata('old-ds'), spec: { template } },
    'extensions/v1beta1 DaemonSet is deprecated in v1.8+, unavailable in v1.16+; use apps/v1 DaemonSet', inDefault('apps/v1', 'daemonsets/old-ds'),
    { metadata: { annotations: { 'deprecated.daemonset.template.generation': '1' } }, spec: { updateStrategy: { type: 'OnDelete' }, selector: { matchLabels: { app: 'web' } } } }],
  ['extensions/v1beta1 Ingress', inDefault('extensions/v1beta1', 'ingresses'), { ...metadata('old-ing'), spec: { backend: { serviceName: 'a', servicePort: 'http' }, rules: [{ host: 'a.example', http: { paths: [{ path: '/', backend: { serviceName: 'b', servicePort: 80 } }] } }] } },
    'extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress', inDefault('networking.k8s.io/v1', 'ingresses/old-ing'),
    { spec: { defaultBackend: { service: { name: 'a', port: { name: 'http' } } }, rules: [{ http: { paths: [{ path: '/', pathType: 'ImplementationSpecific', backend: { service: { name: 'b', port: { number: 80 } } } }] } }] } }],
  ['apps/v1beta1 Deployment', inDefault('apps/v1beta1', 'deployments'), { ...metadata('older-web'), spec: { template } },
    'apps/v1beta1 Deployment is deprecated in v1.8+, unavailable in v1.16+; use apps/v1 Deployment', inDefault('apps/v1', 'deployments/older-web'), { spec: { revisionHistoryLimit: 2, progressDeadlineSeconds: 600 } }],
  ['apps/v1beta2 StatefulSet', inDefault('apps/v1beta2', 'statefulsets'), { ...metadata('old-sts'), spec: { serviceName: 's', selector: { matchLabels: { app: 'web' } }, template, volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }] } },
    'apps/v1beta2 StatefulSet is deprecated in v1.9+, unavailable in v1.16+; use apps/v1 StatefulSet', inDefault('apps/v1', 'statefulsets/old-sts'),
    { spec: { podManagementPolicy: 'OrderedReady', updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }, volumeClaimTemplates: [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: { phase: 'Pending' } }] } }],
  ['policy/v1beta1 PodDisruptionBudget', inDefault('policy/v1beta1', 'poddisruptionbudgets'), { ...metadata('nobody'), spec: { minAvailable: 1, selector: {} } },
    'policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+, unavailable in v1.25+; use policy/v1 PodDisruptionBudget', inDefault('policy/v1', 'poddisruptionbudgets/nobody'),
    { spec: { selector: { matchExpressions: [{ key: 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match', operator: 'Exists' }] } } }],
  ['discovery.k8s.io/v1beta1 EndpointSlice', inDefault('discovery.k8s.io/v1beta1', 'endpointslices'), { ...metadata('old-eps'), addressType: 'IPv4', endpoints: [{ addresses: ['10.1.2.3'], nodeName: 'n1', topology: { 'kubernetes.io/hostname': 'n1', 'topology.kubernetes.io/zone': 'z', rack: 'r' } }] },
    'discovery.k8s.io/v1beta1 EndpointSlice is deprecated in v1.21+, unavailable in v1.25+; use discovery.k8s.io/v1 EndpointSlice', inDefault('discovery.k8s.io/v1', 'endpointslices/old-eps'),
    { endpoints: [{ nodeName: 'n1', zone: 'z', deprecatedTopology: { rack: 'r' } }] }],
  ['batch/v1beta1 CronJob', inDefault('batch/v1beta1', 'cronjobs'), { ...metadata('old-cron'), spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } } } } },
    'batch/v1beta1 CronJob is deprecated in v1.21+, unavailable in v1.25+; use batch/v1 CronJob', inDefault('batch/v1', 'cronjobs/old-cron'), { apiVersion: 'batch/v1', spec: { concurrencyPolicy: 'Allow', suspend: false } }],
  ['rbac v1beta1 ClusterRole', '/apis/rbac.authorization.k8s.io/v1beta1/clusterroles', { metadata: { name: 'old-role' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
    'rbac.authorization.k8s.io/v1beta1 ClusterRole is deprecated in v1.17+, unavailable in v1.22+; use rbac.authorization.k8s.io/v1 ClusterRole', '/apis/rbac.authorization.k8s.io/v1/clusterroles/old-role', { rules: [{ verbs: ['get'] }] }],
  ['admissionregistration v1beta1 webhooks', '/apis/admissionregistration.k8s.io/v1beta1/validatingwebhookconfigurations', { metadata: { name: 'old-hook' }, webhooks: [{ name: 'a.b.example', clientConfig: { service: { namespace: 'n', name: 's' } }, rules: [{ operations: ['CREATE'], apiGroups: ['none.example'], apiVersions: ['v1'], resources: ['things'] }] }] },
    'admissionregistration.k8s.io/v1beta1 ValidatingWebhookConfiguration is deprecated in v1.16+, unavailable in v1.22+; use admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/old-hook',
    { webhooks: [{ failurePolicy: 'Ignore', matchPolicy: 'Exact', sideEffects: 'Unknown', timeoutSeconds: 30, admissionReviewVersions: ['v1beta1'], clientConfig: { service: { port: 443 } } }] }],
  ['apiextensions v1beta1 definition', '/apis/apiextensions.k8s.io/v1beta1/customresourcedefinitions', { metadata: { name: 'things.old.example' }, spec: { group: 'old.example', version: 'v1', names: { plural: 'things', kind: 'Thing' }, validation: { openAPIV3Schema: { type: 'object' } }, additionalPrinterColumns: [{ name: 'A', type: 'string', JSONPath: '.a' }] } },
    'apiextensions.k8s.io/v1beta1 CustomResourceDefinition is deprecated in v1.16+, unavailable in v1.22+; use apiextensions.k8s.io/v1 CustomResourceDefinition', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.old.example',
    { spec: { scope: 'Namespaced', preserveUnknownFields: true, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } }, additionalPrinterColumns: [{ name: 'A', jsonPath: '.a' }] }] } }],
  ['autoscaling/v2beta1', inDefault('autoscaling/v2beta1', 'horizontalpodautoscalers'), { ...metadata('old-hpa'), spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 3, metrics: [{ type: 'Resource', resource: { name: 'cpu', targetAverageUtilization: 50 } }] } },
    'autoscaling/v2beta1 HorizontalPodAutoscaler is deprecated in v1.22+, unavailable in v1.25+; use autoscaling/v2 HorizontalPodAutoscaler', inDefault('autoscaling/v2', 'horizontalpodautoscalers/old-hpa'),
    { spec: { minReplicas: 1, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }] } }],
]

describe('a manifest of its time', () => {
  test.each(manifests)('%s', async (_, path, object, warning, today, expected) => {
    const { status, body, warning: told } = await post(path, object)
    expect([status, body.message]).toEqual([201, undefined])
    expect(told).toContain(gone(warning))
    expect(await get(today)).toMatchObject(expected)
    // Seen again as it was written.
    const { metadata: { name } } = object as { metadata: { name: string } }
    const again = await get(`${path}/${name}`)
    expect(again).toEqual({ ...body, metadata: expect.objectContaining({ name, uid: body.metadata.uid }), ...(body.status && { status: expect.anything() }) })
    const put = await server.fetch('PUT', `${path}/${name}`, { headers: json, body: JSON.stringify(again) })
    expect(put.status, put.body.toString()).toBe(200)
    expect(JSON.parse(put.body.toString()).metadata.resourceVersion, 'nothing changed').toBe(again.metadata.resourceVersion)
  })

  test('a selector could be changed in extensions, and still can there', async () => {
    const path = inDefault('extensions/v1beta1', 'deployments/old-web')
    const change = { spec: { selector: { matchLabels: { app: 'x' } }, template: { metadata: { labels: { app: 'x' } } } } }
    const patch = (where: string) => server.fetch('PATCH', where, { headers: { 'content-type': 'application/merge-patch+json' }, body: JSON.stringify(change) })
    expect((await patch(inDefault('apps/v1', 'deployments/old-web'))).status).toBe(422)
    expect((await patch(path)).status).toBe(200)
  })

  test('a scale of before', async () => {
    const path = inDefault('apps/v1beta1', 'deployments/older-web/scale')
    const scale = await get(path)
    expect(scale).toMatchObject({ kind: 'Scale', apiVersion: 'apps/v1beta1', spec: { replicas: 1 }, status: { replicas: 0, selector: { app: 'web' }, targetSelector: 'app=web' } })
    const put = await server.fetch('PUT', path, { headers: json, body: JSON.stringify({ ...scale, spec: { replicas: 4 } }) })
    expect([put.status, JSON.parse(put.body.toString()).spec]).toEqual([200, { replicas: 4 }])
    const patched = await server.fetch('PATCH', path, { headers: { 'content-type': 'application/merge-patch+json' }, body: '{"spec":{"replicas":5}}' })
    expect([patched.status, JSON.parse(patched.body.toString()).apiVersion]).toEqual([200, 'apps/v1beta1'])
    expect((await get(inDefault('apps/v1', 'deployments/older-web/scale')))).toMatchObject({ apiVersion: 'autoscaling/v1', spec: { replicas: 5 }, status: { selector: 'app=web' } })
  })

  test('a rollback of before', async () => {
    const { status, body } = await post(inDefault('extensions/v1beta1', 'deployments/older-web/rollback'), { name: 'older-web', rollbackTo: { revision: 2 }, updatedAnnotations: { why: 'broken' } })
    expect([status, body.message]).toEqual([200, 'rollback request for deployment "older-web" succeeded'])
    expect((await get(inDefault('apps/v1', 'deployments/older-web'))).metadata.annotations).toMatchObject({ 'deprecated.deployment.rollback.to': '2', why: 'broken' })
  })

  test('a review of before', async () => {
    const spec = { user: 'jane', group: ['a'], resourceAttributes: { verb: 'get', resource: 'pods' } }
    const { status, body } = await post('/apis/authorization.k8s.io/v1beta1/subjectaccessreviews', { spec })
    expect([status, body]).toEqual([201, expect.objectContaining({ apiVersion: 'authorization.k8s.io/v1beta1', spec, status: expect.objectContaining({ allowed: false }) })])
  })
})

const found = kubectls()
if (found.length === 0) test.skip('stock kubectl: this machine has none on its PATH', () => {})

describe.each(found)('kubectl ($version)', ({ binary, version }) => {
  const run = async (line: string, input?: string) => {
    const { stdout, stderr } = await exec.run(binary, ['-n', 'default', ...line.split(' ')], { env: { KUBECONFIG: join(home, 'config'), HOME: home }, timeoutMs: 60_000, ...(input !== undefined && { input }) })
    return { stdout: stdout.trim(), stderr: stderr.trim() }
  }

  test.each([
    ['deployments', 'Deployment.apps'], ['deploy', 'Deployment.apps'], ['ds', 'DaemonSet.apps'], ['ing', 'Ingress.networking.k8s.io'], ['netpol', 'NetworkPolicy.networking.k8s.io'], ['rs', 'ReplicaSet.apps'],
    ['hpa', 'HorizontalPodAutoscaler.autoscaling'], ['crd', 'CustomResourceDefinition.apiextensions.k8s.io'], ['events', 'Event'],
  ])('%s is %s, in its stable version', async (name, kind) => {
    const { stdout } = await run(`get ${name} --all-namespaces -o name`)
    const group = kind.slice(kind.indexOf('.') + 1)
    for (const line of stdout.split('\n').filter(Boolean)) if (kind.includes('.')) expect(line).toContain(`.${group}/`)
  })

  test('explains what is old', async () => {
    expect((await run('explain deployment.spec.rollbackTo --api-version=extensions/v1beta1')).stdout).toContain('revision')
    expect((await run('explain ingress.spec.backend --api-version=networking.k8s.io/v1beta1')).stdout).toContain('serviceName')
    expect((await run('api-resources --api-group=extensions -o name')).stdout.split('\n').sort()).toEqual(['daemonsets.extensions', 'deployments.extensions', 'ingresses.extensions', 'networkpolicies.extensions', 'replicasets.extensions'])
  })

  test('applies, reads and deletes what is old', async () => {
    const manifest = JSON.stringify({ apiVersion: 'extensions/v1beta1', kind: 'Deployment', metadata: { name: `kc-${version}` }, spec: { template } })
    const applied = await run('apply -f -', manifest)
    expect(applied.stdout).toBe(`deployment.extensions/kc-${version} created`)
    expect(applied.stderr).toContain('extensions/v1beta1 Deployment is deprecated in v1.8+, unavailable in v1.16+; use apps/v1 Deployment')
    expect((await run('apply -f -', manifest)).stdout).toBe(`deployment.extensions/kc-${version} unchanged`)
    expect((await run(`get deployment kc-${version} -o jsonpath={.apiVersion}`)).stdout).toBe('apps/v1')
    expect((await run(`get deployments.v1beta1.extensions kc-${version}`)).stdout).toMatch(/^NAME +READY +UP-TO-DATE +AVAILABLE +AGE/)
    expect((await run(`scale deployment kc-${version} --replicas 3`)).stdout).toContain('scaled')
    expect((await run('delete -f -', manifest)).stdout).toMatch(new RegExp(`^deployment.extensions "kc-${version}" deleted`))
  })
})
