import { createHash } from 'node:crypto'
import type { Container } from '../../api/types/core-v1/container.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { ContainerView, PodView } from './view.ts'

export type ContainerKind = 'init' | 'app' | 'ephemeral'

/** A container of the spec with its place in it. Ephemeral containers have the same fields as the others. */
export interface SpecContainer {
  readonly kind: ContainerKind
  readonly spec: Container
  /** An init container that keeps running beside the others (restartPolicy: Always). */
  readonly sidecar: boolean
}

/** In the order in which they start. */
export function specContainers(pod: Pod): SpecContainer[] {
  const of = (kind: ContainerKind) => (spec: Container): SpecContainer => ({ kind, spec, sidecar: kind === 'init' && spec.restartPolicy === 'Always' })
  return [
    ...(pod.spec.initContainers ?? []).map(of('init')),
    ...(pod.spec.ephemeralContainers ?? []).map(of('ephemeral')),
    ...pod.spec.containers.map(of('app')),
  ]
}

export const findContainer = (pod: Pod, name: string): SpecContainer | undefined => specContainers(pod).find(({ spec }) => spec.name === name)

/** Changes when the container must be made anew; as in the original, only name and image count. */
export const containerHash = (container: Container): string =>
  createHash('sha256').update(JSON.stringify([container.name, container.image])).digest('hex').slice(0, 8)

/** The newest container of that name, in the newest sandbox or any older one. */
export const newestOf = (view: PodView, name: string): ContainerView | undefined => view.containers.find((container) => container.name === name)

/** `Always`, `OnFailure` or `Never`, for one container. */
export const restartPolicyOf = (pod: Pod, container: SpecContainer): string =>
  container.kind === 'ephemeral' ? 'Never'
    : container.spec.restartPolicy ?? (container.kind === 'init' && pod.spec.restartPolicy === 'Always' ? 'OnFailure' : pod.spec.restartPolicy ?? 'Always')

/** Whether a container that has ended is to be started again. */
export function restarts(pod: Pod, container: SpecContainer, ended: Pick<ContainerView, 'exitCode'>): boolean {
  const rule = container.spec.restartPolicyRules?.find(({ exitCodes }) => {
    const listed = exitCodes?.values?.includes(ended.exitCode) ?? false
    return exitCodes?.operator === 'NotIn' ? !listed : listed
  })
  if (rule?.action === 'Restart') return true
  const policy = restartPolicyOf(pod, container)
  return policy === 'Always' || (policy === 'OnFailure' && ended.exitCode !== 0)
}

/** `web-0_default(3f2b…)`, as Events and messages name a pod. */
export const podLabel = (pod: Pod): string => `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`

export const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined

/** Seconds, whichever of a deletion's and the spec's is in force. */
export const gracePeriodOf = (pod: Pod): number => pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30
