import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Probe } from '../../api/types/core-v1/probe.ts'
import { systemClock } from '../../host/clock.ts'
import { createProbeNetwork } from '../../host/probe-network.ts'
import { fakeRuntime } from '../runtime/fake.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import { runProbe } from './run-probe.ts'

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url!, 'http://x')
  if (pathname === '/slow') return
  if (pathname === '/moved') return response.writeHead(302, { location: '/ok' }).end()
  if (pathname === '/away') return response.writeHead(302, { location: 'http://elsewhere.invalid/' }).end()
  if (pathname === '/who') return response.end(`${request.headers['user-agent']} ${request.headers['x-a']} ${request.headers.host}`)
  response.writeHead(pathname === '/ok' ? 200 : 500).end('body')
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => { server.closeAllConnections(); server.close() })

const runtime = fakeRuntime({ clock: systemClock })
const run = (probe: Probe) => {
  const { port } = server.address() as AddressInfo
  const container = { name: 'c', ports: [{ name: 'web', containerPort: port }] }
  return runProbe(probe, { containerID: 'x', container, ip: '127.0.0.1' }, { runtime, network: createProbeNetwork({ clock: systemClock }) })
}

test.each<[string, Probe, string, RegExp]>([
  ['HTTP 200', { httpGet: { port: 'web', path: '/ok' } }, 'success', /^body$/],
  ['HTTP 500', { httpGet: { port: 'web', path: '/no' } }, 'failure', /^HTTP probe failed with statuscode: 500$/],
  ['a redirect that is followed', { httpGet: { port: 'web', path: '/moved' } }, 'success', /^body$/],
  ['a redirect to elsewhere', { httpGet: { port: 'web', path: '/away' } }, 'success', /^$/],
  ['headers', { httpGet: { port: 'web', path: '/who', httpHeaders: [{ name: 'X-A', value: 'b' }, { name: 'Host', value: 'h' }] } }, 'success', /^kube-probe\/1\.36 b h$/],
  ['a slow answer', { httpGet: { port: 'web', path: '/slow' }, timeoutSeconds: 0.05 }, 'failure', /^Get "http:\/\/127\.0\.0\.1:\d+\/slow": context deadline exceeded/],
  ['nobody there', { httpGet: { port: 1, path: '/' } }, 'failure', /^Get "http:\/\/127\.0\.0\.1:1\/": dial tcp 127\.0\.0\.1:1: connect: connection refused$/],
  ['no such port', { httpGet: { port: 'none' } }, 'failure', /^couldn't find port: "none"$/],
  ['TCP', { tcpSocket: { port: 'web' } }, 'success', /^$/],
  ['TCP refused', { tcpSocket: { port: 1 } }, 'failure', /^dial tcp 127\.0\.0\.1:1: connect: connection refused$/],
  ['gRPC without a server', { grpc: { port: 1 } }, 'failure', /./],
])('%s', async (_, probe, result, output) => {
  const outcome = await run(probe)
  expect(outcome.result).toBe(result)
  expect(outcome.output).toMatch(output)
})

test('a command: its code and output, its timeout, a runtime that is away', async () => {
  const said = (exec: () => Promise<{ stdout: Uint8Array; stderr: Uint8Array; exitCode: number }>) =>
    runProbe({ exec: { command: ['check', 'it'] }, timeoutSeconds: 2 }, { containerID: 'x', container: { name: 'c' }, ip: '' }, { runtime: { ...runtime, execSync: exec }, network: createProbeNetwork({ clock: systemClock }) })
  const none = Buffer.alloc(0)
  expect(await said(async () => ({ stdout: Buffer.from('fine'), stderr: none, exitCode: 0 }))).toEqual({ result: 'success', output: 'fine' })
  expect(await said(async () => ({ stdout: Buffer.from('a'), stderr: Buffer.from('b'), exitCode: 1 }))).toEqual({ result: 'failure', output: 'ab' })
  expect(await said(async () => { throw new RuntimeError('timeout', 'DeadlineExceeded', 'x') })).toEqual({ result: 'failure', output: 'command timed out: "check it" timed out after 2s' })
  expect((await said(async () => { throw new RuntimeError('unavailable', 'Unavailable', 'x') })).result).toBe('unknown')
})
