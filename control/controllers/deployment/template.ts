import type { Deployment, ReplicaSet } from '../../../api/types/apps-v1.ts'
import type { PodTemplateSpec } from '../../../api/types/core-v1/pod.ts'
import { deployments } from '../../../api/kinds/apps-v1/deployment.ts'
import { safeHash } from '../shared/hash.ts'
import { byCreation, controllerRef } from '../shared/owner.ts'
import { same } from '../shared/same.ts'

export const hashLabel = 'pod-template-hash'

/** Whether both make the same pods, the label that tells their pods apart aside. */
export function sameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  return same(withoutHash(a), withoutHash(b))
}

function withoutHash(template: PodTemplateSpec | undefined): unknown {
  const { [hashLabel]: _, ...labels } = template?.metadata?.labels ?? {}
  return { spec: template?.spec, metadata: { ...template?.metadata, labels } }
}

/** The ReplicaSet that runs the current template: the oldest, should there be several. */
export const findNewSet = (deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined =>
  sets.toSorted(byCreation).find((set) => sameTemplate(set.spec.template, deployment.spec.template))

/** `status.collisionCount` goes into the hash, so that a name that is taken by another template can be got around. */
export const templateHash = (deployment: Deployment): string => safeHash([deployment.spec.template, deployment.status?.collisionCount ?? 0])

/** A ReplicaSet for the current template, not yet created. */
export function draftSet(deployment: Deployment, replicas: number, annotations: Readonly<Record<string, string>>): ReplicaSet {
  const { spec: { template, selector, minReadySeconds }, metadata: { name, namespace } } = deployment
  const hash = templateHash(deployment)
  const labels = { ...template.metadata?.labels, [hashLabel]: hash }
  return {
    apiVersion: 'apps/v1', kind: 'ReplicaSet',
    metadata: { name: `${name}-${hash}`, namespace, labels, annotations, ownerReferences: [controllerRef(deployments, deployment)] },
    spec: {
      replicas, ...(minReadySeconds !== undefined && { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}
