import { replicaSets } from '../../api/kinds/apps-v1/replica-set.ts'
import type { ReplicaSet } from '../../api/types/apps-v1.ts'
import type { ControllerDeps, RunningController } from './deps.ts'
import type { ReplicaKind } from './replicas/replica-kind.ts'
import { startReplicas } from './replicas/start-replicas.ts'
import { labelSelector } from './shared/selectors.ts'

const replicaSet: ReplicaKind<ReplicaSet> = {
  kind: replicaSets, component: 'replicaset-controller', selects: (owner) => labelSelector(owner.spec.selector), countsTerminating: true,
}

export const startReplicaSet = (deps: ControllerDeps): RunningController => startReplicas(replicaSet, deps)
