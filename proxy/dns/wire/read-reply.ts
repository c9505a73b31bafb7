import { classes, types, type Name, type Question, type RecordData, type ResourceRecord } from '../message.ts'
import { lowerCase, rootName } from '../names.ts'

/** What an upstream server said. Its additional section is left unread: nothing in it was asked for. */
export interface Reply {
  readonly rcode: number
  readonly truncated: boolean
  readonly authenticData: boolean
  readonly answers: readonly ResourceRecord[]
  readonly authority: readonly ResourceRecord[]
}

/** Bytes, then names, in the data of types whose names may be shortened (RFC 1035; RFC 3597, 4). Other data is taken as it is. */
const layouts = new Map<number, { readonly before: number; readonly names: number }>([
  ...[types.NS, types.CNAME, types.MB, types.MG, types.MR, types.PTR, types.DNAME].map((type) => [type, { before: 0, names: 1 }] as const),
  ...[types.MX, types.AFSDB, types.RT, types.KX].map((type) => [type, { before: 2, names: 1 }] as const),
  [types.SOA, { before: 0, names: 2 }],
  [types.RP, { before: 0, names: 2 }],
  [types.SRV, { before: 6, names: 1 }],
])

class Malformed extends Error {}

/**
 * Whether this is the answer to the question with this id, by everything that an attacker who does not see the query would
 * have to guess. What is not is to be ignored, and waiting goes on.
 */
export function isReplyTo(bytes: Buffer, id: number, question: Question): boolean {
  if (bytes.length < 12 || bytes.readUInt16BE(0) !== id || (bytes[2]! & 0xf8) !== 0x80) return false
  const end = 12 + question.name.length
  if (bytes.readUInt16BE(4) !== 1 || bytes.length < end + 4) return false
  return lowerCase(bytes.toString('latin1', 12, end)) === question.key && bytes.readUInt16BE(end) === question.type && bytes.readUInt16BE(end + 2) === question.class
}

/** Reads a reply to this question; undefined when it is malformed. A truncated one is read as far as the header. */
export function readReply(bytes: Buffer, question: Question): Reply | undefined {
  const flags = bytes.readUInt16BE(2)
  const head = { rcode: flags & 15, truncated: (flags & 0x0200) !== 0, authenticData: (flags & 0x0020) !== 0 }
  if (head.truncated) return { ...head, answers: [], authority: [] }
  try {
    const answers: ResourceRecord[] = []
    const authority: ResourceRecord[] = []
    let at = 12 + question.name.length + 4
    for (let index = bytes.readUInt16BE(6); index > 0; index -= 1) at = readRecord(bytes, at, answers)
    for (let index = bytes.readUInt16BE(8); index > 0; index -= 1) at = readRecord(bytes, at, authority)
    return { ...head, answers, authority }
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

/** Adds a record of class IN to the list; the place behind it. */
function readRecord(bytes: Buffer, start: number, into: ResourceRecord[]): number {
  const [name, at] = readName(bytes, start)
  if (at + 10 > bytes.length) throw new Malformed()
  const type = bytes.readUInt16BE(at)
  const ttl = bytes.readUInt32BE(at + 4)
  const end = at + 10 + bytes.readUInt16BE(at + 8)
  if (end > bytes.length) throw new Malformed()
  // A time of more than 31 bits is none (RFC 2181, 8).
  if (bytes.readUInt16BE(at + 2) === classes.IN && type !== types.OPT) into.push({ name, type, ttl: ttl > 0x7fffffff ? 0 : ttl, data: readData(bytes, type, at + 10, end) })
  return end
}

function readData(bytes: Buffer, type: number, start: number, end: number): RecordData {
  const layout = layouts.get(type)
  if (!layout) return { before: bytes.toString('latin1', start, end), names: [], after: '' }
  const before = bytes.toString('latin1', start, start + layout.before)
  const names: Name[] = []
  let at = start + layout.before
  for (let index = 0; index < layout.names; index += 1) {
    const [name, next] = readName(bytes, at)
    names.push(name)
    at = next
  }
  if (at > end) throw new Malformed()
  return { before, names, after: bytes.toString('latin1', at, end) }
}

/** A name with its pointers followed, and the place behind it. Pointers lead backwards only, so that every chain ends. */
function readName(bytes: Buffer, start: number): [name: Name, end: number] {
  let name = ''
  let end: number | undefined
  let at = start
  let lowest = start
  for (;;) {
    const length = bytes[at]
    if (length === undefined) throw new Malformed()
    if (length === 0) return [name + rootName, end ?? at + 1]
    if (length < 64) {
      if (at + 1 + length > bytes.length) throw new Malformed()
      name += bytes.toString('latin1', at, at + 1 + length)
      if (name.length > 254) throw new Malformed()
      at += 1 + length
    } else {
      if (length < 0xc0 || at + 2 > bytes.length) throw new Malformed()
      end ??= at + 2
      at = bytes.readUInt16BE(at) & 0x3fff
      if (at >= lowest) throw new Malformed()
      lowest = at
    }
  }
}
