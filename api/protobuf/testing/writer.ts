/* Protobuf by hand, for tests: each function makes one field. */

function varint(value: number): number[] {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  return [...bytes, Number(rest)]
}

export const integer = (number: number, value: number): Buffer => Buffer.from([...varint(number * 8), ...varint(value)])
export const bool = (number: number, value: boolean): Buffer => integer(number, value ? 1 : 0)

const held = (number: number, bytes: Buffer): Buffer => Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes])

export const text = (number: number, value: string): Buffer => held(number, Buffer.from(value))
/** A message of these fields; `message.at` is one as a field of another. */
export const message = Object.assign((...fields: Buffer[]): Buffer => Buffer.concat(fields), { at: (number: number, ...fields: Buffer[]): Buffer => held(number, Buffer.concat(fields)) })
