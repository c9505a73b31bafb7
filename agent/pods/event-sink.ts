import type { Recorder } from '../../api/client/recorder.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { ContainerKind } from './containers.ts'

/** Events about pods and their containers. */
export interface PodEvents {
  pod(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): void
  /** Names the container in `involvedObject.fieldPath`: `spec.containers{web}`. */
  container(pod: Pod, container: { readonly kind: ContainerKind; readonly name: string }, type: 'Normal' | 'Warning', reason: string, message: string): void
}

const paths: Readonly<Record<ContainerKind, string>> = { init: 'initContainers', app: 'containers', ephemeral: 'ephemeralContainers' }

export function createPodEvents(recorder: Recorder): PodEvents {
  const reference = (pod: Pod) => ({
    kind: 'Pod', apiVersion: 'v1', name: pod.metadata.name, namespace: pod.metadata.namespace ?? 'default',
    ...(pod.metadata.uid && { uid: pod.metadata.uid }), ...(pod.metadata.resourceVersion && { resourceVersion: pod.metadata.resourceVersion }),
  })
  return {
    pod: (pod, type, reason, message) => recorder.event(reference(pod), type, reason, message),
    container: (pod, { kind, name }, type, reason, message) =>
      recorder.event({ ...reference(pod), fieldPath: `spec.${paths[kind]}{${name}}` }, type, reason, message),
  }
}
