import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import { builtinKinds } from '../../api/kinds/registry.ts'
import { startTestServer } from '../../control/server/testing/test-server.ts'
import { kubectls } from '../lab/kubectls.ts'
import { openRoom } from './kubectl-room.ts'
import type { KubectlRoom, Runner } from './kubectl-room.ts'

/* Manifests of every age, for every kind and version that can be made, through stock kubectls: what a person does with a directory of YAML. */

const manifests = join(import.meta.dirname, 'manifests')
interface Manifest { readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly name: string } }
const objects = readdirSync(manifests).sort().flatMap((file) => loadAll(readFileSync(join(manifests, file), 'utf8')) as Manifest[])
const lines = (text: string): string[] => text.trim().split('\n')

test('there is a manifest of every kind and version', () => {
  const made = new Set(objects.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`))
  const missing = builtinKinds.filter(({ verbs }) => verbs.includes('create') && verbs.includes('get')).map((kind) => `${apiVersionOf(kind)} ${kind.kind}`).filter((name) => !made.has(name))
  expect(missing).toEqual([])
})

test('none is taken without its name or what is in it, and none is a fault of the server', async () => {
  const server = await startTestServer()
  const kindOf = ({ apiVersion, kind }: Manifest) => builtinKinds.find((one) => apiVersionOf(one) === apiVersion && one.kind === kind)!
  const answers: string[] = []
  for (const object of objects) {
    const { group, version, namespaced, resource } = kindOf(object)
    const path = `/${group ? `apis/${group}` : 'api'}/${version}${namespaced ? '/namespaces/default' : ''}/${resource}`
    const { name: _, ...unnamed } = object.metadata
    const { apiVersion, kind, metadata, ...content } = object
    const hollow = Object.fromEntries(Object.keys(content).map((key) => [key, {}])), empty = Object.fromEntries(Object.keys(content).map((key) => [key, null]))
    const bodies: object[] = [{ ...object, metadata: unnamed }, { apiVersion, kind, ...content }, { apiVersion, kind, metadata }, { apiVersion, kind, metadata, ...hollow }, { apiVersion, kind, metadata, ...empty }, { apiVersion, kind, metadata: null }, {}]
    for (const [i, body] of bodies.entries()) {
      const { status, body: { message } } = await server.call('POST', `${path}?dryRun=All`, body, { wire: true })
      if (status >= 500 || (i < 2 && status < 400)) answers.push(`${apiVersion} ${kind} ${i}: ${status} ${message}`)
    }
  }
  await server.close()
  expect(answers).toEqual([])
})

/**
 * kubectl finds something to say of these every time, with the original too: values that are kept in another form (quantities, `stringData`, `[]`, `false`)
 * and atomic lists in which the server has filled in defaults.
 */
const neverSettled = [
  'secret/mysecret', 'pod/nginx', 'endpoints/my-db', 'node/10.240.79.157', 'resourcequota/pods-high', 'statefulset.apps/web', 'job.batch/pi',
  'clusterrole.rbac.authorization.k8s.io/monitoring', 'priorityclass.scheduling.k8s.io/high-priority-nonpreempting',
  'mutatingwebhookconfiguration.admissionregistration.k8s.io/my-webhook.example.com', 'validatingadmissionpolicy.admissionregistration.k8s.io/demo-policy.example.com',
  'mutatingadmissionpolicy.admissionregistration.k8s.io/sidecar-policy.example.com', 'resourceclaimtemplate.resource.k8s.io/example-resource-claim-template',
  'ingress.extensions/ext-ingress', 'statefulset.apps/b1-web', 'certificatesigningrequest.certificates.k8s.io/b1-my-svc.my-namespace',
  'validatingwebhookconfiguration.admissionregistration.k8s.io/b1-pod-policy.example.com', 'mutatingwebhookconfiguration.admissionregistration.k8s.io/b1-sidecar-injector',
  'priorityclass.scheduling.k8s.io/b1-high-priority', 'ingress.networking.k8s.io/b1-ingress', 'validatingadmissionpolicy.admissionregistration.k8s.io/b1-policy.example.com',
  'mutatingadmissionpolicy.admissionregistration.k8s.io/b1-mutating.example.com',
]
/** Which of these a kubectl knows as types, and so patches strategically, differs with its age. */
const settledByAge = ['poddisruptionbudget.policy/zk-pdb', 'cronjob.batch/hello']

const found = kubectls()
if (found.length === 0) test.skip('stock kubectl: this machine has none on its PATH', () => {})

describe.each(found)('kubectl ($version)', (kubectl) => {
  let room: KubectlRoom
  let of: Runner
  beforeAll(async () => {
    room = await openRoom({ disableAdmissionPlugins: [] })
    of = room.kubectl(kubectl, 'default')
    await of.run('create serviceaccount default')
  })
  afterAll(() => room.close())

  test('applies them all', async () => {
    const { stdout, stderr } = await of.say(`apply -f ${manifests}`)
    expect(stderr.split('\n').filter((line) => line && !line.startsWith('Warning: '))).toEqual([])
    expect(lines(stdout).map((line) => line.split(' ')[1])).toEqual(objects.map(() => 'created'))
    const old = builtinKinds.flatMap(({ deprecated, verbs }) => (deprecated && verbs.includes('create') && verbs.includes('get') ? [`Warning: ${deprecated}`] : []))
    expect(old.filter((warning) => !stderr.includes(`${warning}\n`))).toEqual([])
  })

  test('applies them again, and finds little to say', async () => {
    const said = lines(await of.run(`apply -f ${manifests}`)).map((line) => line.split(' ') as [string, string])
    expect(new Set(said.map(([, what]) => what))).toEqual(new Set(['unchanged', 'configured']))
    expect(said.filter(([name, what]) => what !== 'unchanged' && !settledByAge.includes(name)).map(([name]) => name)).toEqual(neverSettled)
  })

  test('gets them, in every form', async () => {
    const rows = (await of.run(`get -f ${manifests} -o wide`)).split('\n\n').flatMap((table) => lines(table).slice(1))
    expect(rows.map((row) => row.split(/ +/)).filter((words, i) => !words.some((word) => word.endsWith(`/${objects[i]?.metadata.name}`)))).toEqual([])
    expect(rows).toHaveLength(objects.length)
    const yaml = loadAll(await of.run(`get -f ${manifests} -o yaml`)) as { items: Manifest[] }[]
    expect(yaml[0]!.items.map(({ apiVersion, kind, metadata: { name } }) => ({ apiVersion, kind, name }))).toEqual(objects.map(({ apiVersion, kind, metadata: { name } }) => ({ apiVersion, kind, name })))
  })

  test('describes them', async () => {
    const text = await of.run(`describe -f ${manifests}`)
    for (const { metadata } of objects) expect(text).toMatch(new RegExp(`^Name: +${metadata.name}$`, 'm'))
  })

  test('labels, annotates, patches and replaces them', async () => {
    expect(lines(await of.run(`label -f ${manifests} seen=yes`)).filter((line) => !line.endsWith(' labeled'))).toEqual([])
    expect(lines(await of.run(`annotate -f ${manifests} note=x`)).filter((line) => !line.endsWith(' annotated'))).toEqual([])
    expect(lines(await of.run(['patch', '-f', manifests, '--type=merge', '-p', '{"metadata":{"labels":{"seen":null,"patched":"yes"}}}'])).filter((line) => !line.endsWith(' patched'))).toEqual([])
    expect(lines(await of.run(['patch', '-f', manifests, '--type=json', '-p', '[{"op":"test","path":"/metadata/labels/patched","value":"yes"},{"op":"add","path":"/metadata/annotations/again","value":"x"}]'])).filter((line) => !line.endsWith(' patched'))).toEqual([])
  })

  test('deletes them', async () => {
    // Nobody is here to take the finalizers of volumes, claims and classes away.
    expect(lines(await of.run(`delete -f ${manifests} --wait=false`)).filter((line) => !/ deleted( from default namespace)?$/.test(line))).toEqual([])
    const guarded = ['pv/task-pv-volume', 'pvc/task-pv-claim', 'volumeattributesclasses/silver', 'volumeattributesclasses/b1-gold']
    for (const name of guarded) await of.run(['patch', name, '--type=merge', '-p', '{"metadata":{"finalizers":null}}'])
    await room.server.fetch('PUT', '/api/v1/namespaces/team-a/finalize', { body: '{"metadata":{"name":"team-a"}}', headers: { 'content-type': 'application/json' } })
    await expect.poll(() => of.run(`get -f ${manifests} --ignore-not-found -o name`), { timeout: 20_000 }).toBe('')
  })

  const explained = builtinKinds.filter(({ storedAs }) => !storedAs)
  test('explains them, with all that is in them', async () => {
    const left = [...explained]
    const work = async () => {
      for (let kind = left.pop(); kind; kind = left.pop()) {
        const text = await of.run(`explain ${kind.resource} --recursive --api-version=${apiVersionOf(kind)}`)
        expect(text).toMatch(new RegExp(`^KIND: +${kind.kind}$`, 'm'))
        for (const field of Object.keys(kind.schema.fields)) expect(text).toMatch(new RegExp(`^ +${field}\\s+<`, 'm'))
      }
    }
    await Promise.all([work(), work()])
  })
})
