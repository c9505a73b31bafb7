import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createExec } from '../../host/exec.ts'
import { kubectls } from '../../test/lab/kubectls.ts'
import type { Kubectl } from '../../test/lab/kubectls.ts'
import { aggregatedDiscovery, aggregatedMediaType, coreVersions, groupList, resourceList } from '../discovery/discovery.ts'
import type { Kind } from '../kinds/kind.ts'
import { builtinKinds } from '../kinds/registry.ts'
import { openApiV2 } from './v2.ts'
import { encodeOpenApiV2, openApiV2Accept, openApiV2MediaType } from './v2-protobuf.ts'
import { openApiV3, openApiV3Index, openApiV3Paths } from './v3.ts'

/*
 * The stock kubectl is the judge: a server of a few lines that serves nothing but discovery and OpenAPI, and the oldest and
 * the newest kubectl there is have to find their way by them.
 */

const exec = createExec()
const found = kubectls()
const oldest = found.filter(({ version }) => version === 'oldest')
const serverVersion = 'v1.36.0'
let server: Server
let address: string
let home: string
const asked: string[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost')
    const accept = request.headers.accept ?? ''
    asked.push(`${request.method} ${pathname}`)
    const [status, type, body] = answer(builtinKinds, request.method!, pathname, accept)
    response.writeHead(status, { 'content-type': type }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  home = mkdtempSync(join(tmpdir(), 'k8ts-kubectl-'))
  writeFileSync(join(home, 'config'), 'apiVersion: v1\nkind: Config\n')
})

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  rmSync(home, { recursive: true, force: true })
})

const document = (path: string): Buffer => Buffer.from(JSON.stringify(openApiV3(builtinKinds, path, serverVersion)))

function answer(kinds: readonly Kind[], method: string, path: string, accept: string): [number, string, Buffer | string] {
  const json = (value: unknown, type = 'application/json'): [number, string, string] => [200, type, JSON.stringify(value)]
  const aggregated = accept.includes('v=v2;') || accept.endsWith('v=v2') ? 'v2' : accept.includes('v2beta1') ? 'v2beta1' : undefined
  const [, group, of] = /^\/apis\/([^/]+)\/([^/]+)$/.exec(path) ?? []
  if (path === '/version') return json({ major: '1', minor: '36', gitVersion: serverVersion })
  if (path === '/api') return aggregated ? json(aggregatedDiscovery(kinds, 'core', aggregated), aggregatedMediaType(aggregated)) : json(coreVersions(kinds, '127.0.0.1'))
  if (path === '/apis') return aggregated ? json(aggregatedDiscovery(kinds, 'groups', aggregated), aggregatedMediaType(aggregated)) : json(groupList(kinds))
  if (path === '/api/v1') return json(resourceList(kinds, '', 'v1'))
  if (group) return json(resourceList(kinds, group, of!))
  if (path === '/openapi/v2' && accept.includes(openApiV2Accept)) return [200, openApiV2MediaType, Buffer.from(encodeOpenApiV2(openApiV2(kinds, serverVersion)))]
  if (path === '/openapi/v2') return json(openApiV2(kinds, serverVersion))
  if (path === '/openapi/v3') return json(openApiV3Index(openApiV3Paths(kinds).map((part) => [part, document(part)])))
  if (path.startsWith('/openapi/v3/')) return [200, 'application/json', document(path.slice('/openapi/v3/'.length))]
  return [404, 'application/json', JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'NotFound', message: `no ${method} ${path}`, code: 404 })]
}

interface Outcome { readonly text: string; readonly code: number }

async function run({ binary, version }: Kubectl, args: readonly string[], input?: string): Promise<Outcome> {
  const result = await exec.run(binary, ['--server', address, '--cache-dir', join(home, version), ...args], {
    ...(input !== undefined && { input }), env: { HOME: home, KUBECONFIG: join(home, 'config') }, okCodes: [0, 1], timeoutMs: 30_000,
  })
  return { text: result.stdout + result.stderr, code: result.code }
}

const pod = (container: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: a, namespace: default }
spec:
  containers:
  - { name: a, image: b, ${container} }
`

describe.skipIf(found.length === 0)('kubectl (skipped: none on the path)', () => {
  describe.each(found)('$version', (kubectl) => {
    test('lists the resources', async () => {
      const { text } = await run(kubectl, ['api-resources'])
      expect(text).toMatch(/^pods\s+po\s+v1\s+true\s+Pod$/m)
      expect(text).toMatch(/^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment$/m)
      expect(text).toMatch(/^nodes\s+no\s+v1\s+false\s+Node$/m)
    })

    test('lists the versions', async () => expect((await run(kubectl, ['api-versions'])).text.split('\n')).toEqual(expect.arrayContaining(['apps/v1', 'v1', 'discovery.k8s.io/v1'])))

    test('explains a kind, a field and a whole tree', async () => {
      const top = await run(kubectl, ['explain', 'pod'])
      expect(top.text).toMatch(/KIND:\s+Pod\nVERSION:\s+v1/)
      expect(top.text).toMatch(/^\s+spec\s+<(PodSpec|Object)>/m)
      const spec = await run(kubectl, ['explain', 'deployment.spec.template.spec'])
      expect(spec.text).toMatch(/^\s+containers\s+<\[\](Container|Object)> -required-/m)
      expect(spec.text).toMatch(/^\s+nodeSelector\s+<map\[string\]string>/m)
      const tree = await run(kubectl, ['explain', 'service', '--recursive'])
      expect(tree.text).toMatch(/targetPort\s+<(IntOrString|string)>/)
      expect((await run(kubectl, ['explain', 'pod.spec.nonsense'])).text).toMatch(/field "nonsense" does not exist/)
    })

    test('checks a manifest before it sends it', async () => {
      const good = await run(kubectl, ['create', '--dry-run=client', '--validate=true', '-o', 'name', '-f', '-'], pod('ports: [{ containerPort: 80 }], resources: { limits: { cpu: 1, memory: 1Gi } }'))
      expect(good).toEqual({ text: 'pod/a\n', code: 0 })
    })
  })

  test.skipIf(oldest.length === 0).each(oldest)('$version refuses by itself what the schema forbids (skipped: KUBECTL_OLDEST is not set)', async (kubectl) => {
    const unknown = await run(kubectl, ['create', '--dry-run=client', '-f', '-'], pod('foo: 1'))
    expect(unknown.text).toContain('unknown field "foo" in io.k8s.api.core.v1.Container')
    const missing = await run(kubectl, ['create', '--dry-run=client', '-f', '-'], 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: {}\n')
    expect(missing.text).toContain('missing required field "containers" in io.k8s.api.core.v1.PodSpec')
    const wrongType = await run(kubectl, ['create', '--dry-run=client', '-f', '-'], pod('ports: [{ containerPort: "x" }]'))
    expect(wrongType.text).toContain('invalid type for io.k8s.api.core.v1.ContainerPort.containerPort: got "string", expected "integer"')
  })

  test.each(found)('$version learns that the server can do a dry run', async (kubectl) => {
    asked.length = 0
    const { text } = await run(kubectl, ['create', '--dry-run=server', '-f', '-'], pod('tty: true'))
    expect(text).not.toMatch(/doesn't support dry-run|does not support/)
    expect(asked).toContain('POST /api/v1/namespaces/default/pods')
  })
})

