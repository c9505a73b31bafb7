import type { Clock } from '../../host/clock.ts'

/** No vowels and nothing that looks like another character: the original's alphabet. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
/** What may stand before the random part: the whole must stay within 63 characters. */
const longestBase = 58

/** `base` with five random characters. */
export function generatedName(base: string, clock: Clock): string {
  let name = base.slice(0, longestBase)
  for (let i = 0; i < 5; i++) name += alphabet[Math.floor(clock.random() * alphabet.length)]
  return name
}

/** A version 4 UUID. */
export function uid(clock: Clock): string {
  let hex = ''
  for (let i = 0; i < 4; i++) hex += Math.floor(clock.random() * 0x1_0000_0000).toString(16).padStart(8, '0')
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) & 3]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
