import { isAlreadyExists, isNotFound } from '../../../../api/errors.ts'
import { apiVersionOf } from '../../../../api/kinds/kind.ts'
import type { Kind } from '../../../../api/kinds/kind.ts'
import { clusterRoleBindings, roleBindings } from '../../../../api/kinds/rbac-v1/bindings.ts'
import { clusterRoles, roles } from '../../../../api/kinds/rbac-v1/roles.ts'
import type { KubeObject } from '../../../../api/object.ts'
import { systemMaster } from '../../../../api/transport.ts'
import type { ServerPart } from '../../parts.ts'
import type { Tools } from '../../tools.ts'
import { createObject } from '../../verbs/create-object.ts'
import { deleteObject } from '../../verbs/delete-object.ts'
import { updateObject } from '../../verbs/update-object.ts'
import { bootstrapPolicy } from './policy.ts'
import { mendBinding, mendRole } from './reconcile.ts'
import type { Mend } from './reconcile.ts'

/**
 * Makes the default roles and bindings, and gives back to those that are there what they have lost since or lack after an upgrade. All at
 * once, so that a new cluster's hundred and fifty writes share a few commits; where nothing is missing, nothing is written.
 */
export const bootstrapRoles: ServerPart = {
  name: 'rbac/bootstrap-roles',
  async start(tools) {
    const kinds = [clusterRoles, clusterRoleBindings, roles, roleBindings]
    await Promise.all(kinds.map((kind) => tools.resources.cache(kind).ready()))
    const policy = bootstrapPolicy()
    await Promise.all([
      ...policy.clusterRoles.map((wanted) => ensure(tools, clusterRoles, wanted, mendRole)),
      ...policy.clusterRoleBindings.map((wanted) => ensure(tools, clusterRoleBindings, wanted, mendBinding)),
      ...policy.roles.map((wanted) => ensure(tools, roles, wanted, mendRole)),
      ...policy.roleBindings.map((wanted) => ensure(tools, roleBindings, wanted, mendBinding)),
    ])
  },
}

interface Wanted { readonly metadata: { readonly name: string; readonly namespace?: string } }

async function ensure<W extends Wanted>(tools: Tools, kind: Kind, wanted: W, mend: (current: any, wanted: any) => Mend<any>): Promise<void> {
  const { name, namespace = '' } = wanted.metadata
  const there = tools.resources.cache(kind).peek(tools.resources.key(kind, namespace, name))?.object
  if (!there) return create(tools, kind, wanted)
  const plan = mend(there, wanted)
  if (plan.action === 'none') return
  if (plan.action === 'recreate') {
    await deleteObject(tools, { kind, namespace, name, options: {}, user: systemMaster, dryRun: false }).catch(unless(isNotFound))
    return create(tools, kind, wanted)
  }
  // Whatever others write meanwhile is kept: the change is made to what is there then.
  const make = (current: KubeObject | undefined): unknown => (current ? structuredClone(plan.change(current)) : draft(kind, wanted))
  await updateObject(tools, { kind, namespace, name, subresource: '', user: systemMaster, dryRun: false, make }).catch(unless(isNotFound))
}

async function create(tools: Tools, kind: Kind, wanted: Wanted): Promise<void> {
  // Another server of the same cluster was faster; it wants the same.
  await createObject(tools, { kind, object: draft(kind, wanted), namespace: wanted.metadata.namespace ?? '', user: systemMaster, dryRun: false }).catch(unless(isAlreadyExists))
}

const draft = (kind: Kind, wanted: Wanted) => structuredClone({ apiVersion: apiVersionOf(kind), kind: kind.kind, ...wanted })

const unless = (expected: (error: unknown) => boolean) => (error: unknown): void => {
  if (!expected(error)) throw error
}
