import { badRequest, notFound, unavailable } from '../../../api/errors.ts'
import { nodes } from '../../../api/kinds/core-v1/node.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import { services } from '../../../api/kinds/core-v1/service.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { Endpoint } from '../../../api/types/discovery-v1.ts'
import { agentOf } from '../agent-connection.ts'
import type { AgentTls, Target } from '../agent-connection.ts'
import type { ResourceContext } from '../context.ts'
import { checkPathName } from '../object-names.ts'
import { readyEndpoints, slicesOf } from '../service-address.ts'
import type { Tools } from '../tools.ts'
import { proxyableAddress } from './proxyable.ts'

/** `https:web:http` → scheme, name and port of what is to be proxied to. */
interface Spelled { readonly https: boolean; readonly name: string; readonly port: string }

function spelled(text: string, what: string): Spelled {
  const parts = text.split(':')
  const [first = '', second = '', third = ''] = parts
  const result =
    parts.length === 1 ? { https: false, name: first, port: '' } :
    parts.length === 2 ? { https: false, name: first, port: second } :
    parts.length === 3 && (first === 'http' || first === 'https' || first === '') ? { https: first === 'https', name: second, port: third } : undefined
  if (!result || result.name === '') throw badRequest(`invalid ${what} request ${JSON.stringify(text)}`)
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
  const { host, port } = kind.resource === pods.resource ? await podTarget(tools, info.namespace, asked) : await serviceTarget(tools, info.namespace, asked, info.name)
  return { host: await proxyableAddress(host), port, tls: asked.https ? 'unverified' : undefined }
}

async function nodeTarget(tools: Tools, { name, port, https }: Spelled, tls: AgentTls | undefined): Promise<Target> {
  const agent = await agentOf(tools, name, tls)
  if (port === '' || Number(port) === agent.port) return agent
  return { host: await proxyableAddress(agent.host), port: portNumber(port), tls: https ? 'unverified' : undefined }
}

async function podTarget(tools: Tools, namespace: string, { name, port, https }: Spelled): Promise<{ host: string; port: number }> {
  const pod = await find<Pod>(tools, pods, namespace, name)
  const host = addressesOf(pod)[0] ?? ''
  const named = pod.spec.containers.flatMap((container) => container.ports ?? [])
  if (port === '') return { host, port: named[0]?.containerPort ?? (https ? 443 : 80) }
  return { host, port: named.find((candidate) => candidate.name === port)?.containerPort ?? portNumber(port) }
}

/**
 * A ready endpoint of the port with that name, drawn by chance. Only addresses that are those of pods in this namespace will do: whoever may
 * write endpoints could otherwise send this server anywhere.
 */
async function serviceTarget(tools: Tools, namespace: string, { name, port }: Spelled, asked: string): Promise<{ host: string; port: number }> {
  const portName = /^\d+$/.test(port) ? await nameOfPort(tools, namespace, name, Number(port)) : port
  const slices = await slicesOf(tools, namespace, name)
  if (slices.length === 0) await find<Service>(tools, services, namespace, name)
  if (slices.every(({ endpoints }) => (endpoints ?? []).length === 0)) throw unavailable(`no endpoints available for service ${JSON.stringify(name)}`)
  const reachable = readyEndpoints(slices, portName)
  while (reachable.length > 0) {
    const [drawn] = reachable.splice(Math.floor(tools.clock.random() * reachable.length), 1)
    const host = drawn!.endpoint.addresses[0]!
    if (await isOfPod(tools, namespace, drawn!.endpoint, host)) return { host, port: drawn!.port }
  }
  throw unavailable(`no endpoints available for service ${JSON.stringify(asked)}`)
}

async function nameOfPort(tools: Tools, namespace: string, name: string, port: number): Promise<string> {
  const service = await find<Service>(tools, services, namespace, name)
  const found = service.spec.ports?.find((candidate) => candidate.port === port)
  if (!found) throw unavailable(`no service port ${port} found for service ${JSON.stringify(name)}`)
  return found.name ?? ''
}

async function isOfPod(tools: Tools, namespace: string, { targetRef }: Endpoint, address: string): Promise<boolean> {
  if (!targetRef?.name || targetRef.namespace !== namespace) return false
  const pod = (await tools.resources.cache(pods).get(tools.resources.key(pods, namespace, targetRef.name)))?.object as Pod | undefined
  return pod !== undefined && addressesOf(pod).includes(address)
}

function addressesOf({ status }: Pod): string[] {
  const all = (status?.podIPs ?? []).flatMap(({ ip }) => ip ?? [])
  return all.length === 0 && status?.podIP ? [status.podIP] : all
}

function portNumber(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) throw badRequest(`invalid port ${JSON.stringify(text)}`)
  return port
}
