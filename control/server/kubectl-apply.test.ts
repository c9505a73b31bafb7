import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createExec } from '../../host/exec.ts'
import { kubectls } from '../../test/lab/kubectls.ts'
import { kubeconfig } from '../pki/kubeconfig.ts'
import { startTlsServer } from './testing/tls-server.ts'
import type { TlsTestServer } from './testing/tls-server.ts'

/* Server-side apply and ownership as the stock kubectl uses them, the oldest and the newest there is. */

const exec = createExec()
let server: TlsTestServer
let home: string

beforeAll(async () => {
  server = await startTlsServer()
  home = await mkdtemp(join(tmpdir(), 'k8ts-kubectl-apply-'))
  await writeFile(join(home, 'config'), kubeconfig({ server: server.url, ca: server.pki.ca.certificate, credentials: server.pki.admin }))
})
afterAll(async () => {
  await server.close()
  await rm(home, { recursive: true, force: true })
})

const web = (replicas: number | undefined, image = 'web:1') => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
${replicas === undefined ? '' : `  replicas: ${replicas}\n`}  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "${image}", ports: [{containerPort: 80}]}]}
`

const found = kubectls()

if (found.length === 0) test.skip('stock kubectl: this machine has none on its PATH', () => {})

describe.each(found)('kubectl ($version)', ({ binary, version }) => {
  const room = `apply-${version}`
  const call = async (line: string, okCodes: number[], input?: string) =>
    exec.run(binary, ['-n', room, ...line.split(' ')], { env: { KUBECONFIG: join(home, 'config'), HOME: home }, okCodes, timeoutMs: 60_000, ...(input !== undefined && { input }) })
  const run = async (line: string, input?: string) => (await call(line, [0], input)).stdout.trim()
  const refused = async (line: string, input?: string) => (await call(line, [1], input)).stderr.trim()
  const object = async (what: string) => JSON.parse((await server.fetch('GET', `/apis/apps/v1/namespaces/${room}/deployments/${what}`)).body.toString())
  const managers = async (what: string): Promise<string[]> =>
    ((await object(what)).metadata.managedFields as { manager: string; operation: string; subresource?: string }[]).map(({ manager, operation, subresource }) => [manager, operation, ...(subresource ? [subresource] : [])].join(' '))

  test('applies on the server’s side', async () => {
    await run(`create ns ${room}`)
    expect(await run('apply --server-side -f -', web(2))).toBe('deployment.apps/web serverside-applied')
    expect(await run('apply --server-side -f -', web(2))).toBe('deployment.apps/web serverside-applied')
    expect(await managers('web')).toEqual(['kubectl Apply'])
    expect(await run('get deployment web -o jsonpath={.spec.replicas}')).toBe('2')
  })

  test('meets the owner of a field, and forces', async () => {
    expect(await refused('apply --server-side --field-manager=other -f -', web(3))).toContain('Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas')
    expect(await run('apply --server-side --field-manager=other --force-conflicts -f -', web(3))).toBe('deployment.apps/web serverside-applied')
    expect((await managers('web')).sort()).toEqual(['kubectl Apply', 'other Apply'])
    expect(await refused('apply --server-side -f -', web(2))).toContain('conflict with "other"')
    // Who says no more about it leaves it to the other.
    await run('apply --server-side -f -', web(undefined))
    expect(await run('get deployment web -o jsonpath={.spec.replicas}')).toBe('3')
  })

  test('scales, labels, sets and edits, each in its own name', async () => {
    await run('scale deployment web --replicas=5')
    await run('label deployment web tier=front')
    await run('annotate deployment web note=x')
    await run('set image deployment/web web=web:2')
    expect(await run('get deployment web -o jsonpath={.spec.replicas}{.metadata.labels.tier}{.metadata.annotations.note}{.spec.template.spec.containers[0].image}')).toBe('5frontxweb:2')
    // Scaling names no manager: it is the program's name.
    expect(await managers('web')).toContainEqual(expect.stringMatching(/^kubectl.* Update scale$/))
    expect(await refused('apply --server-side -f -', web(2))).toMatch(/Apply failed with 2 conflicts: (.|\n)*- \.spec\.template\.spec\.containers\[name="web"\]\.image/)
    await exec.run(binary, ['-n', room, 'edit', 'deployment', 'web'], { env: { KUBECONFIG: join(home, 'config'), HOME: home, KUBE_EDITOR: 'sed -i s/front/back/', PATH: process.env.PATH ?? '' }, timeoutMs: 60_000 })
    expect(await run('get deployment web -o jsonpath={.metadata.labels.tier}')).toBe('back')
  })

  test('goes over from the client’s side', async () => {
    const config = (value: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: over}\ndata: {a: "${value}"}\n`
    expect(await run('apply -f -', config('1'))).toBe('configmap/over created')
    expect(await run('apply -f -', config('2'))).toBe('configmap/over configured')
    expect(await run('apply -f -', config('2'))).toBe('configmap/over unchanged')
    expect(await run('apply --server-side -f -', config('3'))).toBe('configmap/over serverside-applied')
    expect(await run('get configmap over -o jsonpath={.data.a}')).toBe('3')
    expect(await run('apply view-last-applied configmap over -o json')).toContain('"a": "3"')
    // And back again.
    expect(await run('apply -f -', config('4'))).toBe('configmap/over configured')
  })

  test('shows the owners only when asked', async () => {
    const plain = await run('get deployment web -o yaml')
    // From 1.21 on there is a flag; before, they are always shown.
    expect(plain.includes('managedFields:') ? plain : await run('get deployment web -o yaml --show-managed-fields')).toContain('managedFields:')
  })

  test('diffs and tries without doing', async () => {
    expect(await run('apply --server-side --dry-run=server --force-conflicts -f -', web(9))).toContain('deployment.apps/web serverside-applied')
    expect(await run('get deployment web -o jsonpath={.spec.replicas}')).toBe('5')
    expect((await call('diff --server-side --force-conflicts -f -', [1], web(9))).stdout).toContain('+  replicas: 9')
  })
})
