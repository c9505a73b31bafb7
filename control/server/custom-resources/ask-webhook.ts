import type { WebhookClientConfig } from '../../../api/types/apiextensions-v1/custom-resource-definition.ts'
import { serviceAddress } from '../service-address.ts'
import type { Tools } from '../tools.ts'
import { postTo } from '../webhook-connections.ts'
import type { WebhookPeer } from '../webhook-connections.ts'

/** More than this is no conversion any more. */
const maxAnswer = 64 * 1024 * 1024

/**
 * Posts a JSON document to a webhook (a URL, or a path of a service) over TLS and reads its JSON answer. Rejects with a
 * sentence; nothing is followed or tried again.
 */
export async function askWebhook(tools: Tools, config: WebhookClientConfig, document: unknown, timeout: number): Promise<unknown> {
  const { target, path, url } = await targetOf(tools, config)
  const over = new AbortController()
  const cancel = tools.clock.after(timeout, () => over.abort(), { unref: true })
  try {
    return await post(tools, target, path, Buffer.from(JSON.stringify(document)), over.signal)
  } catch (error) {
    const why = over.signal.aborted ? 'context deadline exceeded' : (error as Error).message
    throw new Error(`Post "${url}?timeout=${timeout / 1000}s": ${why}`, { cause: error })
  } finally {
    cancel()
  }
}

async function targetOf(tools: Tools, { url, service, caBundle }: WebhookClientConfig): Promise<{ target: WebhookPeer; path: string; url: string }> {
  const ca = caBundle ? { ca: Buffer.from(caBundle, 'base64').toString() } : {}
  if (url !== undefined) {
    const { hostname, port, pathname } = new URL(url)
    const host = hostname.replace(/^\[|\]$/g, '')
    return { target: { host, port: Number(port || 443), tls: { ...ca } }, path: pathname, url: `https://${hostname}${port ? `:${port}` : ''}${pathname}` }
  }
  if (!service) throw new Error('webhook configuration must have either service or URL')
  const { namespace, name, path = '/', port = 443 } = service
  const address = await serviceAddress(tools, namespace, name, port)
  const servername = `${name}.${namespace}.svc`
  const asked = `https://${servername}:${port}${path.startsWith('/') ? path : `/${path}`}`
  if ('reason' in address) throw new Error(`Post "${asked}": ${address.message}`)
  return { target: { ...address, tls: { ...ca, servername } }, path: path.startsWith('/') ? path : `/${path}`, url: asked }
}

async function post(tools: Tools, target: WebhookPeer, path: string, body: Buffer, signal: AbortSignal): Promise<unknown> {
  const response = await postTo(tools, target, path, body, signal)
  const parts: Buffer[] = []
  let length = 0
  for await (const part of response) {
    length += (part as Buffer).length
    if (length > maxAnswer) throw new Error('the answer is too large')
    parts.push(part as Buffer)
  }
  const text = Buffer.concat(parts).toString()
  const status = response.statusCode ?? 0
  if (status < 200 || status > 299) throw new Error(refused(status, /^(text\/|$)/.test(response.headers['content-type'] ?? '') ? text.trim() : 'unknown'))
  try {
    return JSON.parse(text)
  } catch {
    // Not a word of it: who makes an object need not be allowed to read what stands at the address.
    throw new Error('the answer is not JSON')
  }
}

const sentences: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
}
const repeated = new Set([403, 406, 415])
const longestRepeated = 2048

/** As the original's client says it: what the other side writes is repeated for few codes only, and cut off. */
function refused(status: number, said: string): string {
  const words = said.slice(0, longestRepeated)
  if (repeated.has(status)) return words
  return sentences[status] ?? (status >= 500 ? `an error on the server (${JSON.stringify(words)}) has prevented the request from succeeding` : `the server responded with the status code ${status} but did not return more details`)
}
