import { startController } from '../../../api/client/controller.ts'
import { isConflict, isNotFound } from '../../../api/errors.ts'
import { nodes as nodeKind } from '../../../api/kinds/core-v1/node.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { unless } from '../shared/unless.ts'

/** A node that leaves for good (`k8ts leave`) says so of itself. */
export const leavingAnnotation = 'k8ts.io/leaving'

/**
 * Takes away nodes that leave. A node may not delete itself, since it could come back without what people have put on it: a taint that keeps
 * others off, a label that only they may give. So one on which there is something of the kind stays until a person takes it away.
 */
export function startNodeLeaving({ client, clock, log, signal, metrics, informers }: ControllerDeps): RunningController {
  const nodes = informers.of(nodeKind)
  return startController({
    name: 'node-leaving-controller', client, clock, log, signal, metrics, for: nodes,
    async reconcile(key) {
      const node = nodes.get(key)
      if (!node || node.metadata.annotations?.[leavingAnnotation] !== 'true') return
      const kept = markOf(node)
      if (kept !== undefined) return log.info({ node: key, kept }, 'Leaving a node in place that leaves, for what people have put on it')
      const { name, uid, resourceVersion } = node.metadata
      await client.delete(nodeKind, { name }, { preconditions: { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) } }).catch(unless(isNotFound, isConflict))
    },
  })
}

/** What people have put on a node and would miss if it came back without. */
export function markOf({ metadata, spec }: Node): string | undefined {
  // Taken out of service: by a person, and the taint follows from it.
  if (spec?.unschedulable) return 'it is unschedulable'
  const taint = spec?.taints?.find(({ key }) => !key.startsWith('node.kubernetes.io/'))
  if (taint) return `taint ${taint.key}`
  const label = Object.keys(metadata.labels ?? {}).find((name) => /^node-(restriction|role)\.kubernetes\.io\//.test(name))
  return label && `label ${label}`
}
