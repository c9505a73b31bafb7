import type { Kind, Verb } from '../../kinds/kind.ts'
import type { StructSchema } from '../../schema/schema.ts'
import { Deployment } from '../../types/apps-v1.ts'
import { ConfigMap } from '../../types/core-v1/config.ts'
import { Node } from '../../types/core-v1/node.ts'
import { Pod } from '../../types/core-v1/pod.ts'

/** A few kinds for the tests of discovery and OpenAPI: namespaced and not, with every type of subresource. */
const verbs: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

const kind = (group: string, version: string, name: string, schema: StructSchema, more: Partial<Kind> = {}): Kind => ({
  group, version, kind: name, resource: `${name.toLowerCase()}s`, singular: name.toLowerCase(), namespaced: true, verbs, schema, doc: `The ${name}.`,
  storage: `${name.toLowerCase()}s`, validate: () => [], ...more,
})

const status = { status: { type: 'status', verbs: ['get', 'patch', 'update'] } } as const

export const testKinds: readonly Kind[] = [
  kind('', 'v1', 'ConfigMap', ConfigMap, { shortNames: ['cm'] }),
  kind('', 'v1', 'Node', Node, { namespaced: false, shortNames: ['no'], subresources: status }),
  kind('', 'v1', 'Pod', Pod, { shortNames: ['po'], categories: ['all'], subresources: { ...status, log: { type: 'custom', verbs: ['get'] }, eviction: { type: 'custom', group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] } } }),
  kind('apps', 'v1', 'Deployment', Deployment, {
    shortNames: ['deploy'], categories: ['all'], subresources: { ...status, scale: { type: 'scale', verbs: ['get', 'patch', 'update'] } },
  }),
  kind('apps', 'v1beta1', 'Deployment', Deployment),
]
