import { badRequest, internal, notFound, unavailable } from '../../../api/errors.ts'
import { nodes } from '../../../api/kinds/core-v1/node.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import { services } from '../../../api/kinds/core-v1/service.ts'
import { endpointSlices } from '../../../api/kinds/discovery-v1/endpoint-slice.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { EndpointSlice } from '../../../api/types/discovery-v1.ts'
import { agentOf, checkProxyable } from '../agent-connection.ts'
import type { AgentTls, Target } from '../agent-connection.ts'
import type { ResourceContext } from '../context.ts'
import { checkPathName } from '../object-names.ts'
import type { Tools } from '../tools.ts'

/** `https:web:http` → scheme, name and port of what is to be proxied to. */
interface Spelled { readonly https: boolean; readonly name: string; readonly port: string }

function spelled(text: string, what: string): Spelled {
  const parts = text.split(':')
  const [first = '', second = '', third = ''] = parts
  const result =
    parts.length === 1 ? { https: false, name: first, port: '' } :
    parts.length === 2 ? { https: false, name: first, port: second } :
    parts.length === 3 && (first === 'http' || first === 'https' || first === '') ? { https: first === 'https', name: second, port: third } : undefined
  if (!result) throw badRequest(`invalid ${what} request ${JSON.stringify(text)}`)
  checkPathName(result.name)
  return result
}

async function find<T>(tools: Tools, kind: Kind, namespace: string, name: string): Promise<T> {
  const entry = await tools.resources.cache(kind).get(tools.resources.key(kind, namespace, name))
  if (!entry) throw notFound(kind, name)
  return entry.object as T
}

/** Where a request to `nodes/x/proxy`, `pods/x/proxy` or `services/x/proxy` goes. */
export async function proxyTarget(tools: Tools, context: ResourceContext, tls: AgentTls | undefined): Promise<Target> {
  const { kind, info } = context
  const asked = spelled(info.name, kind.singular)
  if (kind.resource === nodes.resource) return nodeTarget(tools, asked, tls)
  const { host, port } = kind.resource === pods.resource ? await podTarget(tools, info.namespace, asked) : await serviceTarget(tools, info.namespace, asked)
  checkProxyable(host)
  return { host, port, tls: asked.https ? 'unverified' : undefined }
}

async function nodeTarget(tools: Tools, { name, port, https }: Spelled, tls: AgentTls | undefined): Promise<Target> {
  const agent = await agentOf(tools, name, tls)
  if (port === '' || Number(port) === agent.port) return agent
  checkProxyable(agent.host)
  return { host: agent.host, port: portNumber(port), tls: https ? 'unverified' : undefined }
}

async function podTarget(tools: Tools, namespace: string, { name, port }: Spelled): Promise<{ host: string; port: number }> {
  const pod = await find<Pod>(tools, pods, namespace, name)
  const host = pod.status?.podIP
  if (!host) throw internal('address not allowed')
  const named = pod.spec.containers.flatMap((container) => container.ports ?? [])
  if (port === '') return { host, port: named[0]?.containerPort ?? 80 }
  return { host, port: named.find((candidate) => candidate.name === port)?.containerPort ?? portNumber(port) }
}

async function serviceTarget(tools: Tools, namespace: string, { name, port }: Spelled): Promise<{ host: string; port: number }> {
  const service = await find<Service>(tools, services, namespace, name)
  const ports = service.spec.ports ?? []
  const chosen = port === '' ? ports[0] : ports.find((candidate) => candidate.name === port || String(candidate.port) === port)
  if (!chosen) throw unavailable(`no service port ${JSON.stringify(port)} found for service ${JSON.stringify(name)}`)
  const filter = (slice: EndpointSlice) => slice.metadata.labels?.['kubernetes.io/service-name'] === name
  const { entries } = await tools.resources.cache(endpointSlices).list({ namespace, filter })
  const reachable = entries.flatMap(({ object }) => {
    const slice = object as EndpointSlice
    const number = slice.ports?.find((candidate) => (candidate.name ?? '') === (chosen.name ?? ''))?.port
    return number === undefined ? [] : (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready !== false).map((endpoint) => ({ host: endpoint.addresses[0]!, port: number }))
  })
  if (reachable.length === 0) throw unavailable(`no endpoints available for service ${JSON.stringify(name)}`)
  return reachable[Math.floor(tools.clock.random() * reachable.length)]!
}

function portNumber(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw badRequest(`invalid port ${JSON.stringify(text)}`)
  return port
}
