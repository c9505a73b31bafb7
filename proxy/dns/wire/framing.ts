/** Messages on a stream: each behind two bytes with its length (RFC 1035, 4.2.2). Holds at most one unfinished message and one chunk. */
export class Framing {
  #chunks: Buffer[] = []
  #length = 0

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
  }

  /** The next whole message. */
  next(): Buffer | undefined {
    if (this.#length < 2) return undefined
    if (this.#chunks[0]!.length < 2) this.#join()
    const needed = 2 + this.#chunks[0]!.readUInt16BE(0)
    if (this.#length < needed) return undefined
    if (this.#chunks[0]!.length < needed) this.#join()
    const first = this.#chunks[0]!
    if (first.length === needed) this.#chunks.shift()
    else this.#chunks[0] = first.subarray(needed)
    this.#length -= needed
    return first.subarray(2, needed)
  }

  #join(): void {
    this.#chunks = [Buffer.concat(this.#chunks)]
  }

  static frame(message: Buffer): Buffer {
    const bytes = Buffer.allocUnsafe(message.length + 2)
    bytes.writeUInt16BE(message.length, 0)
    message.copy(bytes, 2)
    return bytes
  }
}
