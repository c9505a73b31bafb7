import { isConflict, isNotFound } from '../../../api/errors.ts'
import { deployments as deploymentKind } from '../../../api/kinds/apps-v1/deployment.ts'
import { replicaSets as replicaSetKind } from '../../../api/kinds/apps-v1/replica-set.ts'
import { pods as podKind } from '../../../api/kinds/core-v1/pod.ts'
import { podDisruptionBudgets as budgetKind } from '../../../api/kinds/policy-v1/pod-disruption-budget.ts'
import { builtinKinds } from '../../../api/kinds/registry.ts'
import { startController } from '../../../api/client/controller.ts'
import { keyOf } from '../../../api/object.ts'
import { formatLabelSelector } from '../../../api/selectors/labels.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { OwnerReference } from '../../../api/types/meta-v1/meta.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../../api/types/policy-v1-budget.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { refersTo } from '../shared/owner.ts'
import { isReady } from '../shared/pods.ts'
import { same } from '../shared/same.ts'
import { labelSelector } from '../shared/selectors.ts'
import type { Matches } from '../shared/selectors.ts'
import { unless } from '../shared/unless.ts'
import { expectedScale } from './expected-scale.ts'
import { expectation, failSafe, needsScale, planDisruption } from './plan-disruption.ts'

/** Keeps the status of every PodDisruptionBudget: how many of its pods may go now. Evictions take from that number. */
export function startDisruption(deps: ControllerDeps): RunningController {
  const { client, clock } = deps
  const budgets = deps.informers.of(budgetKind)
  const pods = deps.informers.of(podKind)
  const sources = { replicaSets: deps.informers.of(replicaSetKind), deployments: deps.informers.of(deploymentKind), scaleOf }
  const recorder = deps.recorder('controllermanager')
  const compiled = new WeakMap<PodDisruptionBudget, Matches>()
  const kinds = deps.options?.kinds ?? builtinKinds

  function matches(budget: PodDisruptionBudget): Matches {
    let match = compiled.get(budget)
    if (!match) compiled.set(budget, match = labelSelector(budget.spec.selector))
    return match
  }

  async function scaleOf(owner: OwnerReference, namespace: string): Promise<number | undefined> {
    const kind = kinds.find((candidate) => refersTo(owner, candidate) && candidate.subresources?.['scale']?.scale)
    if (!kind) throw new Error(`${owner.kind} of ${owner.apiVersion} does not implement the scale subresource`)
    const found = await client.get(kind, { namespace, name: owner.name }).catch(unless(isNotFound))
    return found?.metadata.uid === owner.uid ? kind.subresources!['scale']!.scale!.getReplicas(found) : undefined
  }

  async function reconcile(key: string): Promise<{ after: number } | undefined> {
    const budget = budgets.get(key)
    if (!budget) return undefined
    try {
      return await bring(budget)
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) throw error
      const message = error instanceof Error ? error.message : String(error)
      recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${message}`)
      await write(budget, failSafe(budget, message, clock.now()))
      throw error
    }
  }

  async function bring(budget: PodDisruptionBudget): Promise<{ after: number } | undefined> {
    const mine = pods.list(budget.metadata.namespace).filter((pod) => matches(budget)(pod.metadata.labels))
    if (mine.length === 0) recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found')
    const { scale, unmanaged } = needsScale(budget) ? await expectedScale(mine, sources) : { scale: 0, unmanaged: [] }
    if (unmanaged.length > 0) recorder.event(budget, 'Warning', 'UnmanagedPods', unmanagedSentence(budget))
    const plan = planDisruption(budget, mine, expectation(budget, scale, mine.length), clock.now())
    for (const pod of mine.filter(({ metadata }) => plan.notDeleted.includes(metadata.name))) {
      recorder.event(pod, 'Warning', 'NotDeleted', `Pod was expected by PDB ${budget.metadata.namespace}/${budget.metadata.name} to be deleted but it wasn't`)
    }
    await write(budget, plan.status)
    return plan.after === undefined ? undefined : { after: plan.after }
  }

  async function write(budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): Promise<void> {
    if (!same(budget.status, status)) await client.updateStatus(budgetKind, { ...budget, status })
  }

  const controller = startController({
    name: 'disruption-controller', client, clock, log: deps.log, signal: deps.signal, metrics: deps.metrics,
    for: budgets, watches: [sources.replicaSets, sources.deployments].map((informer) => ({ informer, map: () => [] })), reconcile,
  })
  const wake = (pod: Pod) => {
    for (const budget of budgets.list(pod.metadata.namespace)) if (matches(budget)(pod.metadata.labels)) controller.enqueue(keyOf(budget))
  }
  const off = pods.on({ add: wake, delete: wake, update(pod, old) { if (counts(pod) !== counts(old) || !same(pod.metadata.labels, old.metadata.labels)) { wake(old); wake(pod) } } })
  return {
    async stop() {
      off()
      await controller.stop()
    },
  }
}

/** What of a pod a budget looks at. */
const counts = (pod: Pod): string => `${isReady(pod)} ${pod.metadata.deletionTimestamp !== undefined} ${pod.metadata.ownerReferences?.find(({ controller }) => controller)?.uid}`

const unmanagedSentence = ({ spec }: PodDisruptionBudget): string =>
  `Pods selected by this PodDisruptionBudget (selector: ${formatLabelSelector(spec.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, `
  + 'which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
