import { types, type Bytes, type Name, type RecordData, type ResourceRecord } from './message.ts'

const bytesOnly = (before: Bytes): RecordData => ({ before, names: [], after: '' })

/** Numbers as big-endian bytes. */
export const uint16 = (value: number): Bytes => String.fromCharCode((value >> 8) & 255, value & 255)
export const uint32 = (value: number): Bytes => uint16((value >>> 16) & 65_535) + uint16(value & 65_535)

/** A or AAAA, by the number of the address' bytes. */
export const address = (name: Name, ttl: number, bytes: Bytes): ResourceRecord => ({ name, type: bytes.length === 4 ? types.A : types.AAAA, ttl, data: bytesOnly(bytes) })

export const cname = (name: Name, ttl: number, target: Name): ResourceRecord => ({ name, type: types.CNAME, ttl, data: { before: '', names: [target], after: '' } })
export const ptr = (name: Name, ttl: number, target: Name): ResourceRecord => ({ name, type: types.PTR, ttl, data: { before: '', names: [target], after: '' } })
export const ns = (name: Name, ttl: number, target: Name): ResourceRecord => ({ name, type: types.NS, ttl, data: { before: '', names: [target], after: '' } })

export const srv = (name: Name, ttl: number, { priority, weight, port, target }: { priority: number; weight: number; port: number; target: Name }): ResourceRecord =>
  ({ name, type: types.SRV, ttl, data: { before: uint16(priority) + uint16(weight) + uint16(port), names: [target], after: '' } })

/** One string of at most 255 bytes. */
export const txt = (name: Name, ttl: number, text: string): ResourceRecord => ({ name, type: types.TXT, ttl, data: bytesOnly(String.fromCharCode(text.length) + text) })

export const hinfo = (name: Name, ttl: number, cpu: string, os: string): ResourceRecord =>
  ({ name, type: types.HINFO, ttl, data: bytesOnly(String.fromCharCode(cpu.length) + cpu + String.fromCharCode(os.length) + os) })

export interface Soa {
  readonly primary: Name
  readonly mailbox: Name
  readonly serial: number
  /** Seconds; so are the following. */
  readonly refresh: number
  readonly retry: number
  readonly expire: number
  /** How long the absence of a name may be remembered (RFC 2308). */
  readonly minimum: number
}

export const soa = (name: Name, ttl: number, { primary, mailbox, serial, refresh, retry, expire, minimum }: Soa): ResourceRecord =>
  ({ name, type: types.SOA, ttl, data: { before: '', names: [primary, mailbox], after: [serial, refresh, retry, expire, minimum].map(uint32).join('') } })

/** The last number of an SOA record. */
export const soaMinimum = ({ data: { after } }: ResourceRecord): number =>
  after.length < 20 ? 0 : [16, 17, 18, 19].reduce((sum, at) => sum * 256 + after.charCodeAt(at), 0)
