import type { Kind } from '../../../api/kinds/kind.ts'
import type { ReplicaSet } from '../../../api/types/apps-v1.ts'
import type { ReplicationController } from '../../../api/types/core-v1/replication-controller.ts'
import type { Matches } from '../shared/selectors.ts'

export type ReplicaOwner = ReplicaSet | ReplicationController

/** What tells a ReplicaSet from a ReplicationController; everything else they do alike. */
export interface ReplicaKind<T extends ReplicaOwner> {
  readonly kind: Kind<T>
  /** The name in events, logs and metrics. */
  readonly component: string
  readonly selects: (owner: T) => Matches
  /** Whether the status has `terminatingReplicas`. */
  readonly countsTerminating: boolean
}
