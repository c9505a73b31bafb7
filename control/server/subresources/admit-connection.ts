import { admit, validateAdmission } from '../admission/admission.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import { warnerOf } from '../context.ts'
import type { ResourceContext } from '../context.ts'
import { flag } from '../options.ts'
import type { Tools } from '../tools.ts'
import { subpath } from './proxy-path.ts'

const proxies: Readonly<Record<string, string>> = { pods: 'PodProxyOptions', services: 'ServiceProxyOptions', nodes: 'NodeProxyOptions' }
const streams: Readonly<Record<string, string>> = { exec: 'PodExecOptions', attach: 'PodAttachOptions', portforward: 'PodPortForwardOptions' }

/** Asks admission whether a stream may be opened (operation CONNECT); what it sees is what the query says. Throws `ApiError` when not. */
export async function admitConnection(tools: Tools, context: ResourceContext): Promise<void> {
  const { kind, info, user } = context
  const object = optionsOf(context)
  const request: AdmissionRequest = {
    operation: 'connect', kind, subresource: info.subresource, namespace: info.namespace, name: info.name, object, old: undefined, user, dryRun: false, warn: warnerOf(context),
  }
  await admit(tools, request)
  await validateAdmission(tools, request)
}

function optionsOf(context: ResourceContext): Record<string, unknown> {
  const { kind, info: { subresource }, request: { query } } = context
  const apiVersion = 'v1'
  if (subresource === 'proxy') {
    const path = subpath(context)
    return { kind: proxies[kind.resource] ?? '', apiVersion, ...(path !== '' && { path }) }
  }
  const options: Record<string, unknown> = { kind: streams[subresource] ?? '', apiVersion }
  if (subresource === 'portforward') {
    const ports = query.getAll('ports').flatMap((text) => text.split(',')).map(Number).filter(Number.isInteger)
    return ports.length > 0 ? { ...options, ports } : options
  }
  for (const name of ['stdin', 'stdout', 'stderr', 'tty']) if (flag(query, name)) options[name] = true
  const container = query.get('container')
  if (container) options['container'] = container
  if (subresource === 'exec') options['command'] = query.getAll('command')
  return options
}
