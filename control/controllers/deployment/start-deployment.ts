import type { Client } from '../../../api/client/client.ts'
import { startController } from '../../../api/client/controller.ts'
import type { Recorder } from '../../../api/client/recorder.ts'
import { isAlreadyExists, isNotFound } from '../../../api/errors.ts'
import { deployments as deploymentKind } from '../../../api/kinds/apps-v1/deployment.ts'
import { replicaSets as replicaSetKind } from '../../../api/kinds/apps-v1/replica-set.ts'
import { pods as podKind } from '../../../api/kinds/core-v1/pod.ts'
import { keyOf } from '../../../api/object.ts'
import type { Deployment, ReplicaSet } from '../../../api/types/apps-v1.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { isNamespaceTerminating } from '../replicas/manage-replicas.ts'
import { claimAll } from '../shared/claim.ts'
import { byController, orphansOf } from '../shared/indexes.ts'
import { controllerOf, isControlledBy } from '../shared/owner.ts'
import { isTerminal } from '../shared/pods.ts'
import { same } from '../shared/same.ts'
import { labelSelector } from '../shared/selectors.ts'
import { unless } from '../shared/unless.ts'
import { withCondition } from './conditions.ts'
import { comparable } from './deployment-status.ts'
import { isRolling, replicasOf } from './limits.ts'
import type { DeploymentPlan } from './plan-deployment.ts'
import { planDeployment } from './plan-deployment.ts'
import { hasDeadline } from './progress.ts'
import { revisionAnnotation } from './revision.ts'
import { sameTemplate } from './template.ts'

/** Keeps each Deployment's ReplicaSets at the sizes its rollout asks for, and its status true. */
export function startDeployment(deps: ControllerDeps): RunningController {
  const { client, clock } = deps
  const recorder = deps.recorder('deployment-controller')
  const deployments = deps.informers.of(deploymentKind)
  const sets = deps.informers.of(replicaSetKind, { indexes: byController })
  const pods = deps.informers.of(podKind, { indexes: byController })
  const doer = { client, recorder, now: clock.now }

  const adopters = (set: ReplicaSet): string[] =>
    controllerOf(set) ? [] : deployments.list(set.metadata.namespace).filter(({ spec }) => labelSelector(spec.selector)(set.metadata.labels)).map(keyOf)

  /** Only `Recreate` waits for pods; everything else is told by the ReplicaSets. */
  function recreating(pod: Pod): string[] {
    const { namespace } = pod.metadata
    const set = sets.get({ namespace, name: controllerOf(pod)?.name ?? '' })
    const deployment = set && deployments.get({ namespace, name: controllerOf(set)?.name ?? '' })
    return deployment && !isRolling(deployment) ? [keyOf(deployment)] : []
  }

  async function reconcile(key: string): Promise<{ after: number } | undefined> {
    const deployment = deployments.get(key)
    if (!deployment) return undefined
    if (selectsEverything(deployment)) return refuse(doer, deployment)
    const { uid = '', namespace } = deployment.metadata
    const selects = labelSelector(deployment.spec.selector)
    const candidates = [...sets.byIndex('controller', uid), ...sets.byIndex('controller', orphansOf(namespace))]
    const matches = (set: ReplicaSet) => selects(set.metadata.labels)
    const mine = await claimAll({ client, ownerKind: deploymentKind, owner: deployment, kind: replicaSetKind, matches }, candidates)
    const runsOtherThan = (name: string | undefined) =>
      mine.some((set) => set.metadata.name !== name && pods.byIndex('controller', set.metadata.uid ?? '').some((pod) => !isTerminal(pod)))
    const plan = planDeployment({ deployment, sets: mine, runsOtherThan, now: clock.now() })
    // What is gone in the meantime needs nothing more.
    await perform(doer, deployment, plan).catch(unless(isNotFound))
    return plan.after === undefined ? undefined : { after: plan.after }
  }

  return startController({
    name: 'deployment-controller', client, clock, log: deps.log, signal: deps.signal, metrics: deps.metrics, workers: 5,
    for: deployments, owns: [{ informer: sets, kind: deploymentKind }],
    watches: [{ informer: sets, map: adopters }, { informer: pods, map: recreating }], reconcile,
  })
}

