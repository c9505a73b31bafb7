import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { secrets } from '../../api/kinds/core-v1/secret.ts'
import { serviceAccounts } from '../../api/kinds/core-v1/service-account.ts'
import { startCluster } from '../../cli/embed/start-cluster.ts'
import type { Cluster } from '../../cli/embed/start-cluster.ts'
import { createRequest, generateKey } from '../../control/pki/certificate.ts'
import { kubeconfig } from '../../control/pki/kubeconfig.ts'
import { parseTokenFile } from '../../control/server/authentication/static-tokens.ts'
import { createExec } from '../../host/exec.ts'
import { kubectls } from '../lab/kubectls.ts'

/* Who asks, as stock kubectl says it: tokens, impersonation, and certificates that a whole cluster approves and signs. */

const exec = createExec()
let cluster: Cluster
let home: string
let ca: string

beforeAll(async () => {
  cluster = await startCluster({ authentication: { tokens: parseTokenFile('sesame,alice,42,"system:masters"') } })
  home = await mkdtemp(join(tmpdir(), 'k8ts-authentication-'))
  ca = Buffer.from(/certificate-authority-data: (\S+)/.exec(cluster.kubeconfig)![1]!, 'base64').toString()
  await writeFile(join(home, 'nobody'), `apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: "${cluster.url}", certificate-authority-data: ${Buffer.from(ca).toString('base64')}}}]\ncontexts: [{name: c, context: {cluster: c}}]\ncurrent-context: c\n`)
})
afterAll(async () => {
  await cluster.stop()
  await rm(home, { recursive: true, force: true })
})

const found = kubectls()
if (found.length === 0) test.skip('stock kubectl: this machine has none on its PATH', () => {})

