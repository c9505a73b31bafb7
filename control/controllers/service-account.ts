import { startController } from '../../api/client/controller.ts'
import { isAlreadyExists, isNotFound } from '../../api/errors.ts'
import { namespaces as namespaceKind } from '../../api/kinds/core-v1/namespace.ts'
import { serviceAccounts as serviceAccountKind } from '../../api/kinds/core-v1/service-account.ts'
import type { ControllerDeps, RunningController } from './deps.ts'
import { isNamespaceTerminating } from './replicas/manage-replicas.ts'
import { unless } from './shared/unless.ts'

/** Keeps a ServiceAccount `default` in every namespace: pods that name none run under it. */
export function startServiceAccount(deps: ControllerDeps): RunningController {
  const namespaces = deps.informers.of(namespaceKind)
  const accounts = deps.informers.of(serviceAccountKind)
  return startController({
    name: 'serviceaccount-controller', client: deps.client, clock: deps.clock, log: deps.log, signal: deps.signal, metrics: deps.metrics,
    for: namespaces, watches: [{ informer: accounts, map: ({ metadata }) => (metadata.name === 'default' ? [metadata.namespace] : []) }],
    async reconcile(namespace) {
      const found = namespaces.get(namespace)
      if (!found || found.metadata.deletionTimestamp || accounts.get({ namespace, name: 'default' })) return
      await deps.client.create(serviceAccountKind, { metadata: { name: 'default', namespace } }).catch(unless(isAlreadyExists, isNamespaceTerminating, isNotFound))
    },
  })
}
