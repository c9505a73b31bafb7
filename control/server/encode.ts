import { protobufMediaType } from '../../api/protobuf/decode.ts'
import { stringifyYaml } from '../../api/yaml.ts'
import type { Encoding } from './media-type.ts'
import { protobufForm } from './protobuf-form.ts'

export interface Encoded { readonly bytes: Uint8Array; readonly type: Encoding }

/** A value as the bytes of a response. What has no protobuf form is JSON: a client that reads protobuf reads that too. */
export function encodeValue(value: unknown, encoding: Encoding, pretty: boolean): Encoded {
  if (encoding === protobufMediaType) {
    const bytes = protobufForm(value)
    if (bytes) return { bytes, type: encoding }
  }
  if (encoding === 'application/yaml') return { bytes: Buffer.from(stringifyYaml(value)), type: encoding }
  return { bytes: jsonOf(value, pretty), type: 'application/json' }
}

/** JSON answers end with a newline, as the original's do. */
export const jsonOf = (value: unknown, pretty: boolean): Uint8Array => Buffer.from(`${pretty ? JSON.stringify(value, null, 2) : JSON.stringify(value)}\n`)
