/*
 * As much of DER (X.690) as it takes to look into a certificate request: a reader over tag-length-value triples.
 */

/** One element. `whole` is its bytes with tag and length, `content` without. */
export interface Element {
  readonly tag: number
  readonly content: Uint8Array
  readonly whole: Uint8Array
}

export class DerError extends Error {}

export const tags = Object.freeze({ integer: 0x02, bitString: 0x03, octetString: 0x04, oid: 0x06, sequence: 0x30, set: 0x31, context0: 0xa0 })

/** The elements one after the other; throws where a length does not fit. */
export function elements(bytes: Uint8Array): Element[] {
  const found: Element[] = []
  for (let at = 0; at < bytes.length;) {
    const element = elementAt(bytes, at)
    found.push(element)
    at += element.whole.length
  }
  return found
}

/** The one element that the bytes are. */
export function only(bytes: Uint8Array, tag: number): Element {
  const element = elementAt(bytes, 0)
  if (element.whole.length !== bytes.length) throw new DerError('asn1: syntax error: trailing data')
  if (element.tag !== tag) throw new DerError(`asn1: structure error: tags don't match (${tag & 0x1f} vs {class:${element.tag >> 6} tag:${element.tag & 0x1f} length:${element.content.length} isCompound:${Boolean(element.tag & 0x20)}})`)
  return element
}

function elementAt(bytes: Uint8Array, at: number): Element {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) throw new DerError('asn1: syntax error: truncated tag or length')
  const octets = first < 0x80 ? 0 : first & 0x7f
  if (octets > 4 || first === 0x80) throw new DerError('asn1: structure error: length too large')
  let length = octets === 0 ? first : 0
  for (let i = 0; i < octets; i++) length = length * 256 + (bytes[at + 2 + i] ?? 0)
  const start = at + 2 + octets
  if (start + length > bytes.length) throw new DerError('asn1: syntax error: data truncated')
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) }
}

/** The dotted form of an object identifier's content. */
export function oidText(content: Uint8Array): string {
  const arcs: number[] = []
  let arc = 0
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte < 0x80) { arcs.push(arc); arc = 0 }
  }
  const [first = 0, ...rest] = arcs
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - root * 40, ...rest].join('.')
}
