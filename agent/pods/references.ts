import type { Pod } from '../../api/types/core-v1/pod.ts'

export interface Reference { readonly kind: 'configMap' | 'secret'; readonly namespace: string; readonly name: string }

/** Every ConfigMap and Secret a pod's spec names, each once. */
export function references(pod: Pod): Reference[] {
  const namespace = pod.metadata.namespace!
  const found = new Map<string, Reference>()
  const add = (kind: Reference['kind'], name: string | undefined): void => {
    if (name) found.set(`${kind}/${name}`, { kind, namespace, name })
  }
  for (const { configMap, secret, projected } of pod.spec.volumes ?? []) {
    add('configMap', configMap?.name)
    add('secret', secret?.secretName)
    for (const source of projected?.sources ?? []) {
      add('configMap', source.configMap?.name)
      add('secret', source.secret?.name)
    }
  }
  for (const { env = [], envFrom = [] } of [...(pod.spec.initContainers ?? []), ...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])]) {
    for (const { valueFrom } of env) {
      add('configMap', valueFrom?.configMapKeyRef?.name)
      add('secret', valueFrom?.secretKeyRef?.name)
    }
    for (const { configMapRef, secretRef } of envFrom) {
      add('configMap', configMapRef?.name)
      add('secret', secretRef?.name)
    }
  }
  for (const { name } of pod.spec.imagePullSecrets ?? []) add('secret', name)
  return [...found.values()]
}
