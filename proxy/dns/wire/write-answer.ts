import { classes, maxMessage, plainUdpPayload, types, udpPayload, type Answer, type Bytes, type Name, type Query, type ResourceRecord } from '../message.ts'
import { lowerCase } from '../names.ts'
import type { Head } from './read-query.ts'

/** A response of 12 bytes, which no query is shorter than: header and code. A BADVERS carries OPT, as it is made of it. */
export function writeRefusal({ id, opcode, recursionDesired }: Head, rcode: number): Buffer {
  const extended = rcode > 15
  const bytes = Buffer.alloc(extended ? 23 : 12)
  bytes.writeUInt16BE(id, 0)
  bytes.writeUInt16BE(0x8000 | (opcode << 11) | (recursionDesired ? 0x0100 : 0) | (rcode & 15), 2)
  if (!extended) return bytes
  bytes.writeUInt16BE(1, 10)
  writeOpt(bytes, 12, rcode, false)
  return bytes
}

/** How many bytes the answer to a query may have: over UDP what the client says it takes, bounded. */
export function limitOf({ edns }: Query, protocol: 'udp' | 'tcp'): number {
  if (protocol === 'tcp') return maxMessage
  return edns ? Math.min(Math.max(edns.size, plainUdpPayload), udpPayload) : plainUdpPayload
}

export type WriteAnswer = (query: Query, answer: Answer, limit: number) => Buffer

/** Types in whose data names may be shortened (RFC 3597, 4); in others only what stands before may be pointed at. */
const compressible = new Set<number>([types.NS, types.CNAME, types.SOA, types.MB, types.MG, types.MR, types.PTR, types.MX])
const optLength = 11
const farthestPointer = 0x3fff

/**
 * Makes the writer of answers, which has one buffer for all. What does not fit is left out, whole records only: of the
 * answer and the authority with the TC bit, so that the client asks again by TCP (RFC 2181, 9); of the additional silently.
 * Throws a `RangeError` when a name is longer than 255 bytes.
 */
export function createAnswerWriter(): WriteAnswer {
  const scratch = Buffer.allocUnsafe(maxMessage + 512)
  let at = 0
  /** Where names stand, in lower case; those of the question keep its spelling. */
  let places = new Map<Name, number>()

  function writeName(name: Name, shorten: boolean): void {
    let rest = lowerCase(name)
    if (rest.length > 255) throw new RangeError('Cannot write a name of more than 255 bytes')
    let from = 0
    while (rest.length > 1) {
      const place = places.get(rest)
      if (place !== undefined && shorten) {
        at = scratch.writeUInt16BE(0xc000 | place, at)
        return
      }
      if (place === undefined && at <= farthestPointer) places.set(rest, at)
      const length = rest.charCodeAt(0) + 1
      at += scratch.write(name.slice(from, from + length), at, 'latin1')
      from += length
      rest = rest.slice(length)
    }
    scratch[at++] = 0
  }

  const writeBytes = (bytes: Bytes) => {
    if (bytes.length) at += scratch.write(bytes, at, 'latin1')
  }

  function writeRecord({ name, type, ttl, data }: ResourceRecord): void {
    writeName(name, true)
    at = scratch.writeUInt16BE(type, at)
    at = scratch.writeUInt16BE(classes.IN, at)
    at = scratch.writeUInt32BE(ttl >>> 0, at)
    const length = at
    at += 2
    writeBytes(data.before)
    for (const target of data.names) writeName(target, compressible.has(type))
    writeBytes(data.after)
    scratch.writeUInt16BE(at - length - 2, length)
  }

  /** Writes as many as fit; the number of them. */
  function writeSection(records: readonly ResourceRecord[], end: number): number {
    for (let count = 0; count < records.length; count += 1) {
      const start = at
      // A record of the largest size behind a nearly full message would write past the buffer.
      if (start + sizeOf(records[count]!) > scratch.length) return count
      writeRecord(records[count]!)
      if (at > end) {
        forget(start)
        return count
      }
    }
    return records.length
  }

  /** What was not sent must not be pointed at. */
  function forget(start: number): void {
    at = start
    for (const [name, place] of places) if (place >= start) places.delete(name)
  }

  return (query, answer, limit) => {
    places = new Map()
    const { question, edns } = query
    const end = limit - (edns ? optLength : 0)
    at = 12
    writeName(question.name, false)
    at = scratch.writeUInt16BE(question.type, at)
    at = scratch.writeUInt16BE(question.class, at)
    const answers = writeSection(answer.answers, end)
    const authority = answers === answer.answers.length ? writeSection(answer.authority, end) : 0
    const truncated = answers < answer.answers.length || authority < answer.authority.length
    const additional = truncated ? 0 : writeSection(answer.additional, end)
    if (edns) at = writeOpt(scratch, at, answer.rcode, edns.dnssecOk)
    scratch.writeUInt16BE(query.id, 0)
    scratch.writeUInt16BE(flagsOf(query, answer, truncated), 2)
    scratch.writeUInt16BE(1, 4)
    scratch.writeUInt16BE(answers, 6)
    scratch.writeUInt16BE(authority, 8)
    scratch.writeUInt16BE(additional + (edns ? 1 : 0), 10)
    return Buffer.from(scratch.subarray(0, at))
  }
}

const sizeOf = ({ name, data }: ResourceRecord): number => name.length + 10 + data.before.length + data.after.length + data.names.reduce((sum, each) => sum + each.length, 0)

function flagsOf(query: Query, answer: Answer, truncated: boolean): number {
  return 0x8080 // a response of one who resolves
    | (answer.authoritative ? 0x0400 : 0)
    | (truncated ? 0x0200 : 0)
    | (query.recursionDesired ? 0x0100 : 0)
    | (answer.authenticData && (query.authenticData || query.edns?.dnssecOk) ? 0x0020 : 0)
    | (query.checkingDisabled ? 0x0010 : 0)
    | (answer.rcode & 15)
}

/** The OPT record of our answers; the place behind it. */
function writeOpt(bytes: Buffer, start: number, rcode: number, dnssecOk: boolean): number {
  bytes[start] = 0
  bytes.writeUInt16BE(types.OPT, start + 1)
  bytes.writeUInt16BE(udpPayload, start + 3)
  bytes.writeUInt32BE(((rcode >> 4) << 24 | (dnssecOk ? 0x8000 : 0)) >>> 0, start + 5)
  bytes.writeUInt16BE(0, start + 9)
  return start + optLength
}
