import { gunzipSync } from 'node:zlib'
import { load } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kubectls } from '../lab/kubectls.ts'
import { openRoom } from './kubectl-room.ts'
import type { KubectlRoom } from './kubectl-room.ts'

/* One object in every form that clients ask for and send, and how strictly it is read. */

let room: KubectlRoom
beforeAll(async () => { room = await openRoom() })
afterAll(() => room.close())

const path = '/api/v1/namespaces/default/configmaps'
const tableOf = (version: string) => `application/json;as=Table;v=${version};g=meta.k8s.io`

describe('what is asked for', () => {
  beforeAll(async () => { await room.server.call('POST', path, { metadata: { name: 'a', labels: { in: 'forms' } }, data: { a: 'b' } }) })
  const got = async (accept: string, where = `${path}/a`) => {
    const { status, headers, body } = await room.server.fetch('GET', where, { headers: { accept } })
    return { status, type: headers['content-type'], body }
  }

  test.each([
    ['application/json', 'application/json'], ['*/*', 'application/json'], ['application/*', 'application/json'], ['application/yaml', 'application/yaml'],
    ['application/vnd.kubernetes.protobuf', 'application/vnd.kubernetes.protobuf'], ['application/vnd.kubernetes.protobuf,application/json', 'application/vnd.kubernetes.protobuf'],
    ['application/json;q=0.2, application/yaml;q=0.9', 'application/yaml'], ['text/html, application/xhtml+xml, */*;q=0.8', 'application/json'],
    [`${tableOf('v1')},${tableOf('v1beta1')},application/json`, 'application/json'],
  ])('%s is answered in %s', async (accept, type) => {
    expect(await got(accept)).toMatchObject({ status: 200, type })
  })

  test('nothing that is spoken here', async () => {
    const { status, body } = await got('text/html')
    expect([status, JSON.parse(body.toString()).reason]).toEqual([406, 'NotAcceptable'])
  })

  test('tables and metadata, of lists too', async () => {
    const table = JSON.parse((await got(tableOf('v1'), path)).body.toString())
    expect(table).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', rows: expect.arrayContaining([expect.objectContaining({ object: expect.objectContaining({ kind: 'PartialObjectMetadata' }) })]) })
    const whole = JSON.parse((await got(tableOf('v1'), `${path}?includeObject=Object`)).body.toString())
    expect(whole.rows.find(({ object }: any) => object.metadata.name === 'a').object).toMatchObject({ kind: 'ConfigMap', data: { a: 'b' } })
    expect(JSON.parse((await got('application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1')).body.toString())).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a', labels: { in: 'forms' } } })
    const list = JSON.parse((await got('application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', path)).body.toString())
    expect(list).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' })
    expect(list.items.every((item: object) => !('data' in item))).toBe(true)
  })

  test('pretty, and zipped when it is long', async () => {
    expect((await got('application/json', `${path}/a?pretty=true`)).body.toString()).toMatch(/^{\n {2}"\w+": [^]*\n {4}"name": "a",\n/)
    await room.server.call('POST', path, { metadata: { name: 'long' }, data: { text: 'x'.repeat(200_000) } })
    const { headers, body } = await room.server.fetch('GET', path, { headers: { 'accept-encoding': 'gzip' } })
    expect(headers['content-encoding']).toBe('gzip')
    expect(JSON.parse(gunzipSync(body).toString()).kind).toBe('ConfigMapList')
  })

  test('what came in protobuf goes back in it', async () => {
    const { body } = await got('application/vnd.kubernetes.protobuf')
    expect(body.subarray(0, 4)).toEqual(Buffer.from('k8s\0'))
    const headers = { 'content-type': 'application/vnd.kubernetes.protobuf', accept: 'application/vnd.kubernetes.protobuf' }
    const put = await room.server.fetch('PUT', `${path}/a`, { body, headers })
    expect([put.status, put.headers['content-type']]).toEqual([200, 'application/vnd.kubernetes.protobuf'])
    const made = await room.server.fetch('POST', path, { body: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: in-yaml}\n', headers: { 'content-type': 'application/yaml', accept: 'application/yaml' } })
    expect([made.status, load(made.body.toString())]).toMatchObject([201, { kind: 'ConfigMap', metadata: { name: 'in-yaml' } }])
  })
})

const found = kubectls()
if (found.length === 0) test.skip('stock kubectl: this machine has none on its PATH', () => {})

describe.each(found)('kubectl ($version)', (kubectl) => {
  const space = `forms-${kubectl.version}`
  const of = () => room.kubectl(kubectl, space)
  const run = (line: string | readonly string[], input?: string) => of().run(line, input)
  const refused = (line: string | readonly string[], input?: string) => of().refused(line, input)
  const modern = async () => Number(/"minor": "(\d+)/.exec(await run('version --client -o json'))![1]) >= 25

  test('prints an object in every way it knows', async () => {
    await run(`create namespace ${space}`)
    await run('create configmap c --from-literal=a=b')
    await run('label configmap c in=forms')
    expect(JSON.parse(await run('get configmap c -o json'))).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'b' } })
    expect(load(await run('get configmap -o yaml'))).toMatchObject({ apiVersion: 'v1', kind: 'List', items: [{ kind: 'ConfigMap' }] })
    expect(await run('get configmap c -o go-template={{.data.a}}')).toBe('b')
    expect(await run('get configmap c -o custom-columns=N:.metadata.name,A:.data.a --no-headers')).toMatch(/^c +b$/)
    expect(await run('get configmap c --show-labels')).toMatch(/^NAME +DATA +AGE +LABELS\nc +1 +\S+ +in=forms$/)
    expect(await run('get configmap c -L in --show-kind')).toMatch(/^NAME +DATA +AGE +IN\nconfigmap\/c +1 +\S+ +forms$/)
    expect(await run('get configmap c --server-print=false')).toMatch(/^NAME +AGE\nc +\S+$/)
    expect(await run(`get --raw /api/v1/namespaces/${space}/configmaps/c?pretty=1`)).toMatch(/^{\n {2}"apiVersion": "v1",\n {2}"kind": "ConfigMap"|^{\n {2}"kind": "ConfigMap"/)
  })

  test('tries on the server without doing', async () => {
    expect(await run('create configmap dry --from-literal=a=b --dry-run=server -o jsonpath={.metadata.uid}')).toMatch(/^[0-9a-f-]{36}$/)
    expect(await refused('get configmap dry')).toContain('not found')
    expect(await run('delete configmap c --dry-run=server')).toContain('(server dry run)')
    expect(await run(['patch', 'configmap', 'c', '--dry-run=server', '-o', 'jsonpath={.data}', '-p', '{"data":{"x":"y"}}'])).toContain('"x":"y"')
    expect(await run('get configmap c -o jsonpath={.data}')).not.toContain('"x"')
    expect((await of().say('diff -f -', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"c"}}')).stdout).toMatch(/-\s+a: b\n\+\s+a: c/)
  })

  test('has its manifests read as strictly as it wants', async ({ skip }) => {
    const odd = '{"apiVersion":"v1","kind":"Service","metadata":{"name":"odd"},"spec":{"ports":[{"port":80}],"selctor":{"a":"b"}}}'
    expect(await refused('create -f -', odd)).toMatch(/unknown field "(spec\.)?selctor"/)
    expect(await run('create --validate=false -f - -o name', odd)).toBe('service/odd')
    await run('delete service odd')
    if (!await modern()) skip('this kubectl validates by itself')
    const strict = await refused('create --validate=strict -f -', `${odd.slice(0, -1)},"kind":"Service"}`)
    expect(strict).toContain('strict decoding error: unknown field "spec.selctor"')
    const { stdout, stderr } = await of().say('create --validate=warn -f -', odd)
    expect([stdout, stderr]).toEqual(['service/odd created\n', 'Warning: unknown field "spec.selctor"\n'])
    expect(await run('create --validate=ignore --dry-run=server -f - -o name', odd.replace('"name":"odd"', '"name":"odd2"'))).toBe('service/odd2')
  })

  test('patches in every form, and the server says what it does not take', async () => {
    await run('create service clusterip s --tcp=80')
    expect(await run(['patch', 'service', 's', '-p', '{"spec":{"ports":[{"port":81,"name":"b"}]}}', '-o', 'jsonpath={.spec.ports[*].port}']).catch(String)).toMatch(/^81 80$|^80 81$/)
    expect(await run(['patch', 'service', 's', '--type=merge', '-p', '{"spec":{"ports":[{"port":82}]}}', '-o', 'jsonpath={.spec.ports[*].port}'])).toBe('82')
    expect(await run(['patch', 'service', 's', '--type=json', '-p', '[{"op":"test","path":"/spec/ports/0/port","value":82},{"op":"replace","path":"/spec/ports/0/port","value":83}]', '-o', 'jsonpath={.spec.ports[*].port}'])).toBe('83')
    // The original gives no reason here, and a kubectl of old prints even less.
    for (const operation of ['{"op":"test","path":"/spec/ports/0/port","value":1}', '{"op":"remove","path":"/spec/nothing"}']) {
      expect(await refused(['patch', 'service', 's', '--type=json', '-p', `[${operation}]`])).toMatch(/^The request is invalid(: the server rejected our request due to an error in our request)?$/)
    }
    expect(await refused(['patch', 'service', 's', '--type=merge', '-p', '{"spec":{"clusterIP":"10.96.0.77"}}'])).toMatch(/spec\.clusterIPs?(\[0\])?: Invalid value: .*(may not change once set|field is immutable)/)
  })

  test('changes objects by its other verbs', async () => {
    await run('create deployment web --image=web:1 --port=80')
    expect(await run('set env deployment/web A=b')).toBe('deployment.apps/web env updated')
    expect(await run('set resources deployment/web --limits=cpu=200m')).toBe('deployment.apps/web resource requirements updated')
    expect(await run('autoscale deployment web --max=3')).toContain('horizontalpodautoscaler.autoscaling/web autoscaled')
    expect(await run('set serviceaccount deployment web default')).toContain('serviceaccount updated')
    expect(await run('rollout pause deployment/web')).toContain('paused')
    expect(await run('rollout resume deployment/web')).toContain('resumed')
    expect(await run('get deployment web -o jsonpath={.spec.template.spec.containers[0].env[0].value}/{.spec.template.spec.containers[0].resources.limits.cpu}')).toBe('b/200m')
    expect(await run('create job j --image=i -- sleep 1')).toBe('job.batch/j created')
    expect(await run('create ingress i --rule=a.example/*=s:80').catch(String)).toMatch(/ingress.networking.k8s.io\/i created|unknown|must specify/)
    expect(await run('create poddisruptionbudget b --selector=a=b --min-available=1')).toContain('poddisruptionbudget.policy/b created')
    expect(await run('create quota q --hard=pods=3')).toBe('resourcequota/q created')
    expect(await run(`create priorityclass pc-${space} --value=7`)).toContain('created')
    expect(await run('create secret tls t --cert=/dev/null --key=/dev/null').catch(String)).toMatch(/tls|PEM|failed/)
    expect(await run('create secret docker-registry d --docker-username=u --docker-password=p')).toBe('secret/d created')
    expect(await run('create service externalname e --external-name=x.example')).toBe('service/e created')
  })
})
