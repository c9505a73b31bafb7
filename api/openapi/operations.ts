import { subresourceKind } from '../discovery/discovery.ts'
import type { Kind, Subresource, Verb } from '../kinds/kind.ts'
import type { StructSchema } from '../schema/schema.ts'
import { TokenRequest } from '../types/authentication-v1.ts'
import { Scale } from '../types/autoscaling-v1.ts'
import { Binding } from '../types/core-v1/binding.ts'
import { DeleteOptions } from '../types/meta-v1/options.ts'
import { Status } from '../types/meta-v1/status.ts'
import { Eviction } from '../types/policy-v1.ts'
import { patchDefinition } from './definitions.ts'
import { capital, definitionName, definitionOf, groupWord, gvkOf, listDefinitionOf } from './names.ts'
import type { GroupVersionKind } from './names.ts'
import { deleteCollectionParameters, deleteParameters, listParameters, patchParameters, readParameters, writeParameters } from './parameters.ts'
import type { QueryParameter } from './parameters.ts'

/** One operation of the API, before it is written in either dialect. */
export interface Operation {
  readonly method: 'get' | 'put' | 'post' | 'delete' | 'patch'
  readonly id: string
  readonly description: string
  /** `x-kubernetes-action` */
  readonly action: 'list' | 'get' | 'post' | 'put' | 'patch' | 'delete' | 'deletecollection' | 'connect'
  readonly gvk: GroupVersionKind
  readonly tag: string
  readonly parameters: readonly QueryParameter[]
  /** Definition names; a connection has neither, and answers with text. */
  readonly body?: string
  readonly response?: string
  readonly created?: boolean
  /** Custom resources know no strategic merge; `kubectl apply` looks here which patch to send. */
  readonly withoutStrategic?: boolean
}

/** The forms of patches that an operation takes. */
export const patchTypesOf = ({ withoutStrategic }: Operation): readonly string[] =>
  (withoutStrategic ? patchTypes.filter((type) => !type.includes('strategic')) : patchTypes)
const patchTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml']

export interface Path {
  readonly path: string
  /** `namespace`, `name` */
  readonly placeholders: readonly string[]
  readonly operations: readonly Operation[]
}

/** Types that only subresources speak of. */
const subresourceSchemas: ReadonlyMap<string, StructSchema> = new Map<string, StructSchema>([
  ['autoscaling/v1.Scale', Scale], ['policy/v1.Eviction', Eviction], ['authentication.k8s.io/v1.TokenRequest', TokenRequest], ['/v1.Binding', Binding],
])

/** The schemas that subresources of these kinds need beside the kinds' own. */
export function subresourceTypes(kinds: readonly Kind[]): StructSchema[] {
  const found = new Set<StructSchema>()
  for (const kind of kinds) for (const subresource of Object.values(kind.subresources ?? {})) {
    const schema = schemaOf(kind, subresource)
    if (schema) found.add(schema)
  }
  return [...found]
}

function schemaOf(kind: Kind, subresource: Subresource): StructSchema | undefined {
  const { group, version, kind: name } = subresourceKind(kind, subresource)
  return subresource.type !== 'scale' && name === kind.kind ? kind.schema : subresource.scale?.face?.schema ?? subresourceSchemas.get(`${group}/${version}.${name}`)
}

