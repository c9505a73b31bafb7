import type { Subresource, Verb } from './kind.ts'

/** What a stored resource offers unless it says otherwise, in the order of discovery. */
export const allVerbs: readonly Verb[] = Object.freeze(['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'])
/** `status` and the other views of one object. */
export const viewVerbs: readonly Verb[] = Object.freeze(['get', 'patch', 'update'])
/** What can be proxied to: any HTTP method, so any verb that has one. */
export const proxyVerbs: readonly Verb[] = Object.freeze(['create', 'delete', 'get', 'patch', 'update'])

/** A subresource with a handler of its own in the server, whose body is of `kind` in the parent's group and version. */
export const custom = (kind: string, verbs: readonly Verb[]): Subresource => ({ type: 'custom', kind, verbs })
