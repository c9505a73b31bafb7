import { badRequest, forbidden, notFound } from '../../../api/errors.ts'
import type { ApiError } from '../../../api/errors.ts'
import { openCertificateRequest } from '../../../api/kinds/certificates-v1/request.ts'
import { nodes } from '../../../api/kinds/core-v1/node.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import { semanticEqual } from '../../../api/kinds/validation/equal.ts'
import type { TokenRequest } from '../../../api/types/authentication-v1.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import type { PersistentVolumeClaim } from '../../../api/types/core-v1/persistent-volume.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import { isMirrorPod } from '../authorization/node/node-graph.ts'
import { nodeOf } from '../authorization/node/node-identity.ts'
import { forbiddenChanges } from '../authorization/node/node-labels.ts'
import { podReferences } from '../authorization/node/pod-references.ts'
import type { Tools } from '../tools.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { wrongAudience } from './node-audience.ts'

/** What an agent wants changed, and on which node it runs. */
interface Asked { readonly node: string; readonly request: AdmissionRequest; readonly tools: Tools }
/** What is wrong with it, as the end of a sentence. */
type Check = (asked: Asked) => string | undefined | Promise<string | undefined>

/**
 * An agent changes its own node, the pods on it, its lease, and nothing else. Where the Node authorizer decides by names this looks into the
 * objects: a node that fell into wrong hands can neither draw workloads to itself nor read what belongs to others.
 */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  admit(request, tools) {
    const node = nodeOf(request.user)
    if (node === undefined) return
    if (node === '') throw refusal(request, `could not determine node from user ${JSON.stringify(request.user.name)}`)
    const { kind } = request
    const check = checks.get(`${kind.group}/${kind.resource}`)
    if (!check) return
    const found = check({ node, request, tools })
    if (found instanceof Promise) return found.then((wrong) => refuse(request, wrong))
    refuse(request, found)
  },
}

function refuse(request: AdmissionRequest, wrong: string | undefined): void {
  if (wrong) throw refusal(request, wrong)
}

const refusal = ({ kind, name }: AdmissionRequest, why: string): ApiError => forbidden(kind, name, why)
const quote = JSON.stringify

const pod: Check = (asked) => {
  const { subresource } = asked.request
  if (subresource === '') return wholePod(asked)
  if (subresource === 'status') return podStatus(asked)
  if (subresource === 'eviction') return eviction(asked)
  return `unexpected pod subresource ${quote(subresource)}, only 'status' and 'eviction' are allowed`
}

const wholePod: Check = async (asked) => {
  const { node, request } = asked
  if (request.operation === 'create') return mirrorPod(asked)
  if (request.operation !== 'delete') return `unexpected operation ${quote(request.operation.toUpperCase())}, node ${quote(node)} can only create and delete mirror pods`
  const existing = await podOf(asked, request.name)
  return existing.spec.nodeName === node ? undefined : `node ${quote(node)} can only delete pods with spec.nodeName set to itself`
}

/** The image of a static pod: of the node's own, and with nothing in it that the API keeps. */
async function mirrorPod({ node, request, tools }: Asked): Promise<string | undefined> {
  const made: Pod = request.object
  const who = `node ${quote(node)}`
  if (!isMirrorPod(made)) return `pod does not have "kubernetes.io/config.mirror" annotation, ${who} can only create mirror pods`
  if (made.spec.nodeName !== node) return `${who} can only create pods with spec.nodeName set to itself`
  const [owner, ...more] = made.metadata.ownerReferences ?? []
  if (more.length > 0) return `${who} can only create pods with a single owner reference set to itself`
  if (!owner || owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) return `${who} can only create pods with an owner reference set to itself`
  if (!owner.controller) return `${who} can only create pods with a controller owner reference set to itself`
  if (owner.blockOwnerDeletion) return `${who} must not set blockOwnerDeletion on an owner reference`
  const own = (await tools.resources.cache(nodes).get(tools.resources.key(nodes, '', node)))?.object
  if (!own) throw notFound(nodes, node)
  if (owner.uid !== own.metadata.uid) return `node ${node} UID mismatch: expected ${owner.uid} got ${own.metadata.uid}`
  const { serviceAccounts, secrets, configMaps, persistentVolumeClaims } = podReferences(made)
  const mentioned = serviceAccounts.size > 0 ? 'a service account' : secrets.size > 0 ? 'secrets' : configMaps.size > 0 ? 'configmaps'
    : made.spec.volumes?.some(({ projected }) => projected?.sources?.some((source) => source.clusterTrustBundle)) ? 'clustertrustbundles'
      : persistentVolumeClaims.size > 0 ? 'persistentvolumeclaims' : undefined
  return mentioned && `${who} can not create pods that reference ${mentioned}`
}

const podStatus: Check = ({ node, request }) => {
  const { operation, object, old } = request
  if (operation !== 'update') return `unexpected operation ${quote(operation.toUpperCase())}`
  const [now, before] = [object as Pod, old as Pod]
  if (before.spec.nodeName !== node) return `node ${quote(node)} can only update pod status for pods with spec.nodeName set to itself`
  if (!semanticEqual(now.metadata.labels ?? {}, before.metadata.labels ?? {})) return `node ${quote(node)} cannot update labels through pod status`
  if (!semanticEqual(now.status?.resourceClaimStatuses, before.status?.resourceClaimStatuses)) return `node ${quote(node)} cannot update resource claim statues`
  if (!semanticEqual(now.status?.extendedResourceClaimStatus, before.status?.extendedResourceClaimStatus)) return `node ${quote(node)} cannot update extended resource claim status`
  return undefined
}

