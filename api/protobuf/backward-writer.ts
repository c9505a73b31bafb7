/**
 * Protobuf written from the end to the front, so that the length of a message is known when its head is written and
 * nothing has to be measured before. Fields therefore go in with the highest number first.
 */
export class BackwardWriter {
  #bytes: Buffer
  #at: number

  constructor(size = 1024) {
    this.#bytes = Buffer.allocUnsafe(size)
    this.#at = size
  }

  /** How many bytes there are by now; the difference of two is the length of what was written between them. */
  get length(): number { return this.#bytes.length - this.#at }

  tag(number: number, type: 0 | 1 | 2): void {
    this.varint(number * 8 + type)
  }

  /** A whole number; negative ones take ten bytes, as two's complement of 64 bits. */
  varint(value: number): void {
    if (value < 0 || value > Number.MAX_SAFE_INTEGER) return this.#big(BigInt.asUintN(64, BigInt(value)))
    if (value < 128) {
      this.#room(1)
      this.#bytes[--this.#at] = value
      return
    }
    let size = 1
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++
    this.#room(size)
    let at = (this.#at -= size)
    let rest = value
    while (rest >= 128) {
      this.#bytes[at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[at] = rest
  }

  #big(value: bigint): void {
    const groups: number[] = []
    for (let rest = value; ; rest >>= 7n) {
      groups.push(Number(rest & 127n) | (rest > 127n ? 128 : 0))
      if (rest <= 127n) break
    }
    this.raw(Buffer.from(groups))
  }

  double(value: number): void {
    this.#room(8)
    this.#at -= 8
    this.#bytes.writeDoubleLE(value, this.#at)
  }

  /** The text without its length. */
  text(text: string): void {
    const size = Buffer.byteLength(text)
    this.#room(size)
    this.#at -= size
    if (size === text.length && size < 24) {
      for (let i = 0; i < size; i++) this.#bytes[this.#at + i] = text.charCodeAt(i)
    } else this.#bytes.write(text, this.#at, 'utf8')
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#at -= bytes.length
    this.#bytes.set(bytes, this.#at)
  }

  /** A text as a field of its own. */
  textField(number: number, text: string): void {
    const before = this.length
    this.text(text)
    this.close(number, before)
  }

  /** Puts length and tag before what was written since `before`. */
  close(number: number, before: number): void {
    this.varint(this.length - before)
    this.tag(number, 2)
  }

  /** What was written, in a buffer of its own. */
  finish(): Buffer {
    const written = Buffer.allocUnsafeSlow(this.length)
    this.#bytes.copy(written, 0, this.#at)
    return written
  }

  /** Starts anew with the same memory. */
  reset(): void {
    this.#at = this.#bytes.length
  }

  #room(size: number): void {
    if (this.#at >= size) return
    const used = this.length
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, used + size + 1024))
    this.#bytes.copy(grown, grown.length - used, this.#at)
    this.#bytes = grown
    this.#at = grown.length - used
  }
}
