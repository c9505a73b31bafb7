import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createExec } from '../../../host/exec.ts'
import { kubectls } from '../../../test/lab/kubectls.ts'
import { kubeconfig } from '../../pki/kubeconfig.ts'
import { startTlsServer } from '../testing/tls-server.ts'
import type { TlsTestServer } from '../testing/tls-server.ts'

/* The stock kubectl, the oldest and the newest there is, with a resource of its user's making. */

const exec = createExec()
let server: TlsTestServer
let home: string

beforeAll(async () => {
  server = await startTlsServer()
  home = await mkdtemp(join(tmpdir(), 'k8ts-crd-'))
  await writeFile(join(home, 'config'), kubeconfig({ server: server.url, ca: server.pki.ca.certificate, credentials: server.pki.admin }))
})
afterAll(async () => {
  await server.close()
  await rm(home, { recursive: true, force: true })
})

const definition = (group: string) => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.${group}}
spec:
  group: ${group}
  scope: Namespaced
  names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
    additionalPrinterColumns:
    - {name: Spec, type: string, jsonPath: .spec.cronSpec}
    - {name: Replicas, type: integer, jsonPath: .spec.replicas}
    - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status', priority: 1}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        type: object
        description: A table of things to do.
        properties:
          spec:
            type: object
            required: [cronSpec]
            properties:
              cronSpec: {type: string, pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$', description: When it is done.}
              replicas: {type: integer, minimum: 1, maximum: 10, default: 1}
              image: {type: string}
          status:
            type: object
            properties:
              replicas: {type: integer}
              conditions: {type: array, items: {type: object, properties: {type: {type: string}, status: {type: string}}}}
`

const found = kubectls()

if (found.length === 0) test.skip('stock kubectl: this machine has none on its PATH', () => {})

describe.each(found)('kubectl ($version)', ({ binary, version }) => {
  const group = `v${version.replaceAll('.', '-')}.example.com`
  const run = async (line: string, okCodes = [0], input?: string) => {
    const { stdout, stderr } = await exec.run(binary, line.split(' '), { env: { KUBECONFIG: join(home, 'config'), HOME: join(home, version) }, okCodes, timeoutMs: 60_000, ...(input !== undefined && { input }) })
    return okCodes.includes(0) ? stdout.trim() : stderr.trim()
  }
  const refused = (line: string, input?: string) => run(line, [1], input)
  const table = (spec: string) => `apiVersion: ${group}/v1\nkind: CronTab\nmetadata: {name: mine}\nspec: ${spec}\n`

  test('makes a definition and uses it at once', async () => {
    expect(await run('create -f -', [0], definition(group))).toBe(`customresourcedefinition.apiextensions.k8s.io/crontabs.${group} created`)
    expect(await run(`wait --for condition=established --timeout=30s crd/crontabs.${group}`)).toBe(`customresourcedefinition.apiextensions.k8s.io/crontabs.${group} condition met`)
    expect(await run('apply -f -', [0], table('{cronSpec: "* * * * */5", image: my}'))).toBe(`crontab.${group}/mine created`)
    expect(await run('apply -f -', [0], table('{cronSpec: "* * * * */5", image: my}'))).toBe(`crontab.${group}/mine unchanged`)
    expect(await run('apply -f -', [0], table('{cronSpec: "* * * * */6", image: my}'))).toBe(`crontab.${group}/mine configured`)
    expect(await run(`get crontabs.${group} mine -o jsonpath={.spec.replicas}`)).toBe('1')
  })

  test('prints the columns that the definition names', async () => {
    const lines = (await run(`get crontabs.${group}`)).split('\n')
    expect(lines[0]).toMatch(/^NAME +SPEC +REPLICAS +AGE$/)
    expect(lines[1]).toMatch(/^mine +\* \* \* \* \*\/6 +1 +\d+s$/)
    expect((await run(`get crontabs.${group} -o wide`)).split('\n')[0]).toMatch(/^NAME +SPEC +REPLICAS +READY +AGE$/)
    expect(await run(`get crd crontabs.${group} -o wide`)).toMatch(/^NAME +SCOPE +VERSIONS +CREATED AT +GROUP +KIND +SHORTNAMES +ESTABLISHED\n.* Namespaced +v1\(storage\) .* CronTab +ct +true$/)
    expect((await run(`get ct.v1.${group} -o name`))).toBe(`crontab.${group}/mine`)
    expect(await run('get all -o name')).toContain(`crontab.${group}/mine`)
  })

  test('explains it', async () => {
    expect(await run(`explain crontabs --api-version=${group}/v1`)).toContain('A table of things to do.')
    expect(await run(`explain crontabs.spec.cronSpec --api-version=${group}/v1`)).toContain('When it is done.')
    expect(await run(`explain crontabs --recursive --api-version=${group}/v1`)).toMatch(/replicas\s+<integer>/)
  })

  test('refuses what does not fit, before or after asking', async () => {
    expect(await refused('apply -f -', table('{cronSpec: "* * * * */5", replicas: 40}'))).toContain('spec.replicas: Invalid value: 40: spec.replicas in body should be less than or equal to 10')
    expect(await refused('apply -f -', table('{cronSpec: never}'))).toContain("spec.cronSpec in body should match '")
    expect(await refused('create -f -', table('{cronSpec: "* * * * */5", nope: 1}'))).toMatch(/unknown field "(spec\.)?nope"/)
    expect(await refused('create -f -', table('{image: x}'))).toMatch(/missing required field "cronSpec"|spec.cronSpec: Required value/)
  })

  test('scales, patches and labels it', async () => {
    expect(await run(`scale crontabs.${group} mine --replicas=3`)).toBe(`crontab.${group}/mine scaled`)
    expect(await run(`get crontabs.${group} mine -o jsonpath={.spec.replicas}/{.metadata.generation}`)).toBe('3/3')
    expect(await run(`patch crontabs.${group} mine --type=merge -p {"spec":{"image":"other"}}`)).toBe(`crontab.${group}/mine patched`)
    expect(await run(`label crontabs.${group} mine a=b`)).toBe(`crontab.${group}/mine labeled`)
    expect(await refused(`patch crontabs.${group} mine -p {"spec":{"image":"other"}}`)).toMatch(/application\/strategic-merge-patch\+json is not supported by|accepted media types include: application\/json-patch\+json, application\/merge-patch\+json, application\/apply-patch\+yaml/)
  })

  test('takes the definition away, and all there was of it', async () => {
    expect(await run(`delete crd crontabs.${group}`)).toContain('deleted')
    expect(await refused(`get crontabs.${group}`)).toMatch(/the server doesn't have a resource type|could not find the requested resource/)
  })
})
