import { JSON_SCHEMA, load } from 'js-yaml'
import { badRequest } from '../../api/errors.ts'

/** A YAML body as a JSON value. Aliases are refused in numbers (a few lines of them can grow into gigabytes). */
export function yamlToJson(text: string, kind: string): unknown {
  let value: unknown
  try {
    value = load(text, { schema: JSON_SCHEMA })
  } catch (error) {
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: error converting YAML to JSON: yaml: ${(error as Error).message.split('\n')[0]}`)
  }
  const aliases = text.match(/(^|[\s[{,])\*[^\s]/gm)?.length ?? 0
  if (aliases > 100) throw badRequest(`the object provided is unrecognized (must be of type ${kind}): yaml: document contains excessive aliasing`)
  return value
}
