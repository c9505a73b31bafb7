import { request } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import { createClusterPki, frontProxyName } from '../../pki/cluster-pki.ts'
import type { ClusterPki } from '../../pki/cluster-pki.ts'
import { systemClock } from '../../../host/clock.ts'
import type { ApiServerOptions } from '../api-server.ts'
import { startTestServer } from './test-server.ts'
import type { TestServer } from './test-server.ts'

export interface TlsTestServer extends TestServer {
  readonly port: number
  readonly url: string
  readonly pki: ClusterPki
  /** One request on a connection of its own, with the administrator's certificate unless `stranger`. */
  fetch(method: string, path: string, options?: { body?: string | Uint8Array; headers?: Record<string, string>; stranger?: boolean }): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>
}

let shared: Promise<ClusterPki> | undefined

/** A server over a store in memory, listening on a loopback port. */
export async function startTlsServer(options: Partial<ApiServerOptions> = {}): Promise<TlsTestServer> {
  const pki = await (shared ??= createClusterPki({ clock: systemClock, nodes: [{ name: 'n1', ips: ['127.0.0.1'] }] }))
  const { ca, apiserver, admin, apiserverKubeletClient, frontProxy } = pki
  const server = await startTestServer({ 
    kubeletClient: { key: apiserverKubeletClient.key, cert: apiserverKubeletClient.certificate, ca: ca.certificate },
    aggregation: { key: frontProxy.client.key, cert: frontProxy.client.certificate, requestHeaderCA: frontProxy.ca.certificate, allowedNames: [frontProxyName], clientCA: ca.certificate },
    ...options,
  })
  const { port } = await server.server.listen({ host: '127.0.0.1', port: 0, tls: { key: apiserver.key, cert: apiserver.certificate, ca: ca.certificate } })
  return {
    ...server, port, pki, url: `https://127.0.0.1:${port}`,
    fetch: (method, path, { body, headers = {}, stranger = false } = {}) => new Promise((resolve, reject) => {
      const identity = stranger ? {} : { key: admin.key, cert: admin.certificate }
      const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false, ca: ca.certificate, ...identity }, (response) => {
        const parts: Buffer[] = []
        response.on('data', (part) => parts.push(part))
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }))
        response.on('error', reject)
      })
      sent.on('error', reject)
      sent.end(body)
    }),
  }
}
