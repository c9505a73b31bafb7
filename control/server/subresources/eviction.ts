import { ApiError, badRequest, notFound } from '../../../api/errors.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import { podDisruptionBudgets } from '../../../api/kinds/policy-v1/pod-disruption-budget.ts'
import { matchesLabels, selectorOf } from '../../../api/selectors/labels.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { PodDisruptionBudget } from '../../../api/types/policy-v1-budget.ts'
import { Eviction } from '../../../api/types/policy-v1.ts'
import { rfc3339 } from '../../../host/clock.ts'
import type { CacheEntry } from '../../store/cache.ts'
import { admit, validateAdmission } from '../admission/admission.ts'
import { warnerOf } from '../context.ts'
import type { ResourceContext } from '../context.ts'
import { checkDeleteOptions } from '../delete-options.ts'
import type { AskedDeletion } from '../delete-options.ts'
import { optionsObject, writeOptions } from '../options.ts'
import { parsedBody, readObject } from '../read-body.ts'
import { valueResponse } from '../respond.ts'
import type { Tools } from '../tools.ts'
import { deleteObject } from '../verbs/delete-object.ts'
import { countsForNothing, mayGoUnhealthy, severalBudgets, takeEviction } from './disruption-budget.ts'

/** POST `pods/x/eviction`: a deletion that asks the disruption budgets first (`policy/v1` and `v1beta1` Eviction). */
export async function evict(tools: Tools, context: ResourceContext): Promise<ApiResponse> {
  const { info, request, user, kind } = context
  const options = writeOptions(request.query, 'CreateOptions')
  const eviction = readEviction(context, options.fieldValidation)
  if (eviction.metadata.name && eviction.metadata.name !== info.name) throw badRequest('name in URL does not match name in Eviction object')
  const asked = checkDeleteOptions(eviction.deleteOptions ?? {})
  const dryRun = options.dryRun || asked.dryRun
  const review = { operation: 'create', kind, subresource: 'eviction', namespace: info.namespace, name: info.name, object: eviction, old: undefined, user, dryRun, options: optionsObject(request.query, 'CreateOptions'), warn: warnerOf(context) } as const
  await admit(tools, review)
  await validateAdmission(tools, review)
  const pod = await podOf(tools, info.namespace, info.name)
  if (!countsForNothing(pod)) await askBudgets(tools, pod, dryRun)
  if (!dryRun) await announce(tools, pod)
  await remove(tools, context, asked, pod, dryRun)
  return valueResponse(context, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 })
}

/** Old clients (`kubectl drain` before 1.22) send the beta form of the same. */
function readEviction(context: ResourceContext, mode: 'Ignore' | 'Warn' | 'Strict'): Eviction {
  const expected = { apiVersion: 'policy/v1', kind: 'Eviction', schema: Eviction }
  const { value } = parsedBody(context, expected)
  const said = typeof value === 'object' && value !== null ? (value as { apiVersion?: unknown }).apiVersion : undefined
  return readObject(context, said === 'policy/v1beta1' ? { ...expected, apiVersion: said } : expected, mode)
}

async function podOf(tools: Tools, namespace: string, name: string): Promise<Pod> {
  const entry = await tools.resources.cache(pods).get(tools.resources.key(pods, namespace, name))
  if (!entry) throw notFound(pods, name)
  return entry.object as Pod
}

/** Takes one eviction from the pod's budget, before the pod goes; 429 when there is none to take. */
async function askBudgets(tools: Tools, pod: Pod, dryRun: boolean): Promise<void> {
  const { entries } = await tools.resources.cache(podDisruptionBudgets).list({ namespace: pod.metadata.namespace! })
  const mine = entries.filter(({ object }) => covers(object as PodDisruptionBudget, pod))
  if (mine.length === 0) return
  if (mine.length > 1) throw severalBudgets()
  const { key, object } = mine[0]!
  if (mayGoUnhealthy(object as PodDisruptionBudget, pod)) return
  const take = ({ object: budget }: Pick<CacheEntry, 'object'>) => takeEviction(budget as PodDisruptionBudget, pod.metadata.name, rfc3339(tools.clock.now()))
  if (dryRun) take(mine[0]!)
  else await tools.store.guaranteedUpdate(tools.resources.of(podDisruptionBudgets), key, take)
}

const covers = ({ spec }: PodDisruptionBudget, pod: Pod): boolean => spec.selector !== undefined && matchesLabels(selectorOf(spec.selector), pod.metadata.labels)

/** Says in the pod's status why it goes. */
async function announce(tools: Tools, pod: Pod): Promise<void> {
  const at = rfc3339(tools.clock.now())
  const condition = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting', lastTransitionTime: at }
  await tools.store.guaranteedUpdate(tools.resources.of(pods), tools.resources.key(pods, pod.metadata.namespace!, pod.metadata.name), ({ object }) => {
    const { status = {}, ...rest } = object as Pod
    const conditions = status.conditions ?? []
    if (object.metadata.uid !== pod.metadata.uid || conditions.some(({ type, status: is }) => type === 'DisruptionTarget' && is === 'True')) return undefined
    return { ...rest, status: { ...status, conditions: [...conditions.filter(({ type }) => type !== 'DisruptionTarget'), condition] } } as Pod
  })
}

async function remove(tools: Tools, { info, user }: ResourceContext, asked: AskedDeletion, pod: Pod, dryRun: boolean): Promise<void> {
  const { uid, resourceVersion } = asked.options
  // The announcement was a write of our own: the version that the client meant was true until then.
  if (resourceVersion !== undefined && resourceVersion !== pod.metadata.resourceVersion) {
    throw new ApiError(409, 'Conflict', `Operation cannot be fulfilled on pods ${JSON.stringify(info.name)}: Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${pod.metadata.resourceVersion}`, { name: info.name, kind: 'pods' })
  }
  const options = { ...asked.options, uid: uid ?? pod.metadata.uid, resourceVersion: undefined }
  await deleteObject(tools, { kind: pods, namespace: info.namespace, name: info.name, options, user, dryRun })
}