const eviction: Check = async (asked) => {
  const { node, request } = asked
  if (request.operation !== 'create') return `unexpected operation ${request.operation.toUpperCase()}`
  const existing = await podOf(asked, request.name || request.object?.metadata?.name)
  return existing.spec.nodeName === node ? undefined : `node ${node} can only evict pods with spec.nodeName set to itself`
}

async function podOf({ request, tools }: Asked, name: string | undefined): Promise<Pod> {
  if (!name) throw badRequest('could not determine pod from request data')
  const entry = await tools.resources.cache(pods).get(tools.resources.key(pods, request.namespace, name))
  if (!entry) throw notFound(pods, name)
  return entry.object as Pod
}

const ownNode: Check = ({ node, request }) => {
  const { operation, name, object, old } = request
  const requested = name || object?.metadata?.name
  if (requested !== node) return `node ${quote(node)} is not allowed to modify node ${quote(requested ?? '')}`
  const [now, before] = [object as Node, old as Node | undefined]
  if (operation === 'create') {
    if (now.spec?.configSource) return `node ${quote(node)} is not allowed to create pods with a non-nil configSource`
    const labels = forbiddenChanges(now.metadata.labels, {})
    return labels.length > 0 ? `node ${quote(node)} is not allowed to set the following labels: ${labels.join(', ')}` : undefined
  }
  if (operation !== 'update') return undefined
  if (now.spec?.configSource && !semanticEqual(now.spec.configSource, before?.spec?.configSource)) return `node ${quote(node)} is not allowed to update configSource to a new non-nil configSource`
  if (!semanticEqual(now.spec?.taints, before?.spec?.taints)) return `node ${quote(node)} is not allowed to modify taints`
  const labels = forbiddenChanges(now.metadata.labels, before?.metadata.labels)
  return labels.length > 0 ? `is not allowed to modify labels: ${labels.join(', ')}` : undefined
}

const claimStatus: Check = ({ node, request }) => {
  const { subresource, operation, object, old } = request
  if (subresource !== 'status') return 'may only update PVC status'
  if (operation !== 'update') return `unexpected operation ${quote(operation.toUpperCase())}`
  const rest = ({ metadata: { resourceVersion: _version, managedFields: _managed, ...metadata }, spec, status = {} }: PersistentVolumeClaim) => {
    const { capacity: _capacity, conditions: _conditions, allocatedResourceStatuses: _statuses, allocatedResources: _resources, ...others } = status
    return { metadata, spec, status: others }
  }
  return semanticEqual(rest(object), rest(old as PersistentVolumeClaim)) ? undefined : `node ${quote(node)} is not allowed to update fields other than status.quantity and status.conditions`
}

/** A token for a pod on this node, and for that pod only. */
const token: Check = async (asked) => {
  const { node, request } = asked
  if (request.operation !== 'create' || request.subresource !== 'token') return undefined
  const reference = (request.object as TokenRequest).spec.boundObjectRef
  if (!reference?.name || reference.apiVersion !== 'v1' || reference.kind !== 'Pod') return 'node requested token not bound to a pod'
  if (!reference.uid) return 'node requested token with a pod binding without a uid'
  const bound = await podOf(asked, reference.name)
  if (reference.uid !== bound.metadata.uid) return `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`
  if (bound.spec.nodeName !== node) return 'node requested token bound to a pod scheduled on a different node'
  return wrongAudience(asked.tools, (request.object as TokenRequest).spec.audiences ?? [], { pod: bound, account: request.name, user: request.user })
}

const nameOf = ({ operation, object, name }: AdmissionRequest): string => (operation === 'create' ? object.metadata.name : name)

const lease: Check = ({ node, request }) => {
  if (request.namespace !== 'kube-node-lease') return 'can only access leases in the "kube-node-lease" system namespace'
  return nameOf(request) === node ? undefined : 'can only access node lease with the same name as the requesting node'
}

const csiNode: Check = ({ node, request }) => (nameOf(request) === node ? undefined : 'can only access CSINode with the same name as the requesting node')

const slice: Check = ({ node, request: { operation, object, old } }) => {
  if (operation !== 'create' && operation !== 'delete') return undefined
  const { nodeName } = (operation === 'create' ? object : old).spec
  return nodeName === node ? undefined : `can only ${operation} ResourceSlice with the same NodeName as the requesting node`
}

/** A node asks for certificates in its own name only. */
const signingRequest: Check = ({ node, request: { operation, object } }) => {
  if (operation !== 'create' || !['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet'].includes(object.spec.signerName)) return undefined
  try {
    const { commonName } = openCertificateRequest(object.spec.request)
    return commonName === `system:node:${node}` ? undefined : `can only create a node CSR with CN=system:node:${node}`
  } catch (error) {
    return `unable to parse csr: ${error instanceof Error ? error.message : String(error)}`
  }
}

const checks: ReadonlyMap<string, Check> = new Map([
  ['/pods', pod], ['/nodes', ownNode], ['/persistentvolumeclaims', claimStatus], ['/serviceaccounts', token], ['coordination.k8s.io/leases', lease],
  ['storage.k8s.io/csinodes', csiNode], ['resource.k8s.io/resourceslices', slice], ['certificates.k8s.io/certificatesigningrequests', signingRequest],
])
