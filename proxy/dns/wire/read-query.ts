import { classes, rcodes, types, type Query } from '../message.ts'
import { lowerCase } from '../names.ts'

/** A query that is not answered on its merits: `head` has what the answer repeats of it. */
export interface Refused {
  readonly refused: number
  readonly head: Head
}

export interface Head {
  readonly id: number
  readonly opcode: number
  readonly recursionDesired: boolean
}

const responseBit = 0x8000
const bits = { recursionDesired: 0x0100, authenticData: 0x0020, checkingDisabled: 0x0010 } as const
/** OPT, and a signature that we do not check. */
const maxAdditional = 2

/**
 * Reads what a client sent. Undefined: say nothing (a response, or too short to have an id: whoever answers these can be
 * made to talk to himself). Never throws, and reads every byte at most once: names of queries may not be compressed.
 */
export function readQuery(bytes: Buffer): Query | Refused | undefined {
  if (bytes.length < 12) return undefined
  const flags = bytes.readUInt16BE(2)
  if (flags & responseBit) return undefined
  const head: Head = { id: bytes.readUInt16BE(0), opcode: (flags >> 11) & 15, recursionDesired: (flags & bits.recursionDesired) !== 0 }
  if (head.opcode !== 0) return { refused: rcodes.NOTIMP, head }
  const malformed: Refused = { refused: rcodes.FORMERR, head }
  const additional = bytes.readUInt16BE(10)
  if (bytes.readUInt16BE(4) !== 1 || bytes.readUInt32BE(6) !== 0 || additional > maxAdditional) return malformed
  const end = endOfName(bytes, 12)
  if (end === undefined || end + 4 > bytes.length) return malformed
  const name = bytes.toString('latin1', 12, end)
  const rest = readAdditional(bytes, end + 4, additional)
  if (!rest) return malformed
  if (rest.version !== 0) return { refused: rcodes.BADVERS, head }
  return {
    id: head.id,
    recursionDesired: head.recursionDesired,
    checkingDisabled: (flags & bits.checkingDisabled) !== 0,
    authenticData: (flags & bits.authenticData) !== 0,
    question: { name, key: lowerCase(name), type: bytes.readUInt16BE(end), class: bytes.readUInt16BE(end + 2) },
    edns: rest.edns,
  }
}

/** The place behind an uncompressed name; undefined when it is none, or longer than 255 bytes. */
function endOfName(bytes: Buffer, start: number): number | undefined {
  for (let at = start; at < bytes.length && at - start < 255;) {
    const length = bytes[at]!
    if (length === 0) return at + 1
    if (length > 63) return undefined
    at += length + 1
  }
  return undefined
}

/** The records behind the question: OPT once at most (RFC 6891, 6.1.1), and nothing behind them. */
function readAdditional(bytes: Buffer, start: number, count: number): { edns: Query['edns']; version: number } | undefined {
  let edns: Query['edns']
  let version = 0
  let at = start
  for (let index = 0; index < count; index += 1) {
    const end = endOfName(bytes, at)
    if (end === undefined || end + 10 > bytes.length) return undefined
    const next = end + 10 + bytes.readUInt16BE(end + 8)
    if (next > bytes.length) return undefined
    if (bytes.readUInt16BE(end) === types.OPT) {
      if (edns || end !== at + 1 || !areOptions(bytes, end + 10, next)) return undefined
      version = bytes[end + 5]!
      edns = { size: bytes.readUInt16BE(end + 2), dnssecOk: (bytes[end + 6]! & 0x80) !== 0 }
    }
    at = next
  }
  return at === bytes.length ? { edns, version } : undefined
}

/** Options are not acted upon, but must be whole. */
function areOptions(bytes: Buffer, start: number, end: number): boolean {
  let at = start
  while (at + 4 <= end) at += 4 + bytes.readUInt16BE(at + 2)
  return at === end
}

export const isRefused = (read: Query | Refused): read is Refused => 'refused' in read
export const isInternet = ({ question }: Query): boolean => question.class === classes.IN || question.class === classes.ANY