/** All paths of one kind: its collections, its objects and their subresources. */
export function pathsOf(kind: Kind): Path[] {
  const root = kind.group ? `/apis/${kind.group}/${kind.version}` : `/api/${kind.version}`
  const collection = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.resource}` : `${root}/${kind.resource}`
  const outer = kind.namespaced ? ['namespace'] : []
  const context = contextOf(kind)
  const paths: Path[] = [
    { path: collection, placeholders: outer, operations: collectionOperations(kind, context) },
    { path: `${collection}/{name}`, placeholders: ['name', ...outer], operations: objectOperations(kind, context) },
  ]
  if (kind.namespaced && kind.verbs.includes('list')) {
    paths.push({ path: `${root}/${kind.resource}`, placeholders: [], operations: [listOperation(kind, context, `list${context.word}${kind.kind}ForAllNamespaces`)] })
  }
  for (const [name, subresource] of Object.entries(kind.subresources ?? {})) {
    const operations = subresourceOperations(kind, context, name, subresource)
    paths.push({ path: `${collection}/{name}/${name}`, placeholders: ['name', ...outer], operations })
  }
  return paths.filter(({ operations }) => operations.length > 0)
}

interface Context {
  readonly gvk: GroupVersionKind
  readonly tag: string
  /** `CoreV1` */
  readonly word: string
  readonly scope: '' | 'Namespaced'
}

const contextOf = (kind: Kind): Context => ({
  gvk: gvkOf(kind), tag: `${groupWord(kind.group).toLowerCase()}_${kind.version}`, word: `${groupWord(kind.group)}${capital(kind.version)}`, scope: kind.namespaced ? 'Namespaced' : '',
})

const status = definitionName(Status.name)
const deleteOptions = definitionName(DeleteOptions.name)

function listOperation(kind: Kind, { gvk, tag }: Context, id: string): Operation {
  return { method: 'get', action: 'list', id, description: `list or watch objects of kind ${kind.kind}`, gvk, tag, parameters: listParameters, response: listDefinitionOf(kind) }
}

function collectionOperations(kind: Kind, context: Context): Operation[] {
  const { gvk, tag, word, scope } = context
  const name = definitionOf(kind)
  const operations: (Operation | false)[] = [
    has(kind, 'list') && listOperation(kind, context, `list${word}${scope}${kind.kind}`),
    has(kind, 'create') && { method: 'post', action: 'post', id: `create${word}${scope}${kind.kind}`, description: `create a ${kind.kind}`, gvk, tag, parameters: writeParameters, body: name, response: name, created: true },
    has(kind, 'deletecollection') && {
      method: 'delete', action: 'deletecollection', id: `delete${word}Collection${scope}${kind.kind}`, description: `delete a collection of ${kind.kind}`, gvk, tag, parameters: deleteCollectionParameters, body: deleteOptions, response: status,
    },
  ]
  return operations.filter((operation) => operation !== false)
}

function objectOperations(kind: Kind, { gvk, tag, word, scope }: Context): Operation[] {
  const name = definitionOf(kind)
  const operations: (Operation | false)[] = [
    has(kind, 'get') && { method: 'get', action: 'get', id: `read${word}${scope}${kind.kind}`, description: `read the specified ${kind.kind}`, gvk, tag, parameters: readParameters, response: name },
    has(kind, 'update') && { method: 'put', action: 'put', id: `replace${word}${scope}${kind.kind}`, description: `replace the specified ${kind.kind}`, gvk, tag, parameters: writeParameters, body: name, response: name, created: true },
    has(kind, 'delete') && { method: 'delete', action: 'delete', id: `delete${word}${scope}${kind.kind}`, description: `delete a ${kind.kind}`, gvk, tag, parameters: deleteParameters, body: deleteOptions, response: status },
    has(kind, 'patch') && { method: 'patch', action: 'patch', id: `patch${word}${scope}${kind.kind}`, description: `partially update the specified ${kind.kind}`, gvk, tag, parameters: patchParameters, body: patchDefinition, response: name, created: true, ...custom(kind) },
  ]
  return operations.filter((operation) => operation !== false)
}

const has = (kind: Kind, verb: Verb): boolean => kind.verbs.includes(verb)
const custom = ({ jsonOnly }: Kind): Pick<Operation, 'withoutStrategic'> => (jsonOnly ? { withoutStrategic: true } : {})
const methodOf = { get: 'get', update: 'put', patch: 'patch', create: 'post', delete: 'delete' } as const
const wordOf = { get: 'read', update: 'replace', patch: 'patch', create: 'create', delete: 'delete' } as const

function subresourceOperations(kind: Kind, { tag, word, scope }: Context, name: string, subresource: Subresource): Operation[] {
  const schema = schemaOf(kind, subresource)
  const gvk = gvkOf(subresourceKind(kind, subresource))
  const title = name.split('/').map(capital).join('')
  return subresource.verbs.flatMap((verb): Operation[] => {
    if (!Object.hasOwn(methodOf, verb)) return []
    const known = verb as keyof typeof methodOf
    const method = methodOf[known]
    const common = { method, gvk, tag, description: `${wordOf[known]} ${name} of the specified ${kind.kind}` }
    if (!schema || name === 'log') {
      const action = name === 'log' ? 'get' : 'connect'
      return [{ ...common, action, id: `${action === 'get' ? 'read' : `connect${word}${capital(method)}`}${action === 'get' ? word : ''}${scope}${kind.kind}${title}`, parameters: readParameters }]
    }
    const type = definitionName(schema.name)
    const parameters = verb === 'get' ? readParameters : verb === 'patch' ? patchParameters : writeParameters
    const body = verb === 'get' ? undefined : verb === 'patch' ? patchDefinition : type
    return [{ ...common, action: method, id: `${wordOf[known]}${word}${scope}${kind.kind}${title}`, parameters, ...(body && { body }), response: type, ...(verb !== 'get' && { created: true }), ...custom(kind) }]
  })
}
