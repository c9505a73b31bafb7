import { ApiError } from '../../../api/errors.ts'
import { componentStatuses } from '../../../api/kinds/core-v1/component-status.ts'
import { namespaces } from '../../../api/kinds/core-v1/namespace.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import type { ComponentStatus } from '../../../api/types/core-v1/component-status.ts'
import type { ResourceContext } from '../context.ts'
import { objectResponse } from '../object-response.ts'
import { valueResponse } from '../respond.ts'
import type { ResourceHandler } from '../router.ts'
import { selectionOf } from '../selection.ts'
import { partialList, shaped } from '../shapes.ts'
import type { Tools } from '../tools.ts'

/**
 * How the parts of the control plane that are no part of this server are, by name (`scheduler`, `controller-manager`). Each
 * resolves to what the part says of itself when it is well, and rejects with what is wrong. The composition root knows.
 */
export type ComponentHealth = Readonly<Record<string, () => string | Promise<string>>>

/** The answer of a part that is well exactly if `well`. */
export function wellIf(well: boolean, otherwise: string): string {
  if (!well) throw new Error(otherwise)
  return 'ok'
}

const unknown = (name: string) => (): never => { throw new Error(`${name} does not run beside this server`) }

/** `kubectl get componentstatuses`: asked anew each time, nothing of it is stored. `etcd-0` is the store, whichever it is. */
export function componentStatus(health: ComponentHealth = {}): ResourceHandler {
  return async (tools, context) => {
    const parts: ComponentHealth = { scheduler: unknown('the scheduler'), 'controller-manager': unknown('the controller manager'), ...health, 'etcd-0': () => askStore(tools) }
    return context.info.name === '' ? list(tools, context, parts) : get(tools, context, parts)
  }
}

async function askStore(tools: Tools): Promise<string> {
  await tools.resources.cache(namespaces).get(tools.resources.key(namespaces, '', 'default'))
  return 'ok'
}

async function get(tools: Tools, context: ResourceContext, parts: ComponentHealth): Promise<ApiResponse> {
  const { name } = context.info
  if (!Object.hasOwn(parts, name)) throw new ApiError(500, '', `Component not found: ${name}`)
  return objectResponse(tools, context, 200, await statusOf(name, parts[name]!))
}

async function list(tools: Tools, context: ResourceContext, parts: ComponentHealth): Promise<ApiResponse> {
  const { filter } = selectionOf(componentStatuses, context.request.query)
  const all = await Promise.all(Object.keys(parts).sort().map((name) => statusOf(name, parts[name]!)))
  const objects = filter ? all.filter(filter) : all
  if (context.accepted.as === 'Table') return valueResponse(context, 200, shaped(tools, context, objects, {}))
  if (context.accepted.as !== '') return valueResponse(context, 200, partialList(objects, {}, context.accepted.version))
  return valueResponse(context, 200, { kind: 'ComponentStatusList', apiVersion: 'v1', metadata: {}, items: objects.map(({ apiVersion: _, kind: __, ...rest }) => rest) })
}

async function statusOf(name: string, ask: () => string | Promise<string>): Promise<ComponentStatus> {
  const object = (condition: { status: string; message?: string; error?: string }): ComponentStatus =>
    ({ apiVersion: 'v1', kind: 'ComponentStatus', metadata: { name }, conditions: [{ type: 'Healthy', ...condition }] })
  try {
    return object({ status: 'True', message: await ask() })
  } catch (error) {
    return object({ status: 'False', error: error instanceof Error ? error.message : String(error) })
  }
}
