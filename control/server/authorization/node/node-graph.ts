import { persistentVolumes } from '../../../../api/kinds/core-v1/persistent-volume.ts'
import { pods } from '../../../../api/kinds/core-v1/pod.ts'
import type { Kind } from '../../../../api/kinds/kind.ts'
import { volumeAttachments } from '../../../../api/kinds/storage-v1/volume-attachment.ts'
import { findResource } from '../../../../api/kinds/registry.ts'
import type { PersistentVolume } from '../../../../api/types/core-v1/persistent-volume.ts'
import type { Pod } from '../../../../api/types/core-v1/pod.ts'
import type { Tools } from '../../tools.ts'
import { podReferences } from './pod-references.ts'
import type { PodReferences } from './pod-references.ts'
import { volumeSecrets } from './volume-secrets.ts'

/**
 * What belongs to which node: a pod to the node it was given; what the pod mentions to the same node; a volume to the nodes
 * of its claim, and the secrets a volume needs likewise. Kept up with every write, so that a question is a look-up.
 */
export interface NodeGraph {
  /** Resolves once all pods and volumes are known. */
  load(): Promise<void>
  isRelated(node: string, resource: RelatedResource, namespace: string, name: string): boolean
}

export type RelatedResource = 'pods' | 'persistentvolumes' | 'volumeattachments' | 'resourceslices' | keyof typeof mentioned

/** What pods mention, by the name of the resource. */
const mentioned = {
  secrets: 'secrets', configmaps: 'configMaps', persistentvolumeclaims: 'persistentVolumeClaims', serviceaccounts: 'serviceAccounts', resourceclaims: 'resourceClaims',
} as const satisfies Record<string, keyof PodReferences>

export const isMirrorPod = ({ metadata }: Pick<Pod, 'metadata'>): boolean => metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined

export function createNodeGraph({ resources }: Pick<Tools, 'resources'>): NodeGraph {
  const resourceSlices = findResource('resource.k8s.io', 'v1', 'resourceslices')
  const uses = new Counts()
  /** Volumes by the secret they need. */
  const needs = new Counts()
  const count = (pod: Pod, step: 1 | -1): void => {
    const node = pod.spec.nodeName
    // A node could make itself a mirror pod that mentions what it wants to see.
    if (!node || isMirrorPod(pod)) return
    const references = podReferences(pod)
    for (const [resource, key] of Object.entries(mentioned)) for (const name of references[key]) uses.add(`${resource}/${pod.metadata.namespace!}/${name}`, node, step)
  }
  let loading: Promise<void> | undefined
  const load = (): Promise<void> => loading ??= (async () => {
    resources.cache(pods).observe((current, previous) => {
      const [now, before] = [current?.object as Pod | undefined, previous?.object as Pod | undefined]
      if (now && before && sameReferences(now, before)) return
      if (before) count(before, -1)
      if (now) count(now, 1)
    })
    resources.cache(persistentVolumes).observe((current, previous) => {
      if (previous) for (const secret of volumeSecrets(previous.object as PersistentVolume)) needs.add(secret, previous.object.metadata.name, -1)
      if (current) for (const secret of volumeSecrets(current.object as PersistentVolume)) needs.add(secret, current.object.metadata.name, 1)
    })
    await Promise.all([pods, persistentVolumes, volumeAttachments, ...(resourceSlices ? [resourceSlices] : [])].map((kind) => resources.cache(kind).ready()))
  })()

  const peek = (kind: Kind, namespace: string, name: string): any => resources.cache(kind).peek(resources.key(kind, namespace, name))?.object
  const volumeIsOf = (node: string, name: string): boolean => {
    const claim = (peek(persistentVolumes, '', name) as PersistentVolume | undefined)?.spec.claimRef
    return claim !== undefined && uses.has(`persistentvolumeclaims/${claim.namespace}/${claim.name}`, node)
  }
  return {
    load,
    isRelated(node, resource, namespace, name) {
      if (resource === 'pods') return peek(pods, namespace, name)?.spec.nodeName === node
      if (resource === 'volumeattachments') return peek(volumeAttachments, '', name)?.spec.nodeName === node
      if (resource === 'resourceslices') return resourceSlices !== undefined && peek(resourceSlices, '', name)?.spec.nodeName === node
      if (resource === 'persistentvolumes') return volumeIsOf(node, name)
      if (uses.has(`${resource}/${namespace}/${name}`, node)) return true
      return resource === 'secrets' && needs.of(`${namespace}/${name}`).some((volume) => volumeIsOf(node, volume))
    },
  }
}

/** Most writes of a pod are of its status, which brings the spec along as it was. */
const sameReferences = (now: Pod, before: Pod): boolean =>
  now.spec === before.spec && now.metadata.annotations === before.metadata.annotations
  && now.status?.resourceClaimStatuses === before.status?.resourceClaimStatuses && now.status?.extendedResourceClaimStatus === before.status?.extendedResourceClaimStatus

/** How often a thing is tied to others; those at nought are forgotten. */
class Counts {
  readonly #counts = new Map<string, Map<string, number>>()

  add(thing: string, other: string, step: 1 | -1): void {
    let others = this.#counts.get(thing)
    if (!others) this.#counts.set(thing, others = new Map())
    const count = (others.get(other) ?? 0) + step
    if (count > 0) others.set(other, count)
    else others.delete(other)
    if (others.size === 0) this.#counts.delete(thing)
  }

  has(thing: string, other: string): boolean { return this.#counts.get(thing)?.has(other) ?? false }
  of(thing: string): string[] { return [...this.#counts.get(thing)?.keys() ?? []] }
}
