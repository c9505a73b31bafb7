import type { IncomingMessage } from 'node:http'
import { ApiError, badRequest, internal, invalid } from '../../../api/errors.ts'
import type { FieldError, StatusReason } from '../../../api/errors.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import { agentOf, dial, Unreachable } from '../agent-connection.ts'
import type { AgentTls, PeerTls } from '../agent-connection.ts'
import { flag, integer } from '../options.ts'
import { textResponse } from '../respond.ts'
import type { ResourceHandler } from '../router.ts'
import { containerOf, podOf } from './pod-target.ts'

/** `pods/x/log`: the agent's log of one container, passed on as it comes. */
export const podLog = (tls: AgentTls | undefined): ResourceHandler => async (tools, context) => {
  const { info, request } = context
  const asked = logQuery(request.query, info.name)
  const pod = await podOf(tools, context)
  const container = containerOf(pod, request.query.get('container') ?? '')
  if (!pod.spec.nodeName) return textResponse(200, '', 'text/plain')
  const agent = await agentOf(tools, pod.spec.nodeName, tls)
  const target = flag(request.query, 'insecureSkipTLSVerifyBackend') ? { ...agent, tls: unverified(tls!) } : agent
  const path = `/containerLogs/${encodeURIComponent(info.namespace)}/${encodeURIComponent(info.name)}/${encodeURIComponent(container)}${asked.size > 0 ? `?${asked}` : ''}`
  const outcome = await dial(target, { method: 'GET', path, headers: {}, signal: request.signal }).catch((error: unknown) => { throw error instanceof Unreachable ? new ApiError(500, '', `${error.wanted}: ${error.message}`) : error })
  if (outcome.kind === 'upgrade') {
    outcome.socket.destroy()
    throw internal('the agent answered a request for logs with an upgrade')
  }
  return logResponse(outcome.response, info.name)
}

const logStreams = ['All', 'Stderr', 'Stdout']

const insecure = new WeakMap<AgentTls, PeerTls>()

/** The same certificate is shown, but whoever answers is believed to be the agent. Made once, for it keys a pool of sessions. */
function unverified(tls: AgentTls): PeerTls {
  const known = insecure.get(tls)
  if (known) return known
  const made: PeerTls = { key: tls.key, cert: tls.cert, rejectUnauthorized: false }
  insecure.set(tls, made)
  return made
}

/** The query as the agent wants it; 422 for values the original refuses. */
function logQuery(query: URLSearchParams, name: string): URLSearchParams {
  const errors: FieldError[] = []
  const tailLines = integer(query, 'tailLines')
  const limitBytes = integer(query, 'limitBytes')
  const sinceSeconds = integer(query, 'sinceSeconds')
  const sinceTime = query.get('sinceTime')
  if (tailLines !== undefined && tailLines < 0) errors.push({ type: 'Invalid', field: 'tailLines', value: tailLines, detail: 'must be greater than or equal to 0' })
  if (limitBytes !== undefined && limitBytes < 1) errors.push({ type: 'Invalid', field: 'limitBytes', value: limitBytes, detail: 'must be greater than 0' })
  if (sinceSeconds !== undefined && sinceTime) errors.push({ type: 'Forbidden', field: '', detail: 'at most one of `sinceTime` or `sinceSeconds` may be specified' })
  else if (sinceSeconds !== undefined && sinceSeconds < 1) errors.push({ type: 'Invalid', field: 'sinceSeconds', value: sinceSeconds, detail: 'must be greater than 0' })
  const stream = query.get('stream')
  if (stream && !logStreams.includes(stream)) errors.push({ type: 'NotSupported', field: 'stream', value: stream, detail: `supported values: ${logStreams.map((name) => JSON.stringify(name)).join(', ')}` })
  if (stream && stream !== 'All' && tailLines !== undefined) errors.push({ type: 'Forbidden', field: '', detail: '`tailLines` and specific `stream` are mutually exclusive for now' })
  if (sinceTime && Number.isNaN(Date.parse(sinceTime))) throw badRequest(`parsing time ${JSON.stringify(sinceTime)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(sinceTime)} as "2006"`)
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, name, errors)
  const asked = new URLSearchParams()
  for (const option of ['follow', 'previous', 'timestamps']) if (flag(query, option)) asked.set(option, 'true')
  for (const option of ['tailLines', 'limitBytes', 'sinceSeconds', 'sinceTime', 'stream']) {
    const value = query.get(option)
    if (value) asked.set(option, value)
  }
  return asked
}

async function logResponse(response: IncomingMessage, name: string): Promise<ApiResponse> {
  const code = response.statusCode ?? 500
  if (code >= 200 && code <= 206) {
    return { status: 200, headers: { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' }, body: { kind: 'chunks', chunks: response } }
  }
  throw agentError(code, await textOf(response), 'pods/log', name)
}

const reasons: Readonly<Record<number, readonly [StatusReason, string]>> = {
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  403: ['Forbidden', 'the server does not allow access to the requested resource'],
  404: ['NotFound', 'the server could not find the requested resource'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
}

/** What an agent refused, as this server's own refusal. */
export function agentError(code: number, text: string, resource: string, name: string): ApiError {
  if (code === 400) return badRequest(text)
  if (code === 500) return internal(text)
  const [reason, sentence] = reasons[code] ?? [code > 500 ? 'InternalError' as const : '' as const, code > 500 ? `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding` : `the server responded with the status code ${code} but did not return more information`]
  return new ApiError(code, reason, `${sentence} ( ${resource} ${name})`, { name, kind: resource, causes: [{ reason: 'UnexpectedServerResponse', message: text }] })
}

const longest = 50_000

/** The beginning of a refusal's body. */
export async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of response) {
    parts.push(part)
    length += part.length
    if (length > longest) break
  }
  return Buffer.concat(parts).toString('utf8', 0, longest)
}
