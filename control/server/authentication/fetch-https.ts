import { get } from 'node:https'

/** Reads a document of some server. Rejects with an `Error` in a sentence when it cannot be had. */
export type FetchText = (url: string, options: { readonly ca?: string | undefined }) => Promise<string>

const patience = 10_000
const longest = 1024 * 1024

/** Reads over https, with the system's authorities or the given ones (PEM). Redirects are not followed; what is longer than 1 MiB is refused. */
export const fetchHttps: FetchText = (url, { ca }) => new Promise((resolve, reject) => {
  const sent = get(url, { timeout: patience, agent: false, headers: { accept: 'application/json' }, ...(ca && { ca }) }, (response) => {
    if (response.statusCode !== 200) {
      response.resume()
      return reject(new Error(`Cannot read ${url}: it answered ${response.statusCode}`))
    }
    const parts: Buffer[] = []
    let length = 0
    response.on('data', (part: Buffer) => {
      parts.push(part)
      length += part.length
      if (length > longest) sent.destroy(new Error(`Cannot read ${url}: it is longer than ${longest} bytes`))
    })
    response.on('end', () => resolve(Buffer.concat(parts).toString()))
    response.on('error', reject)
  })
  sent.on('timeout', () => sent.destroy(new Error(`Cannot read ${url}: no answer within ${patience / 1000} s`)))
  sent.on('error', reject)
})
