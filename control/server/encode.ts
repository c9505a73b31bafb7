import { stringifyYaml } from '../../api/yaml.ts'
import type { Encoding } from './media-type.ts'

/** A JSON value as the bytes of a response; JSON answers end with a newline as the original's do. */
export function encodeValue(value: unknown, encoding: Encoding, pretty: boolean): Uint8Array {
  if (encoding === 'application/yaml') return Buffer.from(stringifyYaml(value))
  return Buffer.from(`${pretty ? JSON.stringify(value, null, 2) : JSON.stringify(value)}\n`)
}
