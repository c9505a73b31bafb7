import { isIPv4, isIPv6 } from 'node:net'

/** The 4 or 16 bytes of an address as text; throws on anything else. */
export const ipBytes = (text: string): Buffer => {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number))
  if (!isIPv6(text) || text.includes('%')) throw new TypeError(`not an IP address: ${JSON.stringify(text)}`)
  const dotted = /^(.*:)([\d.]+)$/.exec(text)
  const tail = dotted?.[2]?.includes('.') ? [...ipBytes(dotted[2])] : []
  const head = tail.length > 0 ? dotted![1]!.replace(/([^:]):$/, '$1') : text
  const [left = '', right] = head.split('::')
  const words = (part: string): number[] => part === '' ? [] : part.split(':').flatMap(word => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 255])
  const before = words(left)
  const after = [...words(right ?? ''), ...tail]
  return Buffer.from([...before, ...Array.from({ length: 16 - before.length - after.length }, () => 0), ...after])
}

/** The shortest text (RFC 5952) of 4 or 16 bytes. */
export const ipText = (bytes: Uint8Array): string => {
  if (bytes.length === 4) return bytes.join('.')
  const words = Array.from({ length: 8 }, (_, n) => ((bytes[n * 2]! << 8) | bytes[n * 2 + 1]!).toString(16))
  const zeros = [...words.join(':').matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)].sort((a, b) => b[0].length - a[0].length)[0]
  if (!zeros) return words.join(':')
  const text = words.join(':')
  return `${text.slice(0, zeros.index).replace(/:$/, '')}::${text.slice(zeros.index + zeros[0].length).replace(/^:/, '')}`
}

/** `10.0.0.1/24` → bytes and prefix length; without a length the whole address. */
export const cidrBytes = (text: string): { bytes: Buffer; prefix: number } => {
  const [address = '', length] = text.split('/')
  const bytes = ipBytes(address)
  const prefix = length === undefined ? bytes.length * 8 : Number(length)
  if (!/^\d*$/.test(length ?? '') || prefix > bytes.length * 8) throw new TypeError(`not a CIDR: ${JSON.stringify(text)}`)
  return { bytes, prefix }
}
