import { randomInt } from 'node:crypto'

/** `abcdef.0123456789abcdef`: a name that may be shown, and a secret that may not. */
export interface TokenText {
  readonly id: string
  readonly secret: string
}

/** Reads a token as a person gives it; undefined when it is none. */
export function parseToken(text: string): TokenText | undefined {
  const [, id, secret] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(text.trim()) ?? []
  return id && secret ? { id, secret } : undefined
}

export const tokenText = ({ id, secret }: TokenText): string => `${id}.${secret}`

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
const drawn = (length: number): string => Array.from({ length }, () => letters[randomInt(letters.length)]).join('')

export const newToken = (): TokenText => ({ id: drawn(6), secret: drawn(16) })

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** Seconds of `24h`, `30m`, `1h30m`, `7d`; `0` is for ever. Undefined when it is none. */
export function parseTtl(text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(\d{1,6}[smhd])+$/.test(text)) return undefined
  return [...text.matchAll(/(\d+)([smhd])/g)].reduce((sum, [, number, unit]) => sum + Number(number) * units[unit!]!, 0) || undefined
}
