/**
 * Writes the protobuf wire format. Only what the OpenAPI document is made of: strings, booleans and messages. A library
 * would cost the server's start more time than the whole document takes to write.
 */
export class ProtobufWriter {
  #bytes = Buffer.allocUnsafe(64 * 1024)
  #length = 0

  /** A string field; the empty string is the default and is not written. */
  string(id: number, value: string | undefined): void {
    if (!value) return
    const length = Buffer.byteLength(value)
    this.#varint(id << 3 | 2)
    this.#varint(length)
    this.#reserve(length)
    this.#length += this.#bytes.write(value, this.#length)
  }

  strings(id: number, values: readonly string[] | undefined): void {
    for (const value of values ?? []) this.string(id, value)
  }

  bool(id: number, value: boolean | undefined): void {
    if (!value) return
    this.#varint(id << 3)
    this.#varint(1)
  }

  /**
   * A field that is a message; `write` writes its fields. Written even when it stays empty. The length goes in front and is
   * known last: one byte is kept for it, and the content moves up when that does not do.
   */
  message(id: number, write: (writer: ProtobufWriter) => void): void {
    this.#varint(id << 3 | 2)
    this.#reserve(5)
    const start = this.#length++
    write(this)
    const end = this.#length
    const size = end - start - 1
    const width = size < 0x80 ? 1 : size < 0x4000 ? 2 : size < 0x200000 ? 3 : size < 0x10000000 ? 4 : 5
    this.#reserve(width)
    if (width > 1) this.#bytes.copyWithin(start + width, start + 1, end)
    this.#length = start
    this.#varint(size)
    this.#length = end + width - 1
  }

  /** What was written so far; valid until the next write. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  #varint(value: number): void {
    this.#reserve(5)
    let rest = value
    while (rest > 0x7f) { this.#bytes[this.#length++] = (rest & 0x7f) | 0x80; rest >>>= 7 }
    this.#bytes[this.#length++] = rest
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + size))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}
