import { classes, types, udpPayload, type Question } from '../message.ts'

/** What of a client's wishes an upstream server is told. */
export interface Wishes {
  readonly dnssecOk: boolean
  readonly checkingDisabled: boolean
}

/** A query for an upstream server: recursion desired, EDNS with our payload size, none of the client's options. */
export function writeQuery(id: number, { name, type }: Question, { dnssecOk, checkingDisabled }: Wishes): Buffer {
  const bytes = Buffer.alloc(12 + name.length + 4 + 11)
  bytes.writeUInt16BE(id, 0)
  bytes.writeUInt16BE(0x0100 | (checkingDisabled ? 0x0010 : 0), 2)
  bytes.writeUInt16BE(1, 4)
  bytes.writeUInt16BE(1, 10)
  bytes.write(name, 12, 'latin1')
  const end = 12 + name.length
  bytes.writeUInt16BE(type, end)
  bytes.writeUInt16BE(classes.IN, end + 2)
  bytes.writeUInt16BE(types.OPT, end + 5)
  bytes.writeUInt16BE(udpPayload, end + 7)
  if (dnssecOk) bytes.writeUInt16BE(0x8000, end + 11)
  return bytes
}
