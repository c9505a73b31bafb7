import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { paths } from '../../cli/layout.ts'
import { importImages } from '../lab/images.ts'
import { deployment, pod, service } from '../lab/objects.ts'
import { clusterUnavailable, createUpLab, labNodeIP, type UpLab } from '../lab/up-lab.ts'

const unavailable = clusterUnavailable()
const mounted = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Asks the API server as the pod may: its address from the environment, its authority and token from the volume. */
const ask = (path: string, authority = `${mounted}/ca.crt`): string => `printf 'GET ${path} HTTP/1.1\\r\\nHost: kubernetes\\r\\nAuthorization: Bearer %s\\r\\nConnection: close\\r\\n\\r\\n' "$(cat ${mounted}/token)" |
  socat -t 20 - OPENSSL:$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT,cafile=${authority},commonname=kubernetes.default.svc,shut-none`

describe.skipIf(unavailable)(`who is who in a running cluster${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let lab: UpLab
  const exec = (name: string, script: string) => lab.kubectl(['exec', name, '--', 'sh', '-c', script])
  const ready = (name: string) => lab.kubectl(`wait --for=condition=Ready pod/${name} --timeout=60s`)
  let server: string
  /** Answers of the server that refused somebody, as it counts them. */
  const refusals = async (): Promise<string[]> => (await lab.kubectl('get --raw /metrics')).split('\n').filter((line) => /^apiserver_request_total\{.*code="40[13]"/.test(line))

  beforeAll(async () => {
    lab = await createUpLab()
    await importImages(lab)
    server = `--server https://${labNodeIP}:6443 --certificate-authority ${paths(lab.layout).pki}/ca.crt`
  })
  afterAll(() => lab?.close())

  test('no part of the cluster asks for what it may not have, while pods come, change and go', async () => {
    await lab.kubectl('create configmap settings --from-literal=colour=blue')
    await lab.kubectl('create secret generic keys --from-literal=password=secret')
    const template = { envFrom: [{ secretRef: { name: 'keys' } }], volumeMounts: [{ name: 'settings', mountPath: '/settings' }] }
    const web = deployment('web', 2, template)
    Object.assign(web.spec.template.spec, { volumes: [{ name: 'settings', configMap: { name: 'settings' } }] })
    await lab.apply(web, service('web'), pod('broken', {}, { image: 'k8ts.test/nobody:1', imagePullPolicy: 'Never' }))
    await lab.kubectl('rollout status deployment/web --timeout=60s')
    await lab.eventually('the event', async () => (await lab.kubectl('get events')).includes('ErrImageNeverPull'))
    await lab.kubectl('create namespace other')
    await lab.kubectl('delete namespace other --timeout=60s')
    await lab.kubectl('delete deployment/web pod/broken service/web --timeout=60s')
    await lab.eventually('the pods being gone', async () => (await lab.json('get pods')).items.length === 0)
    expect((await lab.json('get lease n1 -n kube-node-lease')).spec.holderIdentity).toBe('n1')
    expect(await refusals()).toEqual([])
  })

  test('a pod asks the API server with its token, trusts it by its authority, and gets what its account may', async () => {
    await lab.kubectl('create serviceaccount robot')
    await lab.apply(pod('asking', { serviceAccountName: 'robot' }))
    await ready('asking')
    expect(await exec('asking', `cat ${mounted}/namespace`)).toBe('default')
    const pods = '/api/v1/namespaces/default/pods'
    expect(await exec('asking', ask(pods))).toMatch(/^HTTP\/1.1 403 [^]*pods is forbidden: User \\"system:serviceaccount:default:robot\\" cannot list resource \\"pods\\" in API group \\"\\" in the namespace \\"default\\"/)
    await lab.kubectl('create role reader --verb=get,list --resource=pods')
    await lab.kubectl('create rolebinding robot --role=reader --serviceaccount=default:robot')
    expect(await exec('asking', ask(pods))).toMatch(/^HTTP\/1.1 200 [^]*"kind":"PodList"[^]*"name":"asking"/)
    expect(await exec('asking', ask('/api/v1/namespaces/default/secrets'))).toMatch(/^HTTP\/1.1 403 /)
    expect(await exec('asking', ask('/api/v1/namespaces/kube-system/pods'))).toMatch(/^HTTP\/1.1 403 /)
    expect(await refusals()).not.toEqual([])
    await lab.kubectl('delete rolebinding robot')
    expect(await exec('asking', ask(pods))).toMatch(/^HTTP\/1.1 403 /)
    await expect(exec('asking', ask(pods, '/dev/null'))).rejects.toThrow(/SSL|certificate/i)
  })

  test('its token ends with it', async () => {
    const token = await exec('asking', `cat ${mounted}/token`)
    const asked = () => lab.kubectl(`--kubeconfig /dev/null ${server} --token ${token} auth whoami -o jsonpath={.status.userInfo.extra}`)
    expect(JSON.parse(await asked())).toMatchObject({ 'authentication.kubernetes.io/pod-name': ['asking'], 'authentication.kubernetes.io/node-name': ['n1'] })
    await lab.kubectl('delete pod asking --timeout=60s')
    await expect(asked()).rejects.toThrow(/You must be logged in to the server/)
  })

  test('a pod that wants no token has none', async () => {
    await lab.apply(pod('quiet', { automountServiceAccountToken: false }))
    await ready('quiet')
    expect(await exec('quiet', `ls ${mounted} 2>/dev/null || echo none`)).toBe('none\n')
  })

  test('a node’s own credentials read what its pods mention, and nothing else', async () => {
    const { pki } = paths(lab.layout)
    const identity = `--kubeconfig /dev/null ${server} --client-certificate ${pki}/kubelet-client-n1.crt --client-key ${pki}/kubelet-client-n1.key`
    await lab.kubectl('create secret generic hidden --from-literal=a=b')
    await lab.apply(pod('reading', {}, { envFrom: [{ secretRef: { name: 'keys' } }] }))
    await ready('reading')
    expect(await lab.kubectl(`${identity} get secret keys -o name`)).toBe('secret/keys\n')
    await expect(lab.kubectl(`${identity} get secret hidden`)).rejects.toThrow(`no relationship found between node 'n1' and this object`)
    await expect(lab.kubectl(`${identity} get secrets`)).rejects.toThrow(/cannot list resource "secrets"/)
    await expect(lab.kubectl(`${identity} label node n1 node-restriction.kubernetes.io/a=b`)).rejects.toThrow(/is not allowed to modify labels/)
    await lab.kubectl('delete pod reading quiet --timeout=60s')
    await expect(lab.kubectl(`${identity} get secret keys`)).rejects.toThrow('no relationship found')
  })
})
