import { replicationControllers } from '../../api/kinds/core-v1/replication-controller.ts'
import type { ReplicationController } from '../../api/types/core-v1/replication-controller.ts'
import type { ControllerDeps, RunningController } from './deps.ts'
import type { ReplicaKind } from './replicas/replica-kind.ts'
import { startReplicas } from './replicas/start-replicas.ts'
import { mapSelector } from './shared/selectors.ts'

const replicationController: ReplicaKind<ReplicationController> = {
  kind: replicationControllers, component: 'replication-controller', selects: (owner) => mapSelector(owner.spec.selector), countsTerminating: false,
}

export const startReplicationController = (deps: ControllerDeps): RunningController => startReplicas(replicationController, deps)
