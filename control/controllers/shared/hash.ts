/** Letters and digits that spell no words: the alphabet of generated names. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** A short name-safe digest of a JSON value that does not depend on the order of keys. FNV-1a, 32 bits. */
export function safeHash(value: unknown): string {
  return [...String(fnv1a(canonical(value)))].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('')
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/** JSON with sorted keys and without absent fields. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).filter(([, field]) => field !== undefined).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`
}
