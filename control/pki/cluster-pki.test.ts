import { createPrivateKey, sign as signBytes, verify, X509Certificate } from 'node:crypto'
import { chmod, mkdtemp, readdir, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { request, createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { load } from 'js-yaml'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../host/clock.ts'
import * as files from '../../host/files.ts'
import { createAuthority, createRequest, generateKey, issue, parseRequest, sign } from './certificate.ts'
import { createClusterPki, ensureClusterPki } from './cluster-pki.ts'
import { kubeconfig } from './kubeconfig.ts'
import { userOf } from './user-of.ts'

const clock = systemClock
const inDays = (days: number): Clock => ({ ...systemClock, now: () => systemClock.now() + days * 86_400_000 })
const node = { name: 'n1', hosts: ['n1.lan'], ips: ['10.0.0.1'] }

describe('the PKI of a cluster', () => {
  let parent: string
  let directory: string
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'pki-'))
    directory = join(parent, 'pki')
  })
  afterEach(() => rm(parent, { recursive: true, force: true }))
  const ensure = (options: { clock?: Clock; ips?: string[] } = {}) => ensureClusterPki(directory, { clock, files, ips: ['10.96.0.1'], nodes: [node], ...options })

  it('lets every part in and says who it is', async () => {
    const pki = await createClusterPki({ clock, hosts: ['server.lan'], ips: ['10.96.0.1', 'fd00::1'], nodes: [node] })
    const ca = new X509Certificate(pki.ca.certificate)
    const { client, serving } = pki.nodes.get('n1')!
    for (const { certificate } of [pki.apiserver, pki.admin, client, serving]) expect(new X509Certificate(certificate).verify(ca.publicKey)).toBe(true)
    const server = new X509Certificate(pki.apiserver.certificate)
    for (const name of ['localhost', 'kubernetes', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', 'server.lan']) expect(server.checkHost(name), name).toBe(name)
    for (const ip of ['127.0.0.1', '::1', '10.96.0.1', 'fd00::1']) expect(server.checkIP(ip), ip).toBe(ip)
    expect(new X509Certificate(serving.certificate).checkIP('10.0.0.1')).toBe('10.0.0.1')
    expect(userOf(pki.admin.certificate)).toMatchObject({ name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] })
    expect(userOf(client.certificate)).toMatchObject({ name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] })
    expect(userOf(pki.scheduler.certificate)).toMatchObject({ name: 'system:kube-scheduler', groups: ['system:authenticated'] })
    expect(userOf(new Uint8Array(new X509Certificate(pki.proxy.certificate).raw))?.extra?.['authentication.kubernetes.io/credential-id']?.[0]).toMatch(/^X509SHA256=[0-9a-f]{64}$/)
  })

  it('has a service account key whose halves fit', async () => {
    const { serviceAccount } = await createClusterPki({ clock })
    const data = Buffer.from('token')
    expect(verify('sha256', data, serviceAccount.publicKey, signBytes('sha256', data, createPrivateKey(serviceAccount.key)))).toBe(true)
  })

  it('serves TLS and knows its clients', async () => {
    const pki = await createClusterPki({ clock })
    const server = createServer({ cert: pki.apiserver.certificate, key: pki.apiserver.key, ca: pki.ca.certificate, requestCert: true }, (incoming, response) => {
      const { authorized } = incoming.socket as TLSSocket
      response.end(JSON.stringify([authorized, userOf(new Uint8Array((incoming.socket as TLSSocket).getPeerX509Certificate()!.raw))?.name]))
    })
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
    try {
      const { port } = server.address() as AddressInfo
      const body = await new Promise<string>((resolve, reject) => {
        request({ host: '127.0.0.1', port, ca: pki.ca.certificate, cert: pki.admin.certificate, key: pki.admin.key }, async (response) => resolve((await response.toArray()).join('')))
          .on('error', reject).end()
      })
      expect(JSON.parse(body)).toEqual([true, 'kubernetes-admin'])
    } finally {
      server.close()
    }
  })

  it('is kept in files that only their owner may read', async () => {
    await ensure()
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    for (const name of await readdir(directory)) expect((await stat(join(directory, name))).mode & 0o777, name).toBe(0o600)
  })

  it('changes nothing the second time', async () => {
    const { changed, ...first } = await ensure()
    expect(changed).toContain('apiserver: it was not there')
    await chmod(directory, 0o755)
    expect(await ensure()).toEqual({ ...first, changed: [] })
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
  })

  it('mends what is missing, half written, or of another pair, and keeps the rest', async () => {
    const first = await ensure()
    await unlink(join(directory, 'scheduler.crt'))
    await writeFile(join(directory, 'admin.crt'), first.admin.certificate.slice(0, 300))
    await writeFile(join(directory, 'proxy.key'), first.scheduler.key)
    await writeFile(join(directory, 'sa.pub'), '')
    const second = await ensure()
    expect(second.changed.toSorted()).toEqual(['admin: it cannot be read', 'proxy: the key is not the certificate\'s', 'sa: its public key was not right', 'scheduler: it was not there'])
    expect(second.ca).toEqual(first.ca)
    expect(second.apiserver).toEqual(first.apiserver)
    expect(second.serviceAccount).toEqual(first.serviceAccount)
    expect((await ensure()).changed).toEqual([])
  })

  it('issues the serving certificate anew for a new address', async () => {
    await ensure()
    expect((await ensure({ ips: ['10.96.0.1', '192.168.1.5'] })).changed).toEqual(['apiserver: it does not name 192.168.1.5'])
    expect((await ensure()).changed).toEqual([])
  })

  it('renews before the end, and the authority under its old key', async () => {
    const first = await ensure()
    expect((await ensure({ clock: inDays(300) })).changed).toEqual([])
    const renewed = await ensure({ clock: inDays(310) })
    expect(renewed.changed).toHaveLength(9)
    expect(renewed.ca).toEqual(first.ca)
    await unlink(join(directory, 'ca.crt'))
    const again = await ensure({ clock: inDays(310) })
    expect(again.changed).toEqual(['ca: renewed under the same key'])
    expect(new X509Certificate(first.admin.certificate).verify(new X509Certificate(again.ca.certificate).publicKey)).toBe(true)
  })

  it('begins again when the authority\'s key is lost', async () => {
    await ensure()
    await unlink(join(directory, 'ca.key'))
    const { changed } = await ensure()
    expect(changed).toContain('ca: its key was lost')
    expect(changed).toContain('apiserver: another authority issued it')
    expect((await ensure()).changed).toEqual([])
  })
})

