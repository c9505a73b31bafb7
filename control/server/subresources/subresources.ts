import type { ResourceHandler } from '../router.ts'

/** Hand-written handlers, found by `resource/subresource`; `resource` alone for kinds that are only ever posted. */
export type Subresources = Readonly<Record<string, ResourceHandler>>
