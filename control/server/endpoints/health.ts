import type { ApiResponse } from '../../../api/transport.ts'
import { textResponse } from '../respond.ts'
import type { Endpoint } from './endpoints.ts'

/** One thing that must be well. Rejects or throws with what is wrong. */
export interface HealthCheck {
  readonly name: string
  check(): void | Promise<void>
}

/** `/healthz`, `/livez`, `/readyz`: `ok`, or 500 with what failed; `?verbose` lists all; `/readyz/<name>` asks one; `?exclude=` leaves some out. */
export function health(root: string, checks: readonly HealthCheck[]): Readonly<Record<string, Endpoint>> {
  const one = (check: HealthCheck): Endpoint => async () => {
    const wrong = await run(check)
    return wrong === undefined ? textResponse(200, 'ok') : textResponse(500, `internal server error: ${wrong}\n`)
  }
  return {
    [`/${root}`]: (context) => all(root, checks, context.request.query),
    ...Object.fromEntries(checks.map((check) => [`/${root}/${check.name}`, one(check)])),
  }
}

async function all(root: string, checks: readonly HealthCheck[], query: URLSearchParams): Promise<ApiResponse> {
  const excluded = new Set(query.getAll('exclude'))
  const lines: string[] = []
  let failed = false
  for (const check of checks) {
    if (excluded.has(check.name)) {
      lines.push(`[+]${check.name} excluded: ok`)
      continue
    }
    const wrong = await run(check)
    failed ||= wrong !== undefined
    lines.push(wrong === undefined ? `[+]${check.name} ok` : `[-]${check.name} failed: reason withheld`)
  }
  if (failed) return textResponse(500, `${lines.join('\n')}\n${root} check failed\n`)
  return textResponse(200, query.has('verbose') ? `${lines.join('\n')}\n${root} check passed\n` : 'ok')
}

async function run(check: HealthCheck): Promise<string | undefined> {
  try {
    await check.check()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
