import { createHash } from 'node:crypto'
import type { Kind } from '../kinds/kind.ts'
import { definitionsFor, openapi3 } from './definitions.ts'
import type { Json } from './definitions.ts'
import { patchTypesOf, pathsOf, subresourceTypes } from './operations.ts'
import type { Operation, Path } from './operations.ts'
import type { QueryParameter } from './parameters.ts'

/** The keys of the index for these kinds: `api/v1`, `apis/apps/v1`. */
export const openApiV3Paths = (kinds: readonly Kind[]): string[] =>
  [...new Set(kinds.map(({ group, version }) => (group ? `apis/${group}/${version}` : `api/${version}`)))].sort()

/** The OpenAPI 3.0 document of one group version, at `/openapi/v3/apis/GROUP/VERSION`; undefined when it has no kinds. */
export function openApiV3(kinds: readonly Kind[], path: string, version: string): Json | undefined {
  const own = kinds.filter(({ group, version: of }) => (group ? `apis/${group}/${of}` : `api/${of}`) === path)
  if (own.length === 0) return undefined
  const paths: Json = {}
  for (const kind of own) for (const of of pathsOf(kind)) paths[of.path] = pathItem(of)
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version }, paths, components: { schemas: definitionsFor(own, subresourceTypes(own), openapi3) } }
}

/** The index at `/openapi/v3`; clients keep a document for as long as its hash stays the same. */
export function openApiV3Index(documents: Iterable<readonly [path: string, bytes: Uint8Array]>): Json {
  const paths: Json = {}
  for (const [path, bytes] of documents) paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${openApiHash(bytes)}` }
  return { paths }
}

/** What `hash=` and the `ETag` say of a document. */
export const openApiHash = (bytes: Uint8Array): string => createHash('sha512').update(bytes).digest('hex').toUpperCase()

function pathItem({ placeholders, operations }: Path): Json {
  const item: Json = {}
  for (const operation of operations) item[operation.method] = operationOf(operation)
  if (placeholders.length > 0) item.parameters = placeholders.map((name) => ({ in: 'path', name, required: true, schema: { type: 'string', uniqueItems: true } }))
  return item
}

const served = ['application/json', 'application/yaml']

function operationOf(operation: Operation): Json {
  const content = operation.response === undefined ? { '*/*': { schema: { type: 'string' } } } : contentOf(served, operation.response)
  return {
    tags: [operation.tag], description: operation.description, operationId: operation.id, parameters: operation.parameters.map(queryParameter),
    ...(operation.body && { requestBody: { content: contentOf(operation.action === 'patch' ? patchTypesOf(operation) : ['*/*'], operation.body), required: true } }),
    responses: { 200: { description: 'OK', content }, ...(operation.created && { 201: { description: 'Created', content } }), 401: { description: 'Unauthorized' } },
    'x-kubernetes-action': operation.action, 'x-kubernetes-group-version-kind': operation.gvk,
  }
}

const contentOf = (types: readonly string[], definition: string): Json =>
  Object.fromEntries(types.map((type) => [type, { schema: { $ref: `#/components/schemas/${definition}` } }]))

const queryParameter = ({ name, type, description }: QueryParameter): Json => ({ in: 'query', name, description, schema: { type, uniqueItems: true } })
