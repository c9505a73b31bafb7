import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createExec } from '../../../host/exec.ts'
import { kubectls } from '../../../test/lab/kubectls.ts'
import { kubeconfig } from '../../pki/kubeconfig.ts'
import { startTlsServer } from '../testing/tls-server.ts'
import type { TlsTestServer } from '../testing/tls-server.ts'

/* What a person at a stock kubectl is told by admission. */

const exec = createExec()
let server: TlsTestServer
let home: string

beforeAll(async () => {
  server = await startTlsServer({ disableAdmissionPlugins: [] })
  home = await mkdtemp(join(tmpdir(), 'k8ts-admission-'))
  await writeFile(join(home, 'config'), kubeconfig({ server: server.url, ca: server.pki.ca.certificate, credentials: server.pki.admin }))
})
afterAll(async () => {
  await server.close()
  await rm(home, { recursive: true, force: true })
})

const found = kubectls()

if (found.length === 0) test.skip('stock kubectl: this machine has none on its PATH', () => {})

describe.each(found)('kubectl ($version)', ({ binary, version }) => {
  const room = `admission-${version}`
  const ran = (line: string, okCodes: number[], input?: string) =>
    exec.run(binary, ['-n', room, ...line.split(' ')], { env: { KUBECONFIG: join(home, 'config'), HOME: home }, okCodes, timeoutMs: 60_000, ...(input !== undefined && { input }) })
  const run = async (line: string, input?: string) => (await ran(line, [0], input)).stdout.trim()
  const refused = async (line: string, input?: string) => (await ran(line, [1], input)).stderr.trim()

  test('a pod right after its namespace', async () => {
    await run(`create ns ${room}`)
    // The controller that does this is not here.
    await run('create serviceaccount default')
    expect(await run('run first --image=x:1')).toBe('pod/first created')
    expect(await run('get pod first -o jsonpath={.spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds}')).toBe('3607')
  })

  test('limits', async () => {
    await run('create -f -', `{"apiVersion":"v1","kind":"LimitRange","metadata":{"name":"l"},"spec":{"limits":[{"type":"Container","max":{"cpu":"1"},"default":{"cpu":"500m"}}]}}`)
    const pod = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"big"},"spec":{"containers":[{"name":"c","image":"x","resources":{"limits":{"cpu":"2"}}}]}}`
    expect(await refused('create -f -', pod)).toBe('Error from server (Forbidden): error when creating "STDIN": pods "big" is forbidden: maximum cpu usage per Container is 1, but limit is 2')
    expect(await run('describe limits l')).toMatch(/Container +cpu +- +1 +/)
  })

  test('quotas', async () => {
    expect(await run('create quota q --hard=pods=1')).toBe('resourcequota/q created')
    await server.call('PATCH', `/api/v1/namespaces/${room}/resourcequotas/q/status`, { status: { hard: { pods: '1' }, used: { pods: '1' } } }, { headers: { 'content-type': 'application/merge-patch+json' } })
    expect(await refused('run second --image=x:1')).toBe('Error from server (Forbidden): pods "second" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1')
    expect(await run('describe quota q')).toMatch(/pods +1 +1/)
    await run('delete quota q')
  })

  test('pod security', async () => {
    const { stderr } = await ran(`label ns ${room} pod-security.kubernetes.io/enforce=restricted`, [0])
    expect(stderr).toContain(`Warning: existing pods in namespace "${room}" violate the new PodSecurity enforce level "restricted:latest"`)
    expect(await refused('run second --image=x:1')).toBe('Error from server (Forbidden): pods "second" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "second" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "second" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "second" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "second" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")')
    const warned = await ran('create deployment web --image=x:1', [0])
    expect(warned.stderr).toMatch(/^Warning: would violate PodSecurity "restricted:latest": /)
    expect(await refused('run second --image=x:1 --overrides={"spec":{"serviceAccountName":"bob"}}')).toBe(`Error from server (Forbidden): pods "second" is forbidden: error looking up service account ${room}/bob: serviceaccount "bob" not found`)
  })
})
