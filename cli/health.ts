import { createServer } from 'node:http'
import type { Clock } from '../host/clock.ts'

/** What must have happened before a process counts as healthy, by name. */
export type Conditions = Readonly<Record<string, Promise<unknown>>>

/**
 * `/healthz` in plain HTTP on loopback, as the kubelet has it on port 10248: 200 `ok` once every condition is met, before
 * that 503 with the names of those that are not. Resolves to the function that closes it.
 */
export async function serveHealth(port: number, conditions: Conditions): Promise<() => Promise<void>> {
  const missing = new Set(Object.keys(conditions))
  for (const [name, condition] of Object.entries(conditions)) condition.then(() => missing.delete(name), () => undefined)
  const server = createServer((request, response) => {
    const known = request.url === '/healthz'
    const text = !known ? '404 page not found\n' : missing.size === 0 ? 'ok' : `waiting for ${[...missing].join(', ')}\n`
    response.writeHead(!known ? 404 : missing.size === 0 ? 200 : 503, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return () => new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** Whether the process behind the port is healthy. Rejects with what it waits for, or with why it cannot be asked. */
export async function askHealth(port: number, clock: Clock): Promise<true> {
  const asking = new AbortController()
  const cancel = clock.after(2_000, () => asking.abort(new Error('it does not answer')))
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: asking.signal })
    const text = await answer.text()
    if (answer.status !== 200) throw new Error(text.trim())
    return true
  } catch (error) {
    throw error instanceof TypeError && error.cause instanceof Error ? error.cause : error // fetch hides why behind "fetch failed"
  } finally {
    cancel()
  }
}
