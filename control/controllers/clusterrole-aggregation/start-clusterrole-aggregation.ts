import { startController } from '../../../api/client/controller.ts'
import { isNotFound } from '../../../api/errors.ts'
import { clusterRoles as clusterRoleKind } from '../../../api/kinds/rbac-v1/roles.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { same } from '../shared/same.ts'
import { unless } from '../shared/unless.ts'
import { gatherRules } from './gather-rules.ts'

/** Fills the roles with an `aggregationRule` (`admin`, `edit`, `view`) from the roles that carry their labels. */
export function startClusterRoleAggregation(deps: ControllerDeps): RunningController {
  const roles = deps.informers.of(clusterRoleKind)
  const gathering = () => roles.list().filter(({ aggregationRule }) => aggregationRule).map(({ metadata }) => metadata.name)
  return startController({
    name: 'clusterrole-aggregation-controller', client: deps.client, clock: deps.clock, log: deps.log, signal: deps.signal, metrics: deps.metrics,
    // Any role may carry the label, or have carried it until now.
    for: roles, watches: [{ informer: roles, map: gathering }],
    async reconcile(name) {
      const role = roles.get(name)
      if (!role?.aggregationRule) return
      const rules = gatherRules(role, roles.list())
      if (same(rules, role.rules)) return
      await deps.client.update(clusterRoleKind, { ...role, rules }).catch(unless(isNotFound))
    },
  })
}
