/**
 * The bytes of rtnetlink: a header, a fixed struct, then attributes (length, type, value, padded to 4). Everything is
 * in the byte order of the machine, which is little-endian wherever Node runs.
 */
export const NLM = { REQUEST: 1, MULTI: 2, ACK: 4, DUMP: 0x300, REPLACE: 0x100, EXCL: 0x200, CREATE: 0x400, DUMP_INTERRUPTED: 0x10, ACK_TLVS: 0x200, CAPPED: 0x100 } as const
export const NLMSG = { ERROR: 2, DONE: 3 } as const
export const RTM = {
  NEWLINK: 16, DELLINK: 17, GETLINK: 18, SETLINK: 19,
  NEWADDR: 20, DELADDR: 21, GETADDR: 22,
  NEWROUTE: 24, DELROUTE: 25, GETROUTE: 26,
  NEWNEIGH: 28, DELNEIGH: 29, GETNEIGH: 30,
} as const

export const headerSize = 16

export interface Message { readonly type: number; readonly flags: number; readonly sequence: number; readonly body: Buffer }

const align = (size: number): number => (size + 3) & ~3

export const encodeMessage = (type: number, flags: number, sequence: number, body: Buffer): Buffer => {
  const header = Buffer.alloc(headerSize)
  header.writeUInt32LE(headerSize + body.length, 0)
  header.writeUInt16LE(type, 4)
  header.writeUInt16LE(flags, 6)
  header.writeUInt32LE(sequence, 8)
  return Buffer.concat([header, body])
}

/** The messages of one datagram; a length that lies ends it. */
export const decodeMessages = (datagram: Buffer): Message[] => {
  const messages: Message[] = []
  for (let at = 0; at + headerSize <= datagram.length;) {
    const length = datagram.readUInt32LE(at)
    if (length < headerSize || at + length > datagram.length) break
    messages.push({
      type: datagram.readUInt16LE(at + 4), flags: datagram.readUInt16LE(at + 6), sequence: datagram.readUInt32LE(at + 8),
      body: datagram.subarray(at + headerSize, at + length),
    })
    at += align(length)
  }
  return messages
}

/** One attribute; text gets its final zero, a number is 32 bits, a list of attributes nests. */
export const attribute = (type: number, value: string | number | Uint8Array | readonly Buffer[]): Buffer => {
  const bytes = typeof value === 'string' ? Buffer.from(`${value}\0`)
    : typeof value === 'number' ? u32(value)
    : Array.isArray(value) ? Buffer.concat(value as Buffer[])
    : value as Uint8Array
  const out = Buffer.alloc(align(4 + bytes.length))
  out.writeUInt16LE(4 + bytes.length, 0)
  out.writeUInt16LE(Array.isArray(value) ? type | 0x8000 : type, 2)
  out.set(bytes, 4)
  return out
}

/** Type → value of the attributes in `bytes` from `offset`; the last of a type wins. */
export const attributes = (bytes: Buffer, offset = 0): Map<number, Buffer> => {
  const found = new Map<number, Buffer>()
  for (let at = offset; at + 4 <= bytes.length;) {
    const length = bytes.readUInt16LE(at)
    if (length < 4 || at + length > bytes.length) break
    found.set(bytes.readUInt16LE(at + 2) & 0x3fff, bytes.subarray(at + 4, at + length))
    at += align(length)
  }
  return found
}

export const u8 = (value: number): Buffer => Buffer.from([value])

/** In network byte order, as ports are. */
export const u16be = (value: number): Buffer => Buffer.from([value >> 8 & 0xff, value & 0xff])

export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

/** Text up to its final zero. */
export const text = (bytes: Buffer | undefined): string | undefined => bytes?.toString('utf8').replace(/\0.*$/s, '')

export const number = (bytes: Buffer | undefined): number | undefined =>
  bytes === undefined ? undefined : bytes.length >= 4 ? bytes.readUInt32LE(0) : bytes[0]

export const macBytes = (mac: string): Buffer => {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac)) throw new TypeError(`not a MAC address: ${JSON.stringify(mac)}`)
  return Buffer.from(mac.replaceAll(':', ''), 'hex')
}

export const macText = (bytes: Buffer | undefined): string | undefined =>
  bytes?.length === 6 ? bytes.toString('hex').replace(/(..)(?=.)/g, '$1:') : undefined
