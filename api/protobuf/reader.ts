/** What is wrong with protobuf bytes. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError'
}

/** The wire format of protobuf, field by field, over bytes that may be anything. Throws `ProtobufError`. */
export class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get done(): boolean { return this.#at >= this.#bytes.length }

  /** The next field's number and wire type. */
  tag(): { number: number; type: number } {
    const key = Number(this.varint())
    const number = Math.floor(key / 8)
    if (number < 1) throw new ProtobufError(`proto: illegal tag ${number}`)
    return { number, type: key % 8 }
  }

  /** As two's complement of 64 bits. */
  varint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new ProtobufError('unexpected EOF')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, value)
    }
    throw new ProtobufError('proto: integer overflow')
  }

  double(): number {
    return this.#take(8).readDoubleLE()
  }

  bytes(): Buffer {
    return this.#take(Number(this.varint()))
  }

  /** Passes over a field of a number that is not known. */
  skip(type: number): void {
    if (type === 0) this.varint()
    else if (type === 1) this.#take(8)
    else if (type === 2) this.bytes()
    else if (type === 5) this.#take(4)
    else throw new ProtobufError(`proto: illegal wireType ${type}`)
  }

  #take(length: number): Buffer {
    if (length < 0 || this.#at + length > this.#bytes.length) throw new ProtobufError('unexpected EOF')
    const taken = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return taken
  }
}
