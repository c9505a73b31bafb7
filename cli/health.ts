import { createServer } from 'node:http'
import type { Clock } from '../host/clock.ts'

/** What must have happened before a process counts as healthy, by name. */
export type Conditions = Readonly<Record<string, Promise<unknown>>>

/** What is asked each time, by name; healthy while it does not reject. */
export type Checks = Readonly<Record<string, () => Promise<unknown>>>

/**
 * `/healthz` in plain HTTP on loopback, as the kubelet has it on port 10248: 200 `ok` once every condition is met and
 * while every check passes, else 503 with the names of those that do not. Resolves to the function that closes it.
 */
export async function serveHealth(port: number, conditions: Conditions, checks: Checks = {}): Promise<() => Promise<void>> {
  const missing = new Set(Object.keys(conditions))
  for (const [name, condition] of Object.entries(conditions)) condition.then(() => missing.delete(name), () => undefined)
  const unmet = async (): Promise<string[]> => {
    const asked = await Promise.all(Object.entries(checks).map(([name, check]) => check().then(() => [], () => [name])))
    return [...missing, ...asked.flat()]
  }
  const server = createServer((request, response) => {
    const answer = (code: number, text: string) => response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
    if (request.url !== '/healthz') return void answer(404, '404 page not found\n')
    void unmet().then((names) => (names.length === 0 ? answer(200, 'ok') : answer(503, `waiting for ${names.join(', ')}\n`)))
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
