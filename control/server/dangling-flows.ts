import { isConflict, isNotFound } from '../../api/errors.ts'
import { flowSchemas } from '../../api/kinds/flowcontrol-v1/flow-schema.ts'
import { priorityLevelConfigurations } from '../../api/kinds/flowcontrol-v1/priority-level-configuration.ts'
import { systemMaster } from '../../api/transport.ts'
import type { FlowSchema } from '../../api/types/flowcontrol-v1.ts'
import { rfc3339 } from '../../host/clock.ts'
import type { Tools } from './tools.ts'
import { updateObject } from './verbs/update-object.ts'

type Condition = NonNullable<NonNullable<FlowSchema['status']>['conditions']>[number]

/** Keeps the condition `Dangling` of every flow schema: whether the priority level it names is missing. Resolves once those there are have it. */
export async function followDanglingFlows(tools: Tools): Promise<void> {
  const flows = tools.resources.cache(flowSchemas)
  const levels = tools.resources.cache(priorityLevelConfigurations)
  const known = (level: string): boolean => levels.peek(tools.resources.key(priorityLevelConfigurations, '', level)) !== undefined
  const write = ({ metadata: { name } }: FlowSchema): Promise<unknown> => updateObject(tools, {
    kind: flowSchemas, namespace: '', name: name!, subresource: 'status', user: systemMaster, dryRun: false, manager: 'api-priority-and-fairness-config-consumer-v1',
    make: (current: unknown) => structuredClone(withDangling(current as FlowSchema, known, rfc3339(tools.clock.now())) ?? current),
  }).catch((error: unknown) => {
    if (!isNotFound(error) && !isConflict(error) && !tools.ending.aborted) tools.log.error({ err: error, flowSchema: name }, 'Telling whether a flow schema dangles failed')
  })
  const settle = (): Promise<unknown> => Promise.all(flows.peekAll().map(({ object }) => object as FlowSchema).filter((flow) => withDangling(flow, known, '')).map(write))
  await Promise.all([flows.ready(), levels.ready()])
  await settle()
  let due = false
  const changed = (): void => {
    if (due || tools.ending.aborted) return
    due = true
    queueMicrotask(() => { due = false; void settle() })
  }
  flows.observe(changed)
  levels.observe(changed)
}

/** The flow schema with its condition put right; undefined when it is right. */
export function withDangling(flow: FlowSchema, known: (level: string) => boolean, now: string): FlowSchema | undefined {
  const level = flow.spec.priorityLevelConfiguration?.name ?? ''
  const conditions = flow.status?.conditions ?? []
  const there = conditions.find(({ type }) => type === 'Dangling')
  const named = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`
  const right = known(level) ? { status: 'False', reason: 'Found', message: `${named} and it exists` } : { status: 'True', reason: 'NotFound', message: `${named} but there is no such object` }
  if (there?.status === right.status && there.reason === right.reason && there.message === right.message) return undefined
  const lastTransitionTime = there?.status === right.status && there.lastTransitionTime ? there.lastTransitionTime : now
  const condition: Condition = { type: 'Dangling', ...right, lastTransitionTime }
  return { ...flow, status: { ...flow.status, conditions: [...conditions.filter((one) => one !== there), condition] } }
}
