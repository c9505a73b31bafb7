import { AuthenticationV1Api, AuthorizationV1Api, KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import { builtinKinds } from '../../api/kinds/registry.ts'
import { kubectls } from '../lab/kubectls.ts'
import { openRoom } from './kubectl-room.ts'
import type { KubectlRoom } from './kubectl-room.ts'

/* What there is, who one is, and what one may: as kubectl of both ages asks for it. */

let room: KubectlRoom
beforeAll(async () => { room = await openRoom() })
afterAll(() => room.close())

const found = kubectls()
if (found.length === 0) test.skip('stock kubectl: this machine has none on its PATH', () => {})

describe.each(found)('kubectl ($version)', (kubectl) => {
  const { run, say, refused } = { run: (line: string, input?: string) => room.kubectl(kubectl, 'default').run(line, input), say: (line: string, input?: string) => room.kubectl(kubectl, 'default').say(line, input), refused: (line: string, input?: string) => room.kubectl(kubectl, 'default').refused(line, input) }
  const minor = async () => Number(/"minor": "(\d+)/.exec(await run('version --client -o json'))![1])

  test('finds every kind, by its names', async () => {
    const rows = (await run('api-resources --no-headers')).split('\n')
    const current = builtinKinds.filter(({ storedAs, resource, verbs }) => !storedAs && resource !== 'bindings' && verbs.length > 0)
    for (const { kind, resource, namespaced, shortNames = [], group, version } of current) {
      const apiVersion = group ? `${group}/${version}` : version
      const row = rows.find((line) => line.split(/ +/)[0] === resource && line.includes(` ${apiVersion} `))
      expect(row, `${apiVersion} ${resource}`).toMatch(new RegExp(`^${resource} +${shortNames.join(',')} *${apiVersion.replace('.', '\\.')} +${namespaced} +${kind}$`))
    }
    expect((await run('api-versions')).split('\n')).toEqual(expect.arrayContaining([...new Set(builtinKinds.map(apiVersionOf))]))
    expect((await run('api-resources --namespaced=false --verbs=list,watch -o name')).split('\n')).toEqual(expect.arrayContaining(['namespaces', 'nodes', 'clusterroles.rbac.authorization.k8s.io']))
    expect((await run('api-resources --api-group=policy -o wide'))).toMatch(/PodDisruptionBudget +\[?create,? ?delete/)
  })

  test('asks how the cluster is', async () => {
    expect(await run('get componentstatuses')).toMatch(/^NAME +STATUS +MESSAGE +ERROR *\ncontroller-manager +Unhealthy/)
    expect((await say('get cs etcd-0')).stderr).toContain('Warning: v1 ComponentStatus is deprecated in v1.19+')
    expect(await run('cluster-info')).toContain('is running at')
    expect(JSON.parse(await run('version -o json')).serverVersion).toMatchObject({ major: '1', minor: '36', gitVersion: expect.stringMatching(/^v1\.36\./) })
    for (const path of ['/livez', '/readyz', '/healthz']) expect(await run(`get --raw ${path}`)).toBe('ok')
    expect(await run('get --raw /readyz?verbose')).toMatch(/\[\+\]etcd ok|\[\+\]/)
    expect(JSON.parse(await run('get --raw /openapi/v3')).paths).toHaveProperty('apis/apps/v1')
    expect(await run('get --raw /metrics')).toContain('apiserver_request_total')
    expect(await refused('get --raw /apis/nothing.example')).toMatch(/the server could not find the requested resource/)
  })

  const review = (apiVersion: string, kind: string, spec: object | undefined, metadata = {}) => run('create -o json -f -', JSON.stringify({ apiVersion, kind, metadata, spec })).then(JSON.parse)
  test.each(['v1', 'v1beta1'])('reviews of %s', async (version) => {
    const authorization = `authorization.k8s.io/${version}`
    const resourceAttributes = { verb: 'list', resource: 'pods', namespace: 'default' }
    expect((await review(authorization, 'SelfSubjectAccessReview', { resourceAttributes })).status).toMatchObject({ allowed: true })
    expect((await review(authorization, 'SubjectAccessReview', { resourceAttributes, user: 'nobody' })).status).toMatchObject({ allowed: false })
    expect((await review(authorization, 'LocalSubjectAccessReview', { resourceAttributes, user: 'nobody' }, { namespace: 'default' })).status).toMatchObject({ allowed: false })
    expect((await review(authorization, 'SelfSubjectRulesReview', { namespace: 'default' })).status).toMatchObject({ incomplete: expect.any(Boolean), resourceRules: expect.arrayContaining([expect.objectContaining({ verbs: ['*'] })]) })
    const authentication = `authentication.k8s.io/${version}`
    expect((await review(authentication, 'SelfSubjectReview', undefined)).status.userInfo.username).toBe('kubernetes-admin')
    expect((await review(authentication, 'TokenReview', { token: 'nonsense' })).status).not.toMatchObject({ authenticated: true })
  })

  test('auth can-i, and whoami', async ({ skip }) => {
    expect(await run('auth can-i create deployments.apps')).toBe('yes')
    expect((await say('auth can-i create pods --as nobody')).stdout).toMatch(/^no/)
    expect(await run('auth can-i --list')).toMatch(/\*\.\* +\[\] +\[\] +\[\*\]/)
    expect(await refused('get pods --as nobody')).toBe('Error from server (Forbidden): pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "default"')
    if (await minor() < 28) skip('this kubectl has no auth whoami')
    expect(await run('auth whoami')).toMatch(/Username +kubernetes-admin/)
  })
})

test('client-node reviews', async () => {
  const config = new KubeConfig()
  config.loadFromString(room.config)
  const authorization = config.makeApiClient(AuthorizationV1Api)
  const resourceAttributes = { verb: 'get', resource: 'secrets', namespace: 'default' }
  expect((await authorization.createSubjectAccessReview({ body: { spec: { user: 'nobody', resourceAttributes } } })).status!.allowed).toBe(false)
  expect((await authorization.createNamespacedLocalSubjectAccessReview({ namespace: 'default', body: { spec: { user: 'x', groups: ['system:masters'], resourceAttributes } } })).status!.allowed).toBe(true)
  expect((await authorization.createSelfSubjectRulesReview({ body: { spec: { namespace: 'default' } } })).status!.resourceRules.length).toBeGreaterThan(0)
  expect((await config.makeApiClient(AuthenticationV1Api).createTokenReview({ body: { spec: { token: 'nonsense' } } })).status!.authenticated).toBeFalsy()
})
