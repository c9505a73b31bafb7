import { ApiError, badRequest } from '../../api/errors.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import { pods } from '../../api/kinds/core-v1/pod.ts'
import { services } from '../../api/kinds/core-v1/service.ts'
import type { WantedStreams } from '../../api/streams/exec-channels.ts'
import { agentOf } from './agent-connection.ts'
import type { AgentTls, Target } from './agent-connection.ts'
import type { ResourceContext } from './context.ts'
import { flag } from './options.ts'
import { fits } from './router.ts'
import { containerOf, podOf } from './subresources/pod-target.ts'
import { pathBehindProxy } from './subresources/proxy-path.ts'
import { proxyTarget } from './subresources/proxy-target.ts'
import type { Tools } from './tools.ts'

/** Where an upgrade goes on: to whom, and under which path there. */
export interface Destination {
  readonly kind: 'exec' | 'attach' | 'portforward' | 'proxy'
  readonly target: Target
  readonly path: string
  /** Of exec and attach. */
  readonly wanted?: WantedStreams
}

const proxied = new Set<string>([nodes.resource, pods.resource, services.resource])

/** Whom an upgrade is for; undefined when what is asked for knows none. Throws `ApiError` when it does, but not so. */
export async function destinationOf(tools: Tools, context: ResourceContext, agent: AgentTls | undefined): Promise<Destination | undefined> {
  const { kind, info, request } = context
  if (kind.group !== '' || info.name === '' || !fits(kind, context)) return undefined
  if (info.subresource === 'proxy' && proxied.has(kind.resource)) return { kind: 'proxy', target: await proxyTarget(tools, context, agent), path: pathBehindProxy(context) }
  const stream = info.subresource
  if (kind.resource !== pods.resource || info.rest.length > 0 || (stream !== 'exec' && stream !== 'attach' && stream !== 'portforward')) return undefined
  if (request.method !== 'GET' && request.method !== 'POST') throw new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
  const pod = await podOf(tools, context)
  const wanted = stream === 'portforward' ? undefined : streamsOf(request.query)
  const query = wanted ? containerQuery(stream, wanted, request.query) : portQuery(request.query)
  const place = [info.namespace, info.name, ...(wanted ? [containerOf(pod, request.query.get('container') ?? '')] : [])]
  if (!pod.spec.nodeName) throw badRequest(`pod ${info.name} does not have a host assigned`)
  const root = stream === 'portforward' ? 'portForward' : stream
  const path = `/${root}/${place.map(encodeURIComponent).join('/')}${query.size > 0 ? `?${query}` : ''}`
  return { kind: stream, target: await agentOf(tools, pod.spec.nodeName, agent), path, ...(wanted && { wanted }) }
}

const streamsOf = (query: URLSearchParams): WantedStreams => {
  const on = (name: string): boolean => flag(query, name) === true
  return { stdin: on('stdin'), stdout: on('stdout'), stderr: on('stderr'), tty: on('tty') }
}

/** The agent's words for the options. */
function containerQuery(stream: string, { stdin, stdout, stderr, tty }: WantedStreams, query: URLSearchParams): URLSearchParams {
  const commands = stream === 'exec' ? query.getAll('command') : []
  if (stream === 'exec' && commands.length === 0) throw badRequest('you must specify at least one command for the container')
  const asked = new URLSearchParams({ ...(stdin && { input: '1' }), ...(stdout && { output: '1' }), ...(stderr && { error: '1' }), ...(tty && { tty: '1' }) })
  for (const command of commands) asked.append('command', command)
  return asked
}

function portQuery(query: URLSearchParams): URLSearchParams {
  const ports = query.getAll('ports').flatMap((text) => text.split(','))
  for (const port of ports) if (!/^\d{1,5}$/.test(port)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(port)}: invalid syntax`)
  return new URLSearchParams(ports.length > 0 ? { port: ports.join(',') } : {})
}
