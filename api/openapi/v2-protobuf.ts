import type { Json } from './definitions.ts'
import { ProtobufWriter } from './protobuf-writer.ts'

/**
 * A Swagger 2.0 document as the protobuf message `openapi.v2.Document` (gnostic), under the media type below. `kubectl`
 * reads OpenAPI v2 in no other form. Covers what `v2.ts` writes; every other key goes along as an extension when it begins
 * with `x-`, else not at all.
 *
 * The numbers are the message's field numbers. Where Swagger has an object with keys of the writer's choosing, protobuf
 * has a list of `Named…` messages: `{ name = 1, value = 2 }`.
 */
export function encodeOpenApiV2(document: Json): Uint8Array {
  const writer = new ProtobufWriter()
  writer.string(1, document.swagger as string)
  writer.message(2, (info) => { info.string(1, (document.info as Json).title as string); info.string(2, (document.info as Json).version as string) })
  writer.message(8, (paths) => named(paths, 2, document.paths, writePathItem))
  writer.message(9, (definitions) => named(definitions, 1, document.definitions, writeSchema))
  return Uint8Array.from(writer.finish())
}

/** What clients accept; the answer says the same with a dot in the place of the `@`, as the original does. */
export const openApiV2Accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
export const openApiV2MediaType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

type Write = (writer: ProtobufWriter, value: Json) => void

function named(writer: ProtobufWriter, id: number, object: unknown, write: Write): void {
  for (const [name, value] of Object.entries((object ?? {}) as Json)) {
    writer.message(id, (entry) => { entry.string(1, name); entry.message(2, (inner) => write(inner, value as Json)) })
  }
}

/** `NamedAny`: extensions travel as text, and JSON is YAML. */
function extensions(writer: ProtobufWriter, id: number, object: Json): void {
  for (const key of Object.keys(object)) {
    if (key.startsWith('x-')) writer.message(id, (entry) => { entry.string(1, key); entry.message(2, (any) => any.string(2, JSON.stringify(object[key]))) })
  }
}

const methods = { get: 2, put: 3, post: 4, delete: 5, patch: 8 } as const

function writePathItem(writer: ProtobufWriter, item: Json): void {
  for (const [method, id] of Object.entries(methods)) if (item[method]) writer.message(id, (operation) => writeOperation(operation, item[method] as Json))
  for (const parameter of (item.parameters ?? []) as Json[]) writer.message(9, (entry) => writeParameter(entry, parameter))
}

function writeOperation(writer: ProtobufWriter, operation: Json): void {
  writer.strings(1, operation.tags as string[])
  writer.string(3, operation.description as string)
  writer.string(5, operation.operationId as string)
  writer.strings(6, operation.produces as string[])
  writer.strings(7, operation.consumes as string[])
  for (const parameter of (operation.parameters ?? []) as Json[]) writer.message(8, (entry) => writeParameter(entry, parameter))
  writer.message(9, (responses) => named(responses, 1, operation.responses, (value, response) => value.message(1, (inner) => writeResponse(inner, response))))
  writer.strings(10, operation.schemes as string[])
  extensions(writer, 13, operation)
}

function writeResponse(writer: ProtobufWriter, response: Json): void {
  writer.string(1, response.description as string)
  if (response.schema) writer.message(2, (item) => item.message(1, (schema) => writeSchema(schema, response.schema as Json)))
}

/** `ParametersItem { parameter = 1 { body = 1 | nonBody = 2 { query = 3 | path = 4 } } }` */
function writeParameter(writer: ProtobufWriter, parameter: Json): void {
  writer.message(1, (outer) => {
    if (parameter.in === 'body') return outer.message(1, (body) => writeBody(body, parameter))
    outer.message(2, (nonBody) => nonBody.message(parameter.in === 'query' ? 3 : 4, (inner) => writeNonBody(inner, parameter)))
  })
}

function writeBody(writer: ProtobufWriter, parameter: Json): void {
  writer.string(2, parameter.name as string)
  writer.string(3, 'body')
  writer.bool(4, parameter.required as boolean)
  writer.message(5, (schema) => writeSchema(schema, parameter.schema as Json))
}

function writeNonBody(writer: ProtobufWriter, parameter: Json): void {
  const query = parameter.in === 'query'
  writer.bool(1, parameter.required as boolean | undefined)
  writer.string(2, parameter.in as string)
  writer.string(3, parameter.description as string | undefined)
  writer.string(4, parameter.name as string)
  writer.string(query ? 6 : 5, parameter.type as string)
  writer.bool(query ? 20 : 19, parameter.uniqueItems as boolean | undefined)
}

function writeSchema(writer: ProtobufWriter, schema: Json): void {
  writer.string(1, schema.$ref as string | undefined)
  writer.string(2, schema.format as string | undefined)
  writer.string(4, schema.description as string | undefined)
  writer.strings(19, schema.required as string[] | undefined)
  if (schema.additionalProperties) writer.message(21, (item) => item.message(1, (inner) => writeSchema(inner, schema.additionalProperties as Json)))
  if (schema.type) writer.message(22, (type) => type.string(1, schema.type as string))
  if (schema.items) writer.message(23, (items) => items.message(1, (inner) => writeSchema(inner, schema.items as Json)))
  if (schema.properties) writer.message(25, (properties) => named(properties, 1, schema.properties, writeSchema))
  extensions(writer, 31, schema)
}
