import { RuntimeClass } from '../../types/node-v1beta1.ts'
import { Lease } from '../../types/coordination-v1beta1.ts'
import { CronJob } from '../../types/batch-v1beta1.ts'
import { Event } from '../../types/events-v1beta1.ts'
import * as networking from '../../types/networking-v1beta1.ts'
import * as rbac from '../../types/rbac-v1beta1.ts'
import { PriorityClass } from '../../types/scheduling-v1beta1.ts'
import * as storage from '../../types/storage-v1beta1.ts'
import { cronJobs } from '../batch-v1/cron-job.ts'
import { leases } from '../coordination-v1/lease.ts'
import { eventsV1 } from '../events-v1/event.ts'
import type { Kind } from '../kind.ts'
import { ingressClasses } from '../networking-v1/ingress-class.ts'
import { ingresses } from '../networking-v1/ingress.ts'
import { ipAddresses } from '../networking-v1/ip-address.ts'
import { serviceCIDRs } from '../networking-v1/service-cidr.ts'
import { runtimeClasses } from '../node-v1/runtime-class.ts'
import { clusterRoleBindings, roleBindings } from '../rbac-v1/bindings.ts'
import { clusterRoles, roles } from '../rbac-v1/roles.ts'
import { priorityClasses } from '../scheduling-v1/priority-class.ts'
import { csiDrivers } from '../storage-v1/csi-driver.ts'
import { csiNodes } from '../storage-v1/csi-node.ts'
import { csiStorageCapacities } from '../storage-v1/csi-storage-capacity.ts'
import { storageClasses } from '../storage-v1/storage-class.ts'
import { volumeAttachments } from '../storage-v1/volume-attachment.ts'
import { volumeAttributesClasses } from '../storage-v1/volume-attributes-class.ts'
import type { StructSchema } from '../../schema/schema.ts'
import { defaultPathTypes, ingressForm } from './ingress-form.ts'
import { deprecation, olderVersion } from './older-version.ts'
import type { OlderVersion } from './older-version.ts'

/** A `v1beta1` of the form of `v1`: since and until which minor versions, and whether the successor is named. */
function beta(stable: Kind, schema: StructSchema, since: number, until: number, more: Partial<OlderVersion> & { readonly successor?: string | undefined } = { successor: stable.kind }): Kind {
  const { successor = 'successor' in more ? undefined : stable.kind, ...rest } = more
  return olderVersion(stable, {
    version: 'v1beta1', schema, ...rest,
    deprecated: deprecation(`${stable.group}/v1beta1 ${stable.kind}`, since, until, successor && `${stable.group}/v1 ${successor}`),
  })
}

const noSuccessor = { successor: undefined }

/** First versions that were right already, or nearly so. */
export const olderSame: readonly Kind[] = Object.freeze([
  beta(cronJobs, CronJob, 21, 25),
  beta(leases, Lease, 19, 22),
  beta(eventsV1, Event, 22, 25, noSuccessor),
  // The original names the list as the successor, by mistake.
  beta(ingressClasses, networking.IngressClass, 19, 22, { successor: 'IngressClassList' }),
  beta(ingresses, networking.Ingress, 19, 22, { convert: ingressForm, default: defaultPathTypes }),
  beta(ipAddresses, networking.IPAddress, 34, 37, noSuccessor),
  beta(serviceCIDRs, networking.ServiceCIDR, 34, 37, noSuccessor),
  beta(runtimeClasses, RuntimeClass, 22, 25, noSuccessor),
  beta(clusterRoleBindings, rbac.ClusterRoleBinding, 17, 22),
  beta(clusterRoles, rbac.ClusterRole, 17, 22),
  beta(roleBindings, rbac.RoleBinding, 17, 22),
  beta(roles, rbac.Role, 17, 22),
  beta(priorityClasses, PriorityClass, 14, 22),
  beta(csiDrivers, storage.CSIDriver, 19, 22),
  beta(csiNodes, storage.CSINode, 17, 22),
  beta(csiStorageCapacities, storage.CSIStorageCapacity, 24, 27),
  beta(storageClasses, storage.StorageClass, 19, 22),
  beta(volumeAttachments, storage.VolumeAttachment, 19, 22),
  beta(volumeAttributesClasses, storage.VolumeAttributesClass, 34, 37),
])
