import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UserInfo } from '../../../../api/transport.ts'
import { startTestServer } from '../../testing/test-server.ts'
import type { TestServer } from '../../testing/test-server.ts'
import { isForbiddenLabel } from './node-labels.ts'

/* What an agent may see and change: nodes n1 and n2, a pod on each. */

let server: TestServer
const node = (name: string): UserInfo => ({ name: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] })
const core = '/api/v1/namespaces/default'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
const ask = async (as: UserInfo, line: string, body?: unknown) => {
  const [method, path = ''] = line.split(' ')
  const { status, body: answer } = await server.call(method as Method, path, body, { user: as, ...(method === 'PATCH' && { headers: { 'content-type': 'application/merge-patch+json' } }) })
  return answer?.kind === 'Status' && status >= 300 ? `${status} ${answer.message}` : String(status)
}
const make = async (path: string, object: object) => {
  const { status, body } = await server.call('POST', path, object)
  expect([status, body.message]).toEqual([201, undefined])
  return body
}
const meta = (name: string, more: object = {}) => ({ apiVersion: 'v1', metadata: { name, ...more } })
/** What RBAC adds, because the node's one certificate serves its proxy and its DNS too. The tables are about the node authorizer alone. */
const additions = ['k8ts:node-proxier', 'k8ts:node-dns']
const addedReads = ['GET /api/v1/nodes', 'GET /api/v1/services', 'GET /api/v1/namespaces', 'GET /apis/discovery.k8s.io/v1/endpointslices']
const podOn = (name: string, nodeName: string, spec: object = {}) => ({ ...meta(name), kind: 'Pod', spec: { nodeName, containers: [{ name: 'c', image: 'web' }], ...spec } })

beforeAll(async () => {
  server = await startTestServer({ serviceAccountKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey })
  for (const name of ['n1', 'n2']) await make('/api/v1/nodes', { ...meta(name), kind: 'Node' })
  for (const name of ['volume', 'env', 'from', 'pull', 'projected', 'csi', 'other', 'nobody']) await make(`${core}/secrets`, { ...meta(name), kind: 'Secret' })
  await make(`${core}/configmaps`, { ...meta('config'), kind: 'ConfigMap' })
  await make(`${core}/serviceaccounts`, { ...meta('robot'), kind: 'ServiceAccount' })
  await make('/api/v1/persistentvolumes', {
    ...meta('disk'), kind: 'PersistentVolume',
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], claimRef: { namespace: 'default', name: 'claim' }, csi: { driver: 'd.example', volumeHandle: 'h', nodeStageSecretRef: { namespace: 'default', name: 'csi' } } },
  })
  await make(`${core}/persistentvolumeclaims`, { ...meta('claim'), kind: 'PersistentVolumeClaim', spec: { accessModes: ['ReadWriteOnce'], volumeName: 'disk', resources: { requests: { storage: '1Gi' } } } })
  await make(`${core}/pods`, podOn('one', 'n1', {
    serviceAccountName: 'robot', imagePullSecrets: [{ name: 'pull' }],
    initContainers: [{ name: 'i', image: 'web', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'env', key: 'k' } } }] }],
    containers: [{ name: 'c', image: 'web', envFrom: [{ secretRef: { name: 'from' } }, { configMapRef: { name: 'config' } }] }],
    volumes: [{ name: 's', secret: { secretName: 'volume' } }, { name: 'p', projected: { sources: [{ secret: { name: 'projected' } }, { serviceAccountToken: { path: 'token', audience: 'vault' } }] } }, { name: 'd', persistentVolumeClaim: { claimName: 'claim' } }],
  }))
  await make(`${core}/pods`, podOn('two', 'n2', { volumes: [{ name: 's', secret: { secretName: 'other' } }] }))
  for (const line of addedReads) expect([line, await ask(node('n1'), line)]).toEqual([line, '200'])
  for (const name of additions) expect((await server.call('DELETE', `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${name}`)).status).toBe(200)
})
afterAll(async () => { await server.close() })

const unrelated = "no relationship found between node 'n1' and this object"

