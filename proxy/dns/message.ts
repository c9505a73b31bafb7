/**
 * The words of DNS (RFC 1035) that everything in this room is said in. Names, addresses and record data are **bytes as a
 * string**, one character a byte: they compare, concatenate and serve as keys of maps, and no byte of a hostile name is lost.
 */
export type Bytes = string

/** A domain name as on the wire, without compression: `\x03web\x07default\x00`. Dots and any other byte may stand in a label. */
export type Name = Bytes

/** Every record is of class IN. */
export interface ResourceRecord {
  readonly name: Name
  readonly type: number
  /** Seconds. */
  readonly ttl: number
  readonly data: RecordData
}

/**
 * The data of a record, taken apart so far as names in it must be known: bytes, then names, then bytes. An A record is all
 * `before`, a CNAME one name, SRV six bytes and a name, SOA two names and twenty bytes.
 */
export interface RecordData {
  readonly before: Bytes
  readonly names: readonly Name[]
  readonly after: Bytes
}

export interface Question {
  /** As it was asked: upper and lower case come back as they were. */
  readonly name: Name
  /** The same in lower case: what names are compared by. */
  readonly key: Name
  readonly type: number
  readonly class: number
}

/** One well-formed query of a client. */
export interface Query {
  readonly id: number
  readonly recursionDesired: boolean
  readonly checkingDisabled: boolean
  readonly authenticData: boolean
  readonly question: Question
  /** Present when the client speaks EDNS (RFC 6891): the UDP payload it takes, and whether it wants DNSSEC records. */
  readonly edns: { readonly size: number; readonly dnssecOk: boolean } | undefined
}

/** What is said to a query; how much of it fits is the writer's business. */
export interface Answer {
  readonly rcode: number
  /** The zone is ours. */
  readonly authoritative: boolean
  /** An upstream server has checked signatures. */
  readonly authenticData?: boolean
  readonly answers: readonly ResourceRecord[]
  readonly authority: readonly ResourceRecord[]
  /** Only a courtesy: left out where it does not fit. */
  readonly additional: readonly ResourceRecord[]
}

export const classes = { IN: 1, ANY: 255 } as const

export const types = {
  A: 1, NS: 2, CNAME: 5, SOA: 6, MB: 7, MG: 8, MR: 9, PTR: 12, HINFO: 13, MX: 15, TXT: 16, RP: 17, AFSDB: 18, RT: 21, AAAA: 28, SRV: 33, NAPTR: 35,
  KX: 36, DNAME: 39, OPT: 41, DS: 43, RRSIG: 46, NSEC: 47, DNSKEY: 48, NSEC3: 50, SVCB: 64, HTTPS: 65, IXFR: 251, AXFR: 252, ANY: 255,
} as const

export const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const

/** Largest UDP payload that is sent and asked for: what passes every network unfragmented (DNS flag day 2020). */
export const udpPayload = 1232
/** Largest UDP payload without EDNS. */
export const plainUdpPayload = 512
export const maxMessage = 65_535
