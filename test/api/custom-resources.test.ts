import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { take } from '../../control/server/testing/test-server.ts'
import { kubectls } from '../lab/kubectls.ts'
import { openRoom } from './kubectl-room.ts'
import type { KubectlRoom } from './kubectl-room.ts'

/* Definitions that grow, are selected by, judged by expressions and taken away under a watch; and one as Kubernetes 1.10 knew them. */

let room: KubectlRoom
beforeAll(async () => { room = await openRoom() })
afterAll(() => room.close())

const definition = (group: string, more: string) => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shirts.${group}}
spec:
  group: ${group}
  scope: Namespaced
  names: {plural: shirts, singular: shirt, kind: Shirt, shortNames: [sh]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    selectableFields: [{jsonPath: .spec.color}]
    additionalPrinterColumns: [{name: Color, type: string, jsonPath: .spec.color}]
    schema: &schema
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            x-kubernetes-validations:
            - {rule: "self.size <= 50", message: too large}
            - {rule: "self.color == oldSelf.color", message: the colour stays}
            properties:
              color: {type: string, enum: [blue, red]}
              size: {type: integer, default: 40}
              anything: {type: object, x-kubernetes-preserve-unknown-fields: true}
          status: {type: object, properties: {worn: {type: integer}}}
${more}`
const second = `  - name: v2
    served: true
    storage: false
    schema: *schema
`

const found = kubectls()
if (found.length === 0) test.skip('stock kubectl: this machine has none on its PATH', () => {})

describe.each(found)('kubectl ($version)', (kubectl) => {
  const group = `${kubectl.version}.shop.example`
  const run = (line: string | readonly string[], input?: string) => room.kubectl(kubectl, 'default').run(line, input)
  const refused = (line: string | readonly string[], input?: string) => room.kubectl(kubectl, 'default').refused(line, input)
  const shirt = (name: string, spec: string, version = 'v1') => `apiVersion: ${group}/${version}\nkind: Shirt\nmetadata: {name: ${name}}\nspec: ${spec}\n`

  test('defaults, prunes, judges and selects', async () => {
    await run('apply -f -', definition(group, ''))
    await run(`wait --for=condition=established --timeout=30s crd/shirts.${group}`)
    await run('apply --validate=false -f -', shirt('one', '{color: blue, gone: 1, anything: {kept: 1}}'))
    expect(JSON.parse(await run(`get shirts.${group} one -o json`)).spec).toEqual({ color: 'blue', size: 40, anything: { kept: 1 } })
    expect(await refused('apply -f -', shirt('two', '{color: blue, size: 51}'))).toMatch(/spec: Invalid value: .*too large/)
    expect(await refused('apply -f -', shirt('two', '{color: green}'))).toMatch(/spec.color: Unsupported value: "green": supported values: "blue", "red"/)
    expect(await refused(['patch', `shirts.${group}`, 'one', '--type=merge', '-p', '{"spec":{"color":"red"}}'])).toContain('the colour stays')
    await run('apply -f -', shirt('two', '{color: red}'))
    expect(await run(`get shirts.${group} --field-selector spec.color=red -o name`)).toBe(`shirt.${group}/two`)
    expect(await run(`get shirts.${group}`)).toMatch(/^NAME +COLOR\none +blue\ntwo +red$/)
    expect(await refused(`get shirts.${group} --field-selector spec.size=40`)).toContain('field label not supported: spec.size')
    expect(await run('apply --server-side -f -', shirt('three', '{color: red}'))).toBe(`shirt.${group}/three serverside-applied`)
  })

  test('the status is written by its own door', async () => {
    await run(['patch', `shirts.${group}`, 'one', '--type=merge', '-p', '{"status":{"worn":1}}'])
    expect(await run(`get shirts.${group} one -o jsonpath={.status}`)).toBe('')
    const path = `/apis/${group}/v1/namespaces/default/shirts/one/status`
    await room.server.call('PATCH', path, { status: { worn: 2 }, spec: { size: 1 } }, { headers: { 'content-type': 'application/merge-patch+json' } })
    expect(await run(`get shirts.${group} one -o jsonpath={.status.worn}/{.spec.size}`)).toBe('2/40')
  })

  test('gets a second version, and is taken away while somebody watches', async () => {
    await run('apply -f -', definition(group, second))
    await expect.poll(() => run(`get shirts.v2.${group} one -o jsonpath={.apiVersion}`).catch(String), { timeout: 30_000 }).toBe(`${group}/v2`)
    expect(await run('apply -f -', shirt('four', '{color: red}', 'v2'))).toBe(`shirt.${group}/four created`)
    expect(await run(`get shirts.v1.${group} four -o jsonpath={.apiVersion}`)).toBe(`${group}/v1`)
    expect((await run('api-versions')).split('\n')).toEqual(expect.arrayContaining([`${group}/v1`, `${group}/v2`]))
    const watch = await room.server.raw('GET', `/apis/${group}/v1/namespaces/default/shirts?watch=true&resourceVersion=0`)
    // It ends by itself, when there is no such thing any more.
    const events = take(watch, Infinity)
    expect(await run(`delete crd shirts.${group}`)).toContain('deleted')
    expect((await events).map(({ type, object }) => `${type} ${(object as { metadata: { name: string } }).metadata.name}`).sort()).toEqual(['ADDED', 'DELETED'].flatMap((type) => ['four', 'one', 'three', 'two'].map((name) => `${type} ${name}`)))
    expect(await refused(`get shirts.${group}`)).toMatch(/the server doesn't have a resource type|could not find the requested resource/)
  })

  test('a definition of old, without a schema, keeps what it is given', async () => {
    const name = `notes.old.${group}`
    await run('apply -f -', `{"apiVersion":"apiextensions.k8s.io/v1beta1","kind":"CustomResourceDefinition","metadata":{"name":"${name}"},"spec":{"group":"old.${group}","version":"v1","scope":"Namespaced","names":{"plural":"notes","kind":"Note"}}}`)
    await run(`wait --for=condition=established --timeout=30s crd/${name}`)
    await run('apply -f -', `apiVersion: old.${group}/v1\nkind: Note\nmetadata: {name: first}\nany: {thing: [1]}\n`)
    expect(await run(`get ${name} first -o jsonpath={.any.thing[0]}`)).toBe('1')
    expect(await run(`delete crd ${name}`)).toContain('deleted')
  })
})
