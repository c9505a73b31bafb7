import type { Draft } from '../../../api/client/client.ts'
import type { OwnerReference } from '../../../api/types/meta-v1/meta.ts'
import type { Pod, PodTemplateSpec } from '../../../api/types/core-v1/pod.ts'

/** The pod a replica controller makes of its template; the server draws the rest of the name. */
export function podFromTemplate(template: PodTemplateSpec, owner: OwnerReference, namespace: string): Draft<Pod> {
  const { labels, annotations, finalizers } = template.metadata ?? {}
  return {
    metadata: {
      generateName: `${owner.name}-`, namespace, ownerReferences: [owner],
      ...(labels && { labels: { ...labels } }), ...(annotations && { annotations: { ...annotations } }), ...(finalizers && { finalizers: [...finalizers] }),
    },
    spec: template.spec,
  }
}
