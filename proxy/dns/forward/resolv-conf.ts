import { isIP } from 'node:net'

/** The name servers of a resolv.conf in their order, without those that would bring the question back to us. */
export const nameServersOf = (text: string, except: readonly string[]): string[] => [...new Set(text.split('\n').flatMap((line) => {
  const [word, value = ''] = line.replace(/[#;].*$/, '').trim().split(/\s+/)
  return word === 'nameserver' && isIP(value) && !except.includes(value) ? [value] : []
}))]
