import { expect, test } from 'vitest'
import { X509Certificate } from 'node:crypto'
import { certificateSigningRequests } from '../../../api/kinds/certificates-v1/certificate-signing-request.ts'
import { nodes } from '../../../api/kinds/core-v1/node.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import { createAuthority, createRequest, generateKey } from '../../pki/certificate.ts'
import { certificateSigner } from '../../pki/certificate-signer.ts'
import { startBench } from '../testing/bench.ts'
import { judgeServingNames } from './serving-names.ts'

const node = (name: string, ...ips: string[]) => ({ metadata: { name }, status: { addresses: [...ips.map((address) => ({ type: 'InternalIP', address })), { type: 'Hostname', address: name }, { type: 'InternalDNS', address: 'kubernetes.default.svc' }] } }) as Node
const world = { nodes: [node('n1', '192.0.2.1'), node('n2', '192.0.2.2', '2001:db8::2'), node('thief', '192.0.2.1', '192.0.2.2', '10.96.0.1')], apiServers: ['192.0.2.1', '10.96.0.1'] }
const bytes = (ip: string) => Uint8Array.from(ip.includes(':') ? [0x20, 1, 0x0d, 0xb8, ...Array<number>(11).fill(0), 2] : ip.split('.').map(Number))
const asked = (name: string, dnsNames: string[], ips: string[]) => ({ der: new Uint8Array(), commonName: `system:node:${name}`, organizations: ['system:nodes'], dnsNames, ipAddresses: ips.map(bytes), emailAddresses: [], uris: [] })

test.each<[string, string, string[], string[], string, string?]>([
  ['an address that another node says it has too', 'n2', ['n2'], ['192.0.2.2', '2001:db8::2'], 'refuse', '192.0.2.2 is the address of node thief'],
  ['an address nobody else has', 'n2', ['n2'], ['2001:db8::2'], 'approve'],
  ['an address it does not say it has', 'n2', ['n2'], ['192.0.2.9'], 'wait', 'node n2 does not say that it is reached at 192.0.2.9'],
  ['the address of the node with the API server', 'n2', [], ['192.0.2.1'], 'wait', 'the API server is at 192.0.2.1'],
  ['the API server’s address, which it says it has', 'thief', ['thief'], ['10.96.0.1'], 'wait', 'the API server is at 10.96.0.1'],
  ['the API server’s name, which it says it has', 'thief', ['kubernetes.default.svc'], [], 'wait', 'kubernetes.default.svc is not the node\'s name'],
  ['loopback', 'n2', ['n2'], ['127.0.0.1'], 'refuse', '127.0.0.1 is no address of one node'],
  ['names before it is registered', 'n9', ['n9'], [], 'approve'],
  ['addresses before it is registered', 'n9', ['n9'], ['192.0.2.9'], 'wait', 'node n9 does not say that it is reached at 192.0.2.9'],
])('%s', (_, name, dnsNames, ips, verdict, why) => {
  expect(judgeServingNames(`system:node:${name}`, asked(name, dnsNames, ips), world)).toEqual(why === undefined ? { verdict } : { verdict, why })
})

test('in somebody else’s name', () => {
  expect(judgeServingNames('system:node:n2', asked('n1', ['n1'], []), world)).toMatchObject({ verdict: 'refuse' })
  expect(judgeServingNames('system:bootstrap:abcdef', asked('n1', ['n1'], []), world)).toMatchObject({ verdict: 'refuse' })
})

test('a node is approved once it says where it is reached, and denied what is another’s', async () => {
  const clock = { now: () => Date.parse('2026-01-01T00:00:00Z') } as Parameters<typeof createAuthority>[0]['clock']
  const bench = await startBench(['kubeletservingapproving', 'csrsigning'], { certificateSigner: certificateSigner({ authority: await createAuthority({ commonName: 'ca', clock }), clock }) })
  const ask = async (name: string, ips: string[]) => {
    const request = Buffer.from(await createRequest((await generateKey()).pem, { commonName: 'system:node:n2', organizations: ['system:nodes'], dnsNames: ['n2'], ips })).toString('base64')
    const user = { name: 'system:node:n2', groups: ['system:nodes', 'system:authenticated'] }
    const { status } = await bench.client.transport({
      method: 'POST', path: '/apis/certificates.k8s.io/v1/certificatesigningrequests', query: new URLSearchParams(), headers: { 'content-type': 'application/json' }, user,
      body: { kind: 'value', value: { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name }, spec: { request, signerName: 'kubernetes.io/kubelet-serving', usages: ['digital signature', 'server auth'] } } },
    })
    expect(status).toBe(201)
  }
  const get = (name: string) => bench.client.get(certificateSigningRequests, { name })
  await bench.client.create(nodes, { metadata: { name: 'n1' }, status: { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] } })
  await ask('early', ['192.0.2.2'])
  await ask('thief', ['192.0.2.1'])
  await bench.clock.settle()
  expect((await get('early')).status).toEqual({})
  expect((await get('thief')).status?.conditions).toEqual([expect.objectContaining({ type: 'Denied', reason: 'NotItsOwn', message: '192.0.2.1 is the address of node n1' })])
  await bench.client.create(nodes, { metadata: { name: 'n2' }, status: { addresses: [{ type: 'InternalIP', address: '192.0.2.2' }] } })
  const certificate = await bench.eventually(async () => {
    const { status } = await get('early')
    if (!status?.certificate) throw new Error('not issued yet')
    return new X509Certificate(Buffer.from(status.certificate, 'base64'))
  })
  expect([certificate.checkIP('192.0.2.2'), certificate.checkHost('n2'), certificate.keyUsage]).toEqual(['192.0.2.2', 'n2', ['1.3.6.1.5.5.7.3.1']])
})
