import type { Container, EphemeralContainer } from '../types/core-v1/container.ts'
import type { PodSpec, PodTemplateSpec } from '../types/core-v1/pod.ts'
import type { ContainerStatus, PodStatus } from '../types/core-v1/pod-status.ts'
import { allContainers } from './validation/each-container.ts'

/*
 * Fields that 1.36 declares and, unless a feature gate is set, does not use: they fall away silently, except where the
 * stored object has them already. ContainerStopSignals, ClusterTrustBundleProjection, PodCertificateRequest,
 * GenericWorkload and ImageVolumeWithDigest are off in 1.36.
 */

/** Of a pod's spec, in place; `old` is the stored one. */
export function dropDisabledFields(spec: PodSpec, old?: PodSpec): void {
  if (spec.schedulingGroup && !old?.schedulingGroup) delete spec.schedulingGroup
  for (const list of [spec.containers, spec.initContainers, spec.ephemeralContainers]) {
    if (list?.some(stopsWith) && !(old && allContainers(old).some(stopsWith))) for (const container of list) dropStopSignal(container)
  }
  for (const source of ['clusterTrustBundle', 'podCertificate'] as const) if (spec.volumes && uses(spec, source) && !(old && uses(old, source))) dropProjection(spec, source)
}

const stopsWith = ({ lifecycle }: Container | EphemeralContainer): boolean => lifecycle?.stopSignal !== undefined

function dropStopSignal(container: Container | EphemeralContainer): void {
  if (!container.lifecycle) return
  delete container.lifecycle.stopSignal
  if (!container.lifecycle.postStart && !container.lifecycle.preStop) delete container.lifecycle
}

const uses = ({ volumes }: PodSpec, name: 'clusterTrustBundle' | 'podCertificate'): boolean => volumes?.some(({ projected }) => projected?.sources?.some((source) => source[name])) ?? false

function dropProjection({ volumes }: PodSpec, name: 'clusterTrustBundle' | 'podCertificate'): void {
  for (const { projected } of volumes ?? []) for (const source of projected?.sources ?? []) delete source[name]
}

/** The same for the template of a workload, wherever it stands; absent ones are none. */
export function dropDisabledTemplateFields(template: PodTemplateSpec | undefined, old: PodTemplateSpec | undefined): void {
  if (template?.spec) dropDisabledFields(template.spec, old?.spec)
}

/** What an agent may not report. */
export function dropDisabledStatusFields(status: PodStatus): void {
  for (const list of [status.containerStatuses, status.initContainerStatuses, status.ephemeralContainerStatuses]) list?.forEach(dropVolumeStatus)
}

function dropVolumeStatus({ volumeMounts }: ContainerStatus): void {
  for (const mount of volumeMounts ?? []) delete mount.volumeStatus
}
