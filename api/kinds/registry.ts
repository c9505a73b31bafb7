import { mutatingAdmissionPolicies, mutatingAdmissionPolicyBindings } from './admissionregistration-v1/mutating-policies.ts'
import { validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from './admissionregistration-v1/validating-policies.ts'
import { mutatingWebhookConfigurations, validatingWebhookConfigurations } from './admissionregistration-v1/webhooks.ts'
import { customResourceDefinitions } from './apiextensions-v1/custom-resource-definition.ts'
import { apiServices } from './apiregistration-v1/api-service.ts'
import { controllerRevisions } from './apps-v1/controller-revision.ts'
import { daemonSets } from './apps-v1/daemon-set.ts'
import { deployments } from './apps-v1/deployment.ts'
import { replicaSets } from './apps-v1/replica-set.ts'
import { statefulSets } from './apps-v1/stateful-set.ts'
import { selfSubjectReviews, tokenReviews } from './authentication-v1/reviews.ts'
import { localSubjectAccessReviews, selfSubjectAccessReviews, selfSubjectRulesReviews, subjectAccessReviews } from './authorization-v1/reviews.ts'
import { horizontalPodAutoscalersV1 } from './autoscaling-v1/horizontal-pod-autoscaler.ts'
import { horizontalPodAutoscalers } from './autoscaling-v2/horizontal-pod-autoscaler.ts'
import { cronJobs } from './batch-v1/cron-job.ts'
import { jobs } from './batch-v1/job.ts'
import { certificateSigningRequests } from './certificates-v1/certificate-signing-request.ts'
import { leases } from './coordination-v1/lease.ts'
import { bindings } from './core-v1/binding.ts'
import { componentStatuses } from './core-v1/component-status.ts'
import { configMaps } from './core-v1/config-map.ts'
import { endpoints } from './core-v1/endpoints.ts'
import { events } from './core-v1/event.ts'
import { limitRanges } from './core-v1/limit-range.ts'
import { namespaces } from './core-v1/namespace.ts'
import { nodes } from './core-v1/node.ts'
import { persistentVolumeClaims } from './core-v1/persistent-volume-claim.ts'
import { persistentVolumes } from './core-v1/persistent-volume.ts'
import { podTemplates } from './core-v1/pod-template.ts'
import { pods } from './core-v1/pod.ts'
import { replicationControllers } from './core-v1/replication-controller.ts'
import { resourceQuotas } from './core-v1/resource-quota.ts'
import { secrets } from './core-v1/secret.ts'
import { serviceAccounts } from './core-v1/service-account.ts'
import { services } from './core-v1/service.ts'
import { endpointSlices } from './discovery-v1/endpoint-slice.ts'
import { eventsV1 } from './events-v1/event.ts'
import { flowSchemas } from './flowcontrol-v1/flow-schema.ts'
import { priorityLevelConfigurations } from './flowcontrol-v1/priority-level-configuration.ts'
import type { Kind } from './kind.ts'
import { ingressClasses } from './networking-v1/ingress-class.ts'
import { ingresses } from './networking-v1/ingress.ts'
import { ipAddresses } from './networking-v1/ip-address.ts'
import { networkPolicies } from './networking-v1/network-policy.ts'
import { serviceCIDRs } from './networking-v1/service-cidr.ts'
import { runtimeClasses } from './node-v1/runtime-class.ts'
import { olderKinds } from './older/older-kinds.ts'
import { podDisruptionBudgets } from './policy-v1/pod-disruption-budget.ts'
import { clusterRoleBindings, roleBindings } from './rbac-v1/bindings.ts'
import { clusterRoles, roles } from './rbac-v1/roles.ts'
import { resourceClaims, resourceClaimTemplates } from './resource-v1/claims.ts'
import { deviceClasses } from './resource-v1/device-class.ts'
import { resourceSlices } from './resource-v1/resource-slice.ts'
import { priorityClasses } from './scheduling-v1/priority-class.ts'
import { csiDrivers } from './storage-v1/csi-driver.ts'
import { csiNodes } from './storage-v1/csi-node.ts'
import { csiStorageCapacities } from './storage-v1/csi-storage-capacity.ts'
import { storageClasses } from './storage-v1/storage-class.ts'
import { volumeAttachments } from './storage-v1/volume-attachment.ts'
import { volumeAttributesClasses } from './storage-v1/volume-attributes-class.ts'

/** Every kind that is compiled in, in the order of discovery: the core group first, then groups and resources by name; older versions after all stable ones. */
export const builtinKinds: readonly Kind[] = Object.freeze([
  bindings, componentStatuses, configMaps, endpoints, events, limitRanges, namespaces, nodes, persistentVolumeClaims, persistentVolumes, podTemplates, pods,
  replicationControllers, resourceQuotas, secrets, serviceAccounts, services,
  mutatingAdmissionPolicies, mutatingAdmissionPolicyBindings, mutatingWebhookConfigurations, validatingAdmissionPolicies, validatingAdmissionPolicyBindings, validatingWebhookConfigurations,
  customResourceDefinitions,
  apiServices,
  controllerRevisions, daemonSets, deployments, replicaSets, statefulSets,
  selfSubjectReviews, tokenReviews,
  localSubjectAccessReviews, selfSubjectAccessReviews, selfSubjectRulesReviews, subjectAccessReviews,
  horizontalPodAutoscalers, horizontalPodAutoscalersV1,
  cronJobs, jobs,
  certificateSigningRequests,
  leases,
  endpointSlices,
  eventsV1,
  flowSchemas, priorityLevelConfigurations,
  ingressClasses, ingresses, ipAddresses, networkPolicies, serviceCIDRs,
  runtimeClasses,
  podDisruptionBudgets,
  clusterRoleBindings, clusterRoles, roleBindings, roles,
  deviceClasses, resourceClaims, resourceClaimTemplates, resourceSlices,
  priorityClasses,
  csiDrivers, csiNodes, csiStorageCapacities, storageClasses, volumeAttachments, volumeAttributesClasses,
  ...olderKinds,
])

/** The kind of an `apiVersion` and `kind` pair; undefined when it is not built in. */
export const findKind = (group: string, version: string, kind: string): Kind | undefined =>
  builtinKinds.find((candidate) => candidate.kind === kind && candidate.group === group && candidate.version === version)

/** The kind behind a URL's group, version and plural resource name. */
export const findResource = (group: string, version: string, resource: string): Kind | undefined =>
  builtinKinds.find((candidate) => candidate.resource === resource && candidate.group === group && candidate.version === version)
