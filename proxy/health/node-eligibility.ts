import type { Node } from '../../api/types/core-v1/node.ts'

/** The cluster autoscaler puts it on a node that it is about to take away. */
const toBeDeleted = 'ToBeDeletedByClusterAutoscaler'

/** Whether load balancers shall still send new connections to the node. One that the cluster does not know is none to send to. */
export const isEligible = (node: Pick<Node, 'metadata' | 'spec'> | undefined): boolean =>
  node !== undefined && node.metadata.deletionTimestamp === undefined && !node.spec?.taints?.some(({ key }) => key === toBeDeleted)
