import type { RoleRef, Subject } from '../../../../api/types/rbac-v1.ts'
import type { KubeObject } from '../../../../api/object.ts'
import type { UserInfo } from '../../../../api/transport.ts'
import type { Decision } from '../authorizer.ts'

/** That somebody has a role: one subject of one binding. */
export class Grant implements Decision {
  readonly verdict = 'allow'
  readonly roleRef: RoleRef
  /** Where: `''` is everywhere. */
  readonly namespace: string
  readonly #binding: Binding
  readonly #subject: Subject

  constructor(binding: Binding, subject: Subject) {
    this.#binding = binding
    this.#subject = subject
    this.roleRef = binding.roleRef
    this.namespace = binding.metadata.namespace ?? ''
  }

  /** Made when somebody wants to know (a review): the grant is the decision of every request it allows. */
  get reason(): string {
    const { metadata, roleRef } = this.#binding
    const { kind, name, namespace = this.namespace } = this.#subject
    const binding = this.namespace ? `RoleBinding ${quote(`${metadata.name}/${this.namespace}`)}` : `ClusterRoleBinding ${quote(metadata.name)}`
    return `RBAC: allowed by ${binding} of ${roleRef.kind} ${quote(roleRef.name)} to ${kind} ${quote(kind === 'ServiceAccount' ? `${name}/${namespace}` : name)}`
  }
}

const quote = JSON.stringify

export interface Binding extends KubeObject { readonly subjects?: readonly Subject[] | undefined; readonly roleRef: RoleRef }

/** The grants of one user or group: those that hold everywhere, and those of single namespaces. */
interface Held { readonly everywhere: Grant[]; readonly within: Map<string, Grant[]> }

/** All grants, found by who holds them: a request looks up its user and their groups and never walks the bindings. */
export class Grants {
  readonly #users = new Map<string, Held>()
  readonly #groups = new Map<string, Held>()

  constructor(bindings: Iterable<Binding>) {
    for (const binding of bindings) for (const subject of binding.subjects ?? []) this.#add(binding, subject)
  }

  #add(binding: Binding, subject: Subject): void {
    const table = subject.kind === 'Group' ? this.#groups : this.#users
    const holder = holderOf(subject, binding.metadata.namespace)
    if (holder === undefined) return
    let held = table.get(holder)
    if (!held) table.set(holder, held = { everywhere: [], within: new Map() })
    const grant = new Grant(binding, subject)
    if (!grant.namespace) {
      held.everywhere.push(grant)
      return
    }
    const within = held.within.get(grant.namespace)
    if (within) within.push(grant)
    else held.within.set(grant.namespace, [grant])
  }

  /** What `user` has everywhere and, where one is named, in a namespace; `visit` says by `true` that it has seen enough. */
  visit(user: UserInfo, namespace: string, visit: (grant: Grant) => boolean): void {
    const holders = [this.#users.get(user.name)]
    for (const group of user.groups) holders.push(this.#groups.get(group))
    for (const held of holders) if (held?.everywhere.some(visit)) return
    if (namespace === '') return
    for (const held of holders) if (held?.within.get(namespace)?.some(visit)) return
  }
}

/** The user or group behind a subject; a service account is a user. */
function holderOf({ kind, name, namespace }: Subject, bindingNamespace: string | undefined): string | undefined {
  if (kind === 'User' || kind === 'Group') return name
  const of = namespace || bindingNamespace
  return kind === 'ServiceAccount' && of ? `system:serviceaccount:${of}:${name}` : undefined
}