describe('a certificate signing request', () => {
  it('is read, checked and signed', async () => {
    const ca = await createAuthority({ commonName: 'test', clock })
    const { pem: key } = await generateKey()
    const request = await parseRequest(await createRequest(key, { commonName: 'system:node:n2', organizations: ['system:nodes'], dnsNames: ['n2'], ips: ['10.0.0.2', 'fd00::2'] }))
    expect(request).toMatchObject({ commonName: 'system:node:n2', organizations: ['system:nodes'], dnsNames: ['n2'], ips: ['10.0.0.2', 'fd00::2'], emails: [], uris: [] })
    const certificate = new X509Certificate(await sign(ca, request.publicKey, { ...request, usages: ['client', 'server'], days: 1, clock }))
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true)
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'])
    expect(userOf(certificate.toString())?.name).toBe('system:node:n2')
  })

  it.each([['nonsense', 'hello'], ['a certificate', ''], ['cut short', '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n']])('is refused when it is %s', async (_, pem) => {
    await expect(parseRequest(pem || (await createAuthority({ commonName: 'x', clock })).certificate)).rejects.toThrow('CERTIFICATE REQUEST')
  })

  it('is refused when it was changed on the way', async () => {
    const request = await createRequest((await generateKey()).pem, { commonName: 'honest' })
    const der = Buffer.from(request.replaceAll(/-----.*-----|\s/g, ''), 'base64')
    der.write('wicked', der.indexOf('honest'))
    await expect(parseRequest(`-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`)).rejects.toThrow('signature')
  })
})

it('nobody is named by a certificate without a common name', async () => {
  const ca = await createAuthority({ commonName: 'test', clock })
  expect(userOf((await issue(ca, { commonName: '', organizations: ['system:masters'], usages: ['client'], clock })).certificate)).toBeUndefined()
})

it('a kubeconfig carries everything within itself', async () => {
  const config = load(kubeconfig({ server: 'https://10.0.0.1:6443', ca: 'CA', credentials: { certificate: 'CRT', key: 'KEY' }, namespace: 'a' }))
  expect(config).toMatchObject({
    'current-context': 'kubernetes-admin@k8ts',
    clusters: [{ cluster: { server: 'https://10.0.0.1:6443', 'certificate-authority-data': 'Q0E=' } }],
    contexts: [{ name: 'kubernetes-admin@k8ts', context: { namespace: 'a' } }],
    users: [{ user: { 'client-certificate-data': 'Q1JU', 'client-key-data': 'S0VZ' } }],
  })
})
