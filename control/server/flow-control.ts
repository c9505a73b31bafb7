import { isAlreadyExists, isNotFound } from '../../api/errors.ts'
import { flowSchemas } from '../../api/kinds/flowcontrol-v1/flow-schema.ts'
import { autoUpdate, mandatoryFlows, mandatoryLevels, suggestedFlows, suggestedLevels } from '../../api/kinds/flowcontrol-v1/predefined.ts'
import { priorityLevelConfigurations } from '../../api/kinds/flowcontrol-v1/priority-level-configuration.ts'
import type { Kind } from '../../api/kinds/kind.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import { semanticEqual } from '../../api/kinds/validation/equal.ts'
import type { KubeObject } from '../../api/object.ts'
import { systemMaster } from '../../api/transport.ts'
import { followDanglingFlows } from './dangling-flows.ts'
import type { ServerPart } from './parts.ts'
import type { Tools } from './tools.ts'
import { createObject } from './verbs/create-object.ts'
import { updateObject } from './verbs/update-object.ts'

type Specified = KubeObject & { spec: object }

/**
 * Makes the flow schemas and priority levels every cluster has. The mandatory ones are put right at every start; the suggested ones as long as
 * they carry the annotation that says so. All at once, so that the writes of a new cluster share a few commits.
 */
export const flowControl: ServerPart = {
  name: 'priority-and-fairness-config-producer',
  async start(tools) {
    await Promise.all([flowSchemas, priorityLevelConfigurations].map((kind) => tools.resources.cache(kind).ready()))
    const all = (kind: Kind, specs: Readonly<Record<string, object>>, mandatory: boolean) => Object.entries(specs).map(([name, spec]) => ensure(tools, kind, name, spec, mandatory))
    await Promise.all([
      ...all(priorityLevelConfigurations, mandatoryLevels(), true), ...all(priorityLevelConfigurations, suggestedLevels(), false),
      ...all(flowSchemas, mandatoryFlows(), true), ...all(flowSchemas, suggestedFlows(), false),
    ])
    await followDanglingFlows(tools)
  },
}

async function ensure(tools: Tools, kind: Kind, name: string, spec: object, mandatory: boolean): Promise<void> {
  const common = { kind, namespace: '', user: systemMaster, dryRun: false }
  const wanted = () => structuredClone({ apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name, annotations: { [autoUpdate]: 'true' } }, spec })
  const there = tools.resources.cache(kind).peek(tools.resources.key(kind, '', name))?.object as Specified | undefined
  if (!there) return createObject(tools, { ...common, object: wanted() }).then(() => {}, unless(isAlreadyExists))
  const follows = mandatory || there.metadata.annotations?.[autoUpdate] === 'true'
  if (!follows || semanticEqual(there.spec, spec)) return
  // The exempt level may be tuned.
  if (mandatory && name === 'exempt' && kind === priorityLevelConfigurations) return
  const make = (current: KubeObject | undefined): unknown => (current ? { ...structuredClone(current), spec: structuredClone(spec) } : wanted())
  await updateObject(tools, { ...common, name, subresource: '', make }).catch(unless(isNotFound))
}

const unless = (expected: (error: unknown) => boolean) => (error: unknown): void => {
  if (!expected(error)) throw error
}
