import type { OwnerReference } from '../../../api/types/meta-v1/meta.ts'
import type { Tools } from '../tools.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { refuse } from './refuse.ts'

/**
 * Who says that an object belongs to another decides when it goes: of one that is there only who may delete it may say so, and
 * only who may change an owner's finalizers may hold that one back.
 */
export const ownerReferencesPermissionEnforcement: AdmissionPlugin = {
  name: 'OwnerReferencesPermissionEnforcement', optIn: true,
  validate(request, tools) {
    const { kind, operation, subresource, object, old } = request
    // Agents of old spoil the references in status writes; those change none anyway.
    if ((operation !== 'create' && operation !== 'update') || (kind.resource === 'pods' && subresource === 'status')) return
    const now: readonly OwnerReference[] = object?.metadata?.ownerReferences ?? [], before = old?.metadata.ownerReferences ?? []
    if (JSON.stringify(now) === JSON.stringify(before)) return
    return check(request, tools, newlyBlocking(now, before), operation === 'update')
  },
}

function newlyBlocking(now: readonly OwnerReference[], before: readonly OwnerReference[]): OwnerReference[] {
  const blocked = new Set(before.filter(({ blockOwnerDeletion }) => blockOwnerDeletion).map(({ uid }) => uid))
  return now.filter(({ blockOwnerDeletion, uid }) => blockOwnerDeletion && !blocked.has(uid))
}

async function check(request: AdmissionRequest, { authorizer, kinds }: Tools, blocking: readonly OwnerReference[], isChange: boolean): Promise<void> {
  const { kind, user, namespace, name, subresource } = request
  const attributes = { user, isResource: true, path: '', namespace }
  if (isChange) {
    const { verdict, reason = '' } = await authorizer.authorize({ ...attributes, verb: 'delete', group: kind.group, version: kind.version, resource: kind.resource, subresource, name })
    if (verdict !== 'allow') throw refuse(request, `cannot set an ownerRef on a resource you can't delete: ${reason}, <nil>`)
  }
  for (const { apiVersion, kind: owner, name: ownerName } of blocking) {
    const slash = apiVersion.lastIndexOf('/')
    const group = apiVersion.slice(0, Math.max(slash, 0)), version = apiVersion.slice(slash + 1)
    const found = kinds.byKind(group, version, owner)
    if (!found) throw refuse(request, `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${apiVersion} Kind ${owner}: no matches for kind ${JSON.stringify(owner)} in version ${JSON.stringify(apiVersion)}`)
    const { verdict, reason = '' } = await authorizer.authorize({ ...attributes, namespace: found.namespaced ? namespace : '', verb: 'update', group, version, resource: found.resource, subresource: 'finalizers', name: ownerName })
    if (verdict !== 'allow') throw refuse(request, `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${reason}, <nil>`)
  }
}
