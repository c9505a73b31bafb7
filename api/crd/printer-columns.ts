import type { Column } from '../kinds/kind.ts'
import { ageOf } from '../table/duration.ts'
import type { CustomResourceColumnDefinition } from '../types/apiextensions-v1/custom-resource-definition.ts'
import { parseJsonPath } from './json-path.ts'
import type { JsonPath } from './json-path.ts'

const name: Column = { name: 'Name', type: 'string', format: 'name', description: 'The name, unique within the namespace.', value: ({ metadata }) => metadata.name }
const age: CustomResourceColumnDefinition = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'When the object was created, in UTC.' }

/** The columns of a definition's version; one whose path cannot be read takes them all away, as in the original. */
export function columnsOf(definitions: readonly CustomResourceColumnDefinition[] | undefined): readonly Column[] {
  const wanted = definitions?.length ? definitions : [age]
  try {
    return [name, ...wanted.map(columnOf)]
  } catch {
    return [name, columnOf(age)]
  }
}

function columnOf({ name, type, format, description, priority, jsonPath }: CustomResourceColumnDefinition): Column {
  const path = parseJsonPath(jsonPath)
  return {
    name, type: type as Column['type'], ...(format && { format }), description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    ...(priority !== undefined && { priority }), value: (object, now) => cell(type, path, object, now),
  }
}

/** Only the first result counts; what has not the declared type is an empty cell. */
function cell(type: string, path: JsonPath, object: unknown, now: number): string | number | boolean | null {
  const [value] = path(object)
  if (value === undefined) return null
  switch (type) {
    case 'string': return value === null ? '<nil>' : typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value)
    case 'integer': return typeof value === 'number' ? Math.trunc(value) : null
    case 'number': return typeof value === 'number' ? value : null
    case 'boolean': return typeof value === 'boolean' ? value : null
    case 'date': return typeof value === 'string' ? (Number.isNaN(Date.parse(value)) ? '<invalid>' : ageOf(value, now)) : null
    default: return null
  }
}