describe('the node sees', () => {
  test.each<[string, string]>([
    ...['volume', 'env', 'from', 'pull', 'projected', 'csi'].map((name): [string, string] => [`GET ${core}/secrets/${name}`, '200']),
    [`GET ${core}/secrets/other`, `403 secrets "other" is forbidden: User "system:node:n1" cannot get resource "secrets" in API group "" in the namespace "default": ${unrelated}`],
    [`GET ${core}/secrets`, 'No Object name found'],
    ['GET /api/v1/secrets', 'can only read namespaced object of this type'],
    [`GET ${core}/secrets?fieldSelector=metadata.name%3Dvolume`, '200'],
    [`DELETE ${core}/secrets/volume`, 'can only read resources of this type'],
    [`GET ${core}/configmaps/config`, '200'],
    [`GET ${core}/persistentvolumeclaims/claim`, '200'],
    [`GET ${core}/persistentvolumeclaims`, 'can only get individual resources of this type'],
    ['GET /api/v1/persistentvolumes/disk', '200'],
    ['GET /api/v1/persistentvolumes/none', unrelated],
    [`GET ${core}/serviceaccounts/robot`, '200'],
    [`GET ${core}/serviceaccounts/default`, unrelated],
    [`GET ${core}/pods/one`, '200'],
    [`GET ${core}/pods/two`, unrelated],
    ['GET /api/v1/pods', 'can only list/watch pods with spec.nodeName field selector'],
    ['GET /api/v1/pods?fieldSelector=spec.nodeName%3Dn1', '200'],
    ['GET /api/v1/pods?fieldSelector=spec.nodeName%3Dn2', 'can only list/watch pods'],
    ['GET /api/v1/nodes/n1', '200'],
    ['GET /api/v1/nodes/n2', "node 'n1' cannot read 'n2', only its own Node object"],
    ['GET /api/v1/nodes', "node 'n1' cannot read all nodes, only its own Node object"],
    ['GET /api/v1/services', '200'],
    ['GET /apis/apps/v1/deployments', '403 deployments.apps is forbidden: User "system:node:n1" cannot list resource "deployments" in API group "apps" at the cluster scope'],
    ['GET /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n2', 'can only access node lease with the same name as the requesting node'],
    ['GET /apis/coordination.k8s.io/v1/namespaces/default/leases/n1', 'can only access leases in the "kube-node-lease" system namespace'],
    ['GET /apis/storage.k8s.io/v1/csinodes/n2', 'can only access CSINode with the same name as the requesting node'],
  ])('%s: %s', async (line, expected) => { expect(await ask(node('n1'), line)).toMatch(expected) })

  test('what its pods mention, only as long as they do', async () => {
    const path = `GET ${core}/secrets/nobody`
    expect(await ask(node('n2'), path)).toMatch('403')
    await make(`${core}/pods`, podOn('short', 'n2', { terminationGracePeriodSeconds: 0, volumes: [{ name: 's', secret: { secretName: 'nobody' } }] }))
    expect(await ask(node('n2'), path)).toBe('200')
    expect(await ask(node('n1'), path)).toMatch('403')
    await server.call('DELETE', `${core}/pods/short?gracePeriodSeconds=0`)
    expect(await ask(node('n2'), path)).toMatch('403')
  })

  test('nothing when it has no name or is in no group', async () => {
    expect(await ask({ name: 'system:node:', groups: ['system:nodes'] }, 'GET /api/v1/services')).toMatch('unknown node for user "system:node:"')
    expect(await ask({ name: 'system:node:n1', groups: ['system:authenticated'] }, 'GET /api/v1/services')).toMatch('403')
  })
})

