import { X509Certificate } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createClient } from '../../api/client/create-client.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import type { Transport } from '../../api/transport.ts'
import { startBench } from '../../control/controllers/testing/bench.ts'
import { createAuthority, issue, type KeyPair } from '../../control/pki/certificate.ts'
import { certificateSigner } from '../../control/pki/certificate-signer.ts'
import type { Clock } from '../../host/clock.ts'
import { nodeSubject } from '../certificates/request-certificate.ts'
import { renewalOf } from '../certificates/renewal.ts'
import { readPair, workerFiles, writePair } from '../certificates/worker-keys.ts'
import { configDefaults, type Config } from '../config.ts'
import { layoutUnder } from '../layout.ts'
import { openNodeCertificates } from './node-certificates.ts'

const name = 'n2'
const day = 24 * 3600 * 1000
let directory: string
beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), `k8ts-certificates-${process.pid}-`)) })
afterEach(() => rm(directory, { recursive: true, force: true }))

/** A worker with a client certificate of ten days, and a cluster that issues such. */
async function startWorker() {
  const start = { now: () => Date.parse('2026-01-01T00:00:00Z') } as Clock
  const authority = await createAuthority({ commonName: 'kubernetes', clock: start })
  const signer = certificateSigner({ authority, clock: { ...start, now: () => bench.clock.now() } as Clock, duration: 10 * 24 * 3600 })
  const bench = await startBench(['csrapproving', 'kubeletservingapproving', 'csrsigning'], { certificateSigner: signer })
  const config: Config = { ...configDefaults, ...layoutUnder(directory), role: 'worker', serverURL: 'https://192.0.2.1:6443', nodeName: name, nodeIP: '192.0.2.2' }
  const files = workerFiles(config)
  await mkdir(join(files.ca, '..'), { recursive: true })
  await writeFile(files.ca, authority.certificate)
  const first = await issue(authority, { ...nodeSubject(name), usages: ['client'], days: 10, clock: start })
  await writePair(files.client, first)
  const user = { name: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] }
  const asNode: Transport = (request) => bench.client.transport({ ...request, user })
  const over = new AbortController()
  const certificates = await openNodeCertificates(config, { clock: bench.clock, log: pino({ level: 'silent' }), signal: over.signal })
  return { bench, files, first, certificates, client: createClient(asNode), over }
}

test('a worker gets a serving certificate once its node says where it is, and renews both before they end', async () => {
  const { bench, files, first, certificates, client, over } = await startWorker()
  const shown: { key: string; cert: string }[] = []
  certificates.serving.follow((pair) => shown.push(pair))
  expect(certificates.serving.cert).toBeUndefined()
  certificates.keep(client)
  await bench.client.create(nodes, { metadata: { name }, status: { addresses: [{ type: 'InternalIP', address: '192.0.2.2' }] } })
  await bench.eventually(() => expect(shown).toHaveLength(1))
  const serving = new X509Certificate(shown[0]!.cert)
  expect([serving.checkIP('192.0.2.2'), serving.checkHost(name), serving.keyUsage]).toEqual(['192.0.2.2', name, ['1.3.6.1.5.5.7.3.1']])
  expect(certificates.credentials().cert).toBe(first.certificate)

  await bench.clock.advance('6d')
  expect(certificates.credentials().cert).toBe(first.certificate)
  await bench.clock.advance('3d')
  await bench.eventually(() => expect(certificates.credentials().cert).not.toBe(first.certificate))
  await bench.eventually(() => expect(shown.length).toBeGreaterThan(1))
  const renewed = new X509Certificate(certificates.credentials().cert as string)
  expect(renewed.validToDate.getTime()).toBeGreaterThan(new X509Certificate(first.certificate).validToDate.getTime() + 6 * day)
  // Certificate and key in one file, for the next start.
  expect(await readPair(files.client)).toEqual({ certificate: certificates.credentials().cert, key: certificates.credentials().key } as KeyPair)
  expect(await readFile(files.client, 'utf8')).toContain('PRIVATE KEY')
  over.abort()
})

test('certificates are renewed after seven to nine tenths of their life, each node’s at another moment', async () => {
  const clock = { now: () => 0 } as Clock
  const { certificate } = await issue(await createAuthority({ commonName: 'ca', clock }), { commonName: 'x', usages: ['client'], days: 100, clock })
  const moments = ['a', 'b', 'c', 'd'].map((node) => renewalOf(certificate, node) / day)
  for (const moment of moments) {
    expect(moment).toBeGreaterThan(69)
    expect(moment).toBeLessThan(91)
  }
  expect(new Set(moments).size).toBe(4)
})