interface Doer { readonly client: Client; readonly recorder: Recorder; readonly now: () => number }

async function perform(doer: Doer, deployment: Deployment, plan: DeploymentPlan): Promise<void> {
  const { client, recorder } = doer
  if (plan.create && !(await create(doer, deployment, plan.create))) return
  for (const { set, from } of plan.updates) {
    await client.update(replicaSetKind, set)
    const to = replicasOf(set)
    if (to !== from) recorder.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled ${to > from ? 'up' : 'down'} replica set ${set.metadata.name} from ${from} to ${to}`)
  }
  for (const { metadata: { namespace, name, uid = '' } } of plan.deletes) {
    await client.delete(replicaSetKind, { namespace, name }, { preconditions: { uid } }).catch(unless(isNotFound))
  }
  let current = deployment
  if (plan.revision) {
    const { namespace, name } = deployment.metadata
    // By way of the status: an annotation written to the object itself would raise its generation.
    current = await client.patch(deploymentKind, { namespace, name }, { type: 'merge', patch: { metadata: { annotations: { [revisionAnnotation]: plan.revision } } } }, { subresource: 'status' })
  }
  if (!same(comparable(deployment.status), comparable(plan.status))) await client.updateStatus(deploymentKind, { ...current, status: plan.status })
}

/** False: the sync is over for now. Whatever made it so will wake the Deployment again. */
async function create(doer: Doer, deployment: Deployment, set: ReplicaSet): Promise<boolean> {
  const { client, recorder } = doer
  const { name } = set.metadata
  try {
    await client.create(replicaSetKind, set)
  } catch (error) {
    if (isNamespaceTerminating(error)) return false
    if (isAlreadyExists(error)) return resolveCollision(doer, deployment, set)
    const message = `Failed to create new replica set "${name}": ${(error as Error).message}`
    recorder.event(deployment, 'Warning', 'ReplicaSetCreateError', message)
    await tellFailure(doer, deployment, message)
    throw error
  }
  if (replicasOf(set) > 0) recorder.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${replicasOf(set)}`)
  return true
}

/** The name is taken: by our own set, which the cache has yet to show, or by another template with the same hash. */
async function resolveCollision({ client }: Doer, deployment: Deployment, set: ReplicaSet): Promise<false> {
  const { namespace, name } = set.metadata
  const existing = await client.get(replicaSetKind, { namespace, name })
  if (isControlledBy(existing, deployment) && sameTemplate(existing.spec.template, deployment.spec.template)) return false
  const collisionCount = (deployment.status?.collisionCount ?? 0) + 1
  await client.updateStatus(deploymentKind, { ...deployment, status: { ...deployment.status, collisionCount } })
  return false
}

async function tellFailure({ client, now }: Doer, deployment: Deployment, message: string): Promise<void> {
  if (!hasDeadline(deployment)) return
  const conditions = [...withCondition(deployment.status?.conditions ?? [], 'Progressing', 'False', 'ReplicaSetCreateError', message, now())]
  if (same(conditions, deployment.status?.conditions)) return
  await client.updateStatus(deploymentKind, { ...deployment, status: { ...deployment.status, conditions } })
}

const selectsEverything = ({ spec: { selector } }: Deployment): boolean =>
  Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0

async function refuse({ client, recorder }: Doer, deployment: Deployment): Promise<undefined> {
  recorder.event(deployment, 'Warning', 'SelectingAll', 'This deployment is selecting all pods. A non-empty selector is required.')
  const { generation } = deployment.metadata
  if ((deployment.status?.observedGeneration ?? 0) < (generation ?? 0)) {
    await client.updateStatus(deploymentKind, { ...deployment, status: { ...deployment.status, observedGeneration: generation } })
  }
}