describe('the node changes', () => {
  const lease = (name: string) => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec: {} })
  const token = (pod: object | undefined) => ({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [], ...(pod && { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', ...pod } }) } })
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
  const labels = (key: string) => ({ metadata: { labels: { [key]: 'x' } } })

  test.each<[string, unknown, string]>([
    [`POST ${leases}`, lease('n1'), '201'],
    [`POST ${leases}`, lease('n2'), '403 leases.coordination.k8s.io "n2" is forbidden: can only access node lease with the same name as the requesting node'],
    ['PATCH /api/v1/nodes/n1/status', { status: { conditions: [{ type: 'Ready', status: 'True' }] } }, '200'],
    ['PATCH /api/v1/nodes/n2/status', { status: {} }, '403 nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"'],
    ['PATCH /api/v1/nodes/n1', labels('example.com/any'), '200'],
    ['PATCH /api/v1/nodes/n1', labels('topology.kubernetes.io/zone'), '200'],
    ['PATCH /api/v1/nodes/n1', labels('node-restriction.kubernetes.io/secret'), '403 nodes "n1" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/secret'],
    ['PATCH /api/v1/nodes/n1', labels('node-role.kubernetes.io/control-plane'), 'is not allowed to modify labels'],
    ['PATCH /api/v1/nodes/n1', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }, 'node "n1" is not allowed to modify taints'],
    ['POST /api/v1/nodes', { ...meta('n3'), kind: 'Node' }, 'node "n1" is not allowed to modify node "n3"'],
    ['DELETE /api/v1/nodes/n1', undefined, '403'],
    [`PATCH ${core}/pods/one/status`, { status: { message: 'hi' } }, '200'],
    [`PATCH ${core}/pods/one/status`, { metadata: { labels: { a: 'b' } } }, 'node "n1" cannot update labels through pod status'],
    [`PATCH ${core}/pods/two/status`, { status: { message: 'hi' } }, 'node "n1" can only update pod status for pods with spec.nodeName set to itself'],
    [`PATCH ${core}/pods/one`, { metadata: { labels: { a: 'b' } } }, '403'],
    [`DELETE ${core}/pods/two`, undefined, '403 pods "two" is forbidden: node "n1" can only delete pods with spec.nodeName set to itself'],
    [`POST ${core}/pods/two/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'two' } }, 'node n1 can only evict pods with spec.nodeName set to itself'],
    [`POST ${core}/serviceaccounts/robot/token`, token(undefined), 'node requested token not bound to a pod'],
    [`POST ${core}/serviceaccounts/robot/token`, token({ name: 'one' }), 'node requested token with a pod binding without a uid'],
    [`POST ${core}/serviceaccounts/robot/token`, token({ name: 'one', uid: 'x' }), 'the UID in the bound object reference (x) does not match the UID in record'],
    [`POST ${core}/serviceaccounts/default/token`, token(undefined), unrelated],
    [`PATCH ${core}/persistentvolumeclaims/claim/status`, { status: { capacity: { storage: '2Gi' } } }, '200'],
    [`PATCH ${core}/persistentvolumeclaims/claim/status`, { metadata: { labels: { a: 'b' } } }, 'node "n1" is not allowed to update fields other than status.quantity and status.conditions'],
  ])('%s %j: %s', async (line, body, expected) => {
    expect(await ask(node('n1'), line, body)).toMatch(expected)
  })

  test('the tokens of its pods', async () => {
    const uid = async (name: string) => (await server.call('GET', `${core}/pods/${name}`)).body.metadata.uid
    const asked = async (name: string, ...audiences: string[]) => {
      const request = token({ name, uid: await uid(name) })
      return ask(node('n1'), `POST ${core}/serviceaccounts/robot/token`, { ...request, spec: { ...request.spec, audiences } })
    }
    expect(await asked('one', 'vault')).toBe('201')
    expect(await asked('two', 'vault')).toMatch('node requested token bound to a pod scheduled on a different node')
    expect(await asked('one', 'bank')).toBe('403 serviceaccounts "robot" is forbidden: audience "bank" not found in pod spec volume, system:node:n1 is not authorized to request tokens for this audience')
    expect(await asked('one')).toMatch('audience "" not found in pod spec volume')
    expect(await asked('one', 'vault', 'bank')).toMatch('node may only request 0 or 1 audiences')
    await make('/apis/storage.k8s.io/v1/csidrivers', { metadata: { name: 'd.example' }, spec: { tokenRequests: [{ audience: 'bank' }] } })
    expect(await asked('one', 'bank')).toBe('201')
    const rbac = '/apis/rbac.authorization.k8s.io/v1'
    await make(`${rbac}/clusterroles`, { metadata: { name: 'audience' }, rules: [{ apiGroups: [''], resources: ['registry'], verbs: ['request-serviceaccounts-token-audience'], resourceNames: ['robot'] }] })
    await make(`${rbac}/clusterrolebindings`, { metadata: { name: 'audience' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'audience' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:nodes' }] })
    expect(await asked('one', 'registry')).toBe('201')
  })

  test('certificates in its own name', async () => {
    await import('reflect-metadata')
    const { Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509')
    const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
    const asked = async (common: string, signer: string) => {
      const request = await Pkcs10CertificateRequestGenerator.create({ name: `O=system:nodes, CN=${common}`, keys, signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' } })
      const usages = ['digital signature', signer.endsWith('kubelet') ? 'client auth' : 'server auth']
      return ask(node('n1'), 'POST /apis/certificates.k8s.io/v1/certificatesigningrequests', {
        apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { generateName: 'csr-' }, spec: { signerName: signer, usages, request: Buffer.from(request.toString('pem')).toString('base64') },
      })
    }
    for (const signer of ['kubernetes.io/kube-apiserver-client-kubelet', 'kubernetes.io/kubelet-serving']) {
      expect(await asked('system:node:n1', signer)).toBe('201')
      expect(await asked('system:node:n2', signer)).toMatch('can only create a node CSR with CN=system:node:n1')
      expect(await asked('admin', signer)).toMatch('can only create a node CSR with CN=system:node:n1')
    }
  })

  test('mirror pods, which mention nothing', async () => {
    const { body: own } = await server.call('GET', '/api/v1/nodes/n1')
    const owner = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: own.metadata.uid, controller: true }
    const mirror = (more: object = {}, metadata: object = {}) => ({ ...podOn('static', 'n1', { tolerations: [{ operator: 'Exists', effect: 'NoExecute' }], ...more }), metadata: { name: 'static', annotations: { 'kubernetes.io/config.mirror': 'x', 'kubernetes.io/config.source': 'file' }, ownerReferences: [owner], ...metadata } })
    const create = (pod: object) => ask(node('n1'), `POST ${core}/pods`, pod)
    expect(await create(podOn('real', 'n1'))).toMatch('pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods')
    expect(await create(mirror({ nodeName: 'n2' }))).toMatch('node "n1" can only create pods with spec.nodeName set to itself')
    expect(await create(mirror({}, { ownerReferences: [] }))).toMatch('node "n1" can only create pods with an owner reference set to itself')
    expect(await create(mirror({}, { ownerReferences: [{ ...owner, uid: 'x' }] }))).toMatch('node n1 UID mismatch: expected x got')
    expect(await create(mirror({ volumes: [{ name: 's', secret: { secretName: 'other' } }] }))).toMatch('node "n1" can not create pods that reference secrets')
    expect(await create(mirror({ volumes: [{ name: 's', configMap: { name: 'config' } }] }))).toMatch('node "n1" can not create pods that reference configmaps')
    expect(await create(mirror())).toBe('201')
    expect(await ask(node('n2'), `DELETE ${core}/pods/static`)).toMatch('node "n2" can only delete pods')
    expect(await ask(node('n1'), `DELETE ${core}/pods/static?gracePeriodSeconds=0`)).toBe('200')
  })
})

test.each([
  ['kubernetes.io/hostname', false], ['node.kubernetes.io/instance-type', false], ['node.kubernetes.io/anything', false], ['kubelet.kubernetes.io/x', false],
  ['a.kubelet.kubernetes.io/x', false], ['example.com/x', false], ['x', false], ['kubernetes.io/x', true], ['a.k8s.io/x', true], ['a.node-restriction.kubernetes.io/x', true],
])('whether a node may not set the label %s: %s', (label, expected) => { expect(isForbiddenLabel(label)).toBe(expected) })
