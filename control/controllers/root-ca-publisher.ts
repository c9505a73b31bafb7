import { startController } from '../../api/client/controller.ts'
import { isAlreadyExists, isNotFound } from '../../api/errors.ts'
import { configMaps as configMapKind } from '../../api/kinds/core-v1/config-map.ts'
import { namespaces as namespaceKind } from '../../api/kinds/core-v1/namespace.ts'
import type { ControllerDeps, RunningController } from './deps.ts'
import { isNamespaceTerminating } from './replicas/manage-replicas.ts'
import { same } from './shared/same.ts'
import { unless } from './shared/unless.ts'

export const rootCAName = 'kube-root-ca.crt'
const annotations = {
  'kubernetes.io/description':
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. '
    + 'No other usage is guaranteed across distributions of Kubernetes clusters.',
}

/** Publishes the cluster's CA in every namespace, where every pod mounts it beside its token. */
export function startRootCAPublisher(deps: ControllerDeps): RunningController {
  const { client, options } = deps
  const rootCA = options?.rootCA
  if (rootCA === undefined) return { stop: async () => {} }
  const namespaces = deps.informers.of(namespaceKind)
  const configMaps = deps.informers.of(configMapKind)
  const data = { 'ca.crt': rootCA }
  return startController({
    name: 'root-ca-certificate-publisher-controller', client, clock: deps.clock, log: deps.log, signal: deps.signal, metrics: deps.metrics,
    for: namespaces, watches: [{ informer: configMaps, map: ({ metadata }) => (metadata.name === rootCAName ? [metadata.namespace] : []) }],
    async reconcile(namespace) {
      const found = namespaces.get(namespace)
      if (!found || found.metadata.deletionTimestamp) return
      const current = configMaps.get({ namespace, name: rootCAName })
      if (!current) {
        const draft = { metadata: { name: rootCAName, namespace, annotations }, data }
        await client.create(configMapKind, draft).catch(unless(isAlreadyExists, isNamespaceTerminating, isNotFound))
      } else if (!same(current.data, data) || Object.entries(annotations).some(([key, value]) => current.metadata.annotations?.[key] !== value)) {
        await client.update(configMapKind, { ...current, metadata: { ...current.metadata, annotations: { ...current.metadata.annotations, ...annotations } }, data })
      }
    },
  })
}
