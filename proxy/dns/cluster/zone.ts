import type { Name, ResourceRecord } from '../message.ts'
import { join } from '../names.ts'
import { ns, soa } from '../records.ts'

/** The record that says who is responsible for a zone, and how long an absence may be remembered. */
export const soaOf = (zone: Name, ttl: number, serial: number): ResourceRecord => soa(zone, ttl, {
  primary: nameServerOf(zone), mailbox: join(['hostmaster'], zone), serial: serial >>> 0, refresh: 7200, retry: 1800, expire: 86_400, minimum: ttl,
})

export const nsOf = (zone: Name, ttl: number): ResourceRecord => ns(zone, ttl, nameServerOf(zone))

export const nameServerOf = (zone: Name): Name => join(['ns', 'dns'], zone)
