import type { Kind } from '../kinds/kind.ts'
import { definitionsFor, swagger2 } from './definitions.ts'
import type { Json } from './definitions.ts'
import { patchTypesOf, pathsOf, subresourceTypes } from './operations.ts'
import type { Operation, Path } from './operations.ts'
import type { QueryParameter } from './parameters.ts'

/** The Swagger 2.0 document of `/openapi/v2`: all kinds in one. `version` is the server's, `v1.36.0`. */
export function openApiV2(kinds: readonly Kind[], version: string): Json {
  const paths: Json = {}
  for (const kind of kinds) for (const path of pathsOf(kind)) paths[path.path] = pathItem(path)
  return {
    swagger: '2.0', info: { title: 'Kubernetes', version }, paths,
    definitions: definitionsFor(kinds, subresourceTypes(kinds), swagger2),
  }
}

function pathItem({ placeholders, operations }: Path): Json {
  const item: Json = {}
  for (const operation of operations) item[operation.method] = operationOf(operation)
  if (placeholders.length > 0) item.parameters = placeholders.map((name) => ({ in: 'path', name, type: 'string', required: true, uniqueItems: true }))
  return item
}

const served = ['application/json', 'application/yaml']
const watched = [...served, 'application/json;stream=watch']

function operationOf(operation: Operation): Json {
  const answer = operation.response === undefined ? { description: 'OK', schema: { type: 'string' } } : { description: 'OK', schema: reference(operation.response) }
  return {
    description: operation.description, consumes: operation.action === 'patch' ? patchTypesOf(operation) : ['*/*'], produces: operation.response === undefined ? ['*/*'] : operation.action === 'list' ? watched : served,
    schemes: ['https'], tags: [operation.tag], operationId: operation.id,
    parameters: [...(operation.body ? [bodyParameter(operation.body)] : []), ...operation.parameters.map(queryParameter)],
    responses: { 200: answer, ...(operation.created && { 201: { ...answer, description: 'Created' } }), 401: { description: 'Unauthorized' } },
    'x-kubernetes-action': operation.action, 'x-kubernetes-group-version-kind': operation.gvk,
  }
}

const reference = (name: string): Json => ({ $ref: `#/definitions/${name}` })
const bodyParameter = (definition: string): Json => ({ in: 'body', name: 'body', required: true, schema: reference(definition) })
const queryParameter = ({ name, type, description }: QueryParameter): Json => ({ in: 'query', name, type, uniqueItems: true, description })