describe.each(found)('kubectl ($version)', ({ binary, version }) => {
  const minor = async (): Promise<number> => Number(/Minor:"(\d+)/.exec((await exec.run(binary, ['version', '--client'])).stdout)?.[1] ?? /v1\.(\d+)/.exec((await exec.run(binary, ['version', '--client'])).stdout)?.[1])
  const run = async (config: string, args: readonly string[], okCodes = [0], input?: string) => {
    const { stdout, stderr } = await exec.run(binary, args, { env: { KUBECONFIG: config, HOME: home }, okCodes, timeoutMs: 60_000, ...(input !== undefined && { input }) })
    return okCodes.includes(0) ? stdout.trim() : stderr.trim()
  }
  const asAdmin = (...args: string[]) => run(cluster.kubeconfigPath, args)
  const asNobody = (...args: string[]) => run(join(home, 'nobody'), args)
  const refused = (...args: string[]) => run(join(home, 'nobody'), args, [1])

  test('a token of the file and of a service account get in, nonsense does not', async () => {
    expect(await asNobody('--token=sesame', 'get', 'ns', 'default', '-o', 'name')).toBe('namespace/default')
    expect(await refused('--token=nonsense', 'get', 'ns')).toMatch(/You must be logged in to the server/)
    const name = `robot-${version}`
    await asAdmin('create', 'serviceaccount', name)
    const token = await longLived(name)
    expect(await refused(`--token=${token}`, 'get', 'nodes')).toContain(`User "system:serviceaccount:default:${name}" cannot list resource "nodes"`)
    await asAdmin('delete', 'serviceaccount', name)
    expect(await refused(`--token=${token}`, 'get', 'nodes')).toMatch(/You must be logged in to the server/)
  })

  /** The token that every account has by default, as clients from before Kubernetes 1.24 find it. */
  const longLived = (name: string): Promise<string> => cluster.eventually(async () => {
    const account = await cluster.client.get(serviceAccounts, { namespace: 'default', name })
    const listed = account.secrets?.[0]?.name
    if (!listed) throw new Error(`${name} has no token yet`)
    return Buffer.from((await cluster.client.get(secrets, { namespace: 'default', name: listed })).data!['token']!, 'base64').toString()
  })

  test('create token', async ({ skip }) => {
    if (await minor() < 24) skip('this kubectl has no create token')
    const token = await asAdmin('create', 'token', 'default', '--duration', '20m', '--audience', 'https://kubernetes.default.svc.cluster.local')
    expect(await refused(`--token=${token}`, 'get', 'pods')).toContain('User "system:serviceaccount:default:default" cannot list resource "pods"')
    expect(await refused(`--token=${await asAdmin('create', 'token', 'default', '--audience', 'vault')}`, 'get', 'pods')).toMatch(/You must be logged in/)
  })

  test('auth whoami', async ({ skip }) => {
    if (await minor() < 28) skip('this kubectl has no auth whoami')
    expect(await asAdmin('auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}')).toBe('kubernetes-admin')
    expect(await asAdmin('auth', 'whoami', '--as', 'jane', '--as-group', 'devs', '--as-group', 'ops', '--as-uid', '7', '-o', 'jsonpath={.status.userInfo}')).toBe('{"groups":["devs","ops","system:authenticated"],"uid":"7","username":"jane"}')
    expect(await asNobody('--token=sesame', 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}')).toBe('alice')
  })

  test('--as', async () => {
    const forbidden = await run(cluster.kubeconfigPath, ['get', 'pods', '--as', 'jane', '--as-group', 'devs'], [1])
    expect(forbidden).toContain('pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"')
    expect(await asAdmin('get', 'ns', 'default', '-o', 'name', '--as', 'jane', '--as-group', 'system:masters')).toBe('namespace/default')
    const config = join(home, `jane-${version}`)
    const token = await longLived('default')
    await writeFile(config, await asNobodyConfig(token))
    expect(await run(config, ['get', 'pods', '--as', 'root'], [1])).toContain('users "root" is forbidden: User "system:serviceaccount:default:default" cannot impersonate resource "users" in API group "" at the cluster scope')
  })

  const asNobodyConfig = async (token: string): Promise<string> => `apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: "${cluster.url}", certificate-authority-data: ${Buffer.from(ca).toString('base64')}}}]\nusers: [{name: u, user: {token: ${token}}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\ncurrent-context: c\n`

  const csr = (name: string, request: string, signerName: string) => JSON.stringify({
    apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name },
    spec: { request: Buffer.from(request).toString('base64'), signerName, usages: ['digital signature', 'client auth'] },
  })
  const issued = (name: string): Promise<string> => cluster.eventually(async () => {
    const certificate = await asAdmin('get', 'csr', name, '-o', 'jsonpath={.status.certificate}')
    if (!certificate) throw new Error(`${name} is not issued yet`)
    return Buffer.from(certificate, 'base64').toString()
  })
  const configOf = async (name: string, key: string, certificate: string): Promise<string> => {
    const config = join(home, name)
    await writeFile(config, kubeconfig({ server: cluster.url, ca, credentials: { key, certificate } }))
    return config
  }

  test('a request made by openssl, approved by a person, lets its subject in', async () => {
    const name = `john-${version}`
    await exec.run('openssl', ['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', join(home, `${name}.key`), '-out', join(home, `${name}.csr`), '-subj', `/O=devs/CN=${name}`])
    const [key, request] = await Promise.all(['key', 'csr'].map(async (end) => (await exec.run('cat', [join(home, `${name}.${end}`)])).stdout))
    await run(cluster.kubeconfigPath, ['create', '-f', '-'], [0], csr(name, request!, 'kubernetes.io/kube-apiserver-client'))
    expect(await asAdmin('certificate', 'approve', name)).toContain('approved')
    const config = await configOf(name, key!, await issued(name))
    expect(await run(config, ['get', 'pods'], [1])).toContain(`User "${name}" cannot list resource "pods"`)
    expect(await asAdmin('get', 'csr', name)).toMatch(/Approved,Issued/)
  })

  test('a node joins with a bootstrap token, and nobody has to approve', async () => {
    const id = version.slice(0, 6).padEnd(6, '0')
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' }, type: 'bootstrap.kubernetes.io/token', stringData: { 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true' } }
    await run(cluster.kubeconfigPath, ['create', '-f', '-'], [0], JSON.stringify(secret))
    for (const role of ['system:node-bootstrapper', 'system:certificates.k8s.io:certificatesigningrequests:nodeclient']) {
      await asAdmin('create', 'clusterrolebinding', `${version}-${role.split(':').at(-1)}`, `--clusterrole=${role}`, '--group=system:bootstrappers')
    }
    const name = `node-${version}`
    const key = (await generateKey()).pem
    const request = await createRequest(key, { commonName: `system:node:${name}`, organizations: ['system:nodes'] })
    await run(join(home, 'nobody'), [`--token=${id}.0123456789abcdef`, 'create', '-f', '-'], [0], csr(name, request, 'kubernetes.io/kube-apiserver-client-kubelet'))
    const config = await configOf(name, key, await issued(name))
    expect(await asAdmin('get', 'csr', name, '-o', 'jsonpath={.spec.username} {.status.conditions[0].reason}')).toBe(`system:bootstrap:${id} AutoApproved`)
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name } }
    expect(await run(config, ['create', '-f', '-', '-o', 'name'], [0], JSON.stringify(node))).toBe(`node/${name}`)
  })
})
