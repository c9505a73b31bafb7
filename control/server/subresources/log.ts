import type { IncomingMessage } from 'node:http'
import { ApiError, badRequest, internal, invalid } from '../../../api/errors.ts'
import type { FieldError } from '../../../api/errors.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import { agentOf, dial } from '../agent-connection.ts'
import type { AgentTls } from '../agent-connection.ts'
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
  const target = await agentOf(tools, pod.spec.nodeName, tls)
  const path = `/containerLogs/${encodeURIComponent(info.namespace)}/${encodeURIComponent(info.name)}/${encodeURIComponent(container)}${asked.size > 0 ? `?${asked}` : ''}`
  const outcome = await dial(target, { method: 'GET', path, headers: {}, signal: request.signal })
  if (outcome.kind === 'upgrade') throw internal('the agent answered a request for logs with an upgrade')
  return logResponse(outcome.response, info.name)
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
    return { status: 200, headers: { 'content-type': response.headers['content-type'] ?? 'text/plain', 'cache-control': 'no-cache, private' }, body: { kind: 'chunks', chunks: response } }
  }
  throw agentError(code, await textOf(response), 'pods/log', name)
}

/** What an agent refused, as this server's own refusal. */
export function agentError(code: number, text: string, resource: string, name: string): ApiError {
  const sentence = text.trim()
  if (code === 400) return badRequest(sentence)
  if (code === 404) return new ApiError(404, 'NotFound', `the server could not find the requested resource ( ${resource} ${name})`, { name, kind: resource, causes: [{ reason: 'UnexpectedServerResponse', message: sentence }] })
  return internal(sentence || `the agent answered ${code}`)
}

const longest = 10 * 1024

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
