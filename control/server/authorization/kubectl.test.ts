import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createExec } from '../../../host/exec.ts'
import { kubectls } from '../../../test/lab/kubectls.ts'
import { kubeconfig } from '../../pki/kubeconfig.ts'
import { startTlsServer } from '../testing/tls-server.ts'
import type { TlsTestServer } from '../testing/tls-server.ts'

/* Roles, bindings and `auth` as the stock kubectl sees them, the oldest and the newest there is. */

const exec = createExec()
let server: TlsTestServer
let home: string

beforeAll(async () => {
  server = await startTlsServer()
  home = await mkdtemp(join(tmpdir(), 'k8ts-kubectl-'))
  await writeFile(join(home, 'config'), kubeconfig({ server: server.url, ca: server.pki.ca.certificate, credentials: server.pki.admin }))
})
afterAll(async () => {
  await server.close()
  await rm(home, { recursive: true, force: true })
})

const found = kubectls()

if (found.length === 0) test.skip('stock kubectl: this machine has none on its PATH', () => {})

describe.each(found)('kubectl ($version)', ({ binary, version }) => {
  const room = `room-${version}`
  const run = async (line: string, okCodes = [0], input?: string) => {
    const { stdout, stderr } = await exec.run(binary, ['-n', room, ...line.split(' ')], { env: { KUBECONFIG: join(home, 'config'), HOME: home }, okCodes, timeoutMs: 60_000, ...(input !== undefined && { input }) })
    return okCodes.includes(0) ? stdout.trim() : `${stdout}${stderr}`.trim()
  }
  const refused = (line: string, input?: string) => run(line, [1], input)

  test('lists the default roles', async () => {
    expect(await run(`create ns ${room}`)).toBe(`namespace/${room} created`)
    const roles = (await run('get clusterroles -o name')).split('\n')
    expect(roles).toEqual(expect.arrayContaining(['admin', 'cluster-admin', 'edit', 'view', 'system:node', 'system:controller:deployment-controller'].map((name) => `clusterrole.rbac.authorization.k8s.io/${name}`)))
    expect(await run('get clusterrole view')).toMatch(/^NAME +CREATED AT\nview +\d{4}-/)
    expect(await run('get clusterrolebinding cluster-admin -o wide')).toMatch(/cluster-admin +ClusterRole\/cluster-admin +\S+ +system:masters/)
    expect(await run('describe clusterrole system:discovery')).toContain('/openapi/*')
  })

  test('makes roles and bindings, and they count', async () => {
    expect(await refused('get pods --as bob')).toBe(`Error from server (Forbidden): pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "${room}"`)
    expect(await run('auth can-i list pods --as bob', [1])).toMatch(/^no/)
    await run('create role reader --verb=get,list --resource=pods,pods/log')
    await run('create rolebinding bob --role=reader --user=bob')
    expect(await run('get pods --as bob -o name')).toBe('')
    expect(await run('auth can-i list pods --as bob')).toBe('yes')
    expect(await run('auth can-i get pods/x --subresource=log --as bob')).toBe('yes')
    expect(await run('auth can-i create pods --as bob', [1])).toMatch(/^no/)
    expect(await run('auth can-i get /metrics --as bob', [1])).toMatch(/^no/)
    expect(await run('auth can-i get /api --as bob --as-group system:authenticated')).toBe('yes')
    await run(`create clusterrole widgets-${version} --verb=* --resource=deployments.apps --resource-name=web`)
    await run(`create clusterrolebinding widgets-${version} --clusterrole=widgets-${version} --group=devs --serviceaccount=${room}:robot`)
    expect(await run('auth can-i delete deployments.apps/web --as x --as-group devs')).toBe('yes')
    expect(await run(`auth can-i delete deployments.apps/web --as system:serviceaccount:${room}:robot`)).toBe('yes')
    expect(await run('auth can-i delete deployments.apps/other --as x --as-group devs', [1])).toMatch(/^no/)
  })

  test('lists what somebody may do', async () => {
    const list = await run('auth can-i --list --as bob --as-group system:authenticated')
    expect(list).toMatch(/pods +\[\] +\[\] +\[get list\]/)
    expect(list).toMatch(/selfsubjectaccessreviews\.authorization\.k8s\.io +\[\] +\[\] +\[create\]/)
    expect(list).toMatch(/\[\/healthz\] +\[\] +\[get\]/)
    expect(await run('auth can-i --list')).toMatch(/\*\.\* +\[\] +\[\] +\[\*\]/)
    expect(await run('auth can-i * *')).toBe('yes')
  })

  test('reconciles, and is kept from handing out what it does not have', async () => {
    const policy = (verbs: string) => `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: settled, namespace: ${room} }
rules: [{ apiGroups: [""], resources: [configmaps], verbs: [${verbs}] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: settled, namespace: ${room} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: settled }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: eve }]
`
    expect(await run('auth reconcile -f -', [0], policy('get'))).toContain('role.rbac.authorization.k8s.io/settled reconciled')
    expect(await run('auth reconcile -f -', [0], policy('list'))).toContain('settled reconciled')
    expect(await run('auth can-i list configmaps --as eve')).toBe('yes')
    expect(await run('auth can-i get configmaps --as eve')).toBe('yes')
    await run('create rolebinding carl --clusterrole=system:aggregate-to-admin --user=carl')
    expect(await run('create rolebinding mine --role=reader --user=x --as carl', [1])).toBe(
      `error: failed to create rolebinding: rolebindings.rbac.authorization.k8s.io "mine" is forbidden: user "carl" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n`
      + '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}\n{APIGroups:[""], Resources:["pods/log"], Verbs:["get" "list"]}')
    expect(await run('create role own --verb=get --resource=rolebindings.rbac.authorization.k8s.io --as carl')).toContain('role.rbac.authorization.k8s.io/own created')
  })
})
