import { classes, types, type Name, type Question, type ResourceRecord } from '../message.ts'
import { formatIP } from '../../../api/cidr.ts'
import { lowerCase, nameText } from '../names.ts'

/** The wire form of a name in text. Unlike in a zone file a dot always ends a label. */
export const wire = (text: string): Name => text.split('.').filter(Boolean).map((label) => String.fromCharCode(label.length) + label).join('') + '\0'

export const question = (name: string, type: keyof typeof types): Question => ({ name: wire(name), key: lowerCase(wire(name)), type: types[type], class: classes.IN })

const typeName = (type: number): string => Object.entries(types).find(([, number]) => number === type)?.[0] ?? String(type)

/** A record as one line of a zone file: `svc1.testns.svc.cluster.local. 5 A 10.0.0.1`. */
export function recordText({ name, type, ttl, data }: ResourceRecord): string {
  const bytes = Buffer.from(data.before, 'latin1')
  const numbers = type === types.SRV ? [0, 2, 4].map((at) => bytes.readUInt16BE(at)) : []
  const after = Buffer.from(data.after, 'latin1')
  const tail = type === types.SOA ? [0, 4, 8, 12, 16].map((at) => after.readUInt32BE(at)) : []
  const text = type === types.A || type === types.AAAA ? [formatIP(BigInt(`0x${bytes.toString('hex')}`), bytes.length * 8)]
    : type === types.TXT || type === types.HINFO ? [JSON.stringify(bytes.subarray(1).toString())] : []
  return [nameText(name), ttl, typeName(type), ...numbers, ...text, ...data.names.map(nameText), ...tail].join(' ')
}
