import { Counter, Gauge, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { ApiResponse } from '../../api/transport.ts'
import type { Filter, RequestContext } from './context.ts'
import { isLongRunning } from './long-running.ts'

const labels = ['verb', 'group', 'version', 'resource', 'subresource', 'scope'] as const
const seconds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 4, 6, 10, 20, 30, 60]
const bytes = [1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000]

/** One combination of labels, ready to count: looking a combination up by its labels costs more than a GET. */
interface Series {
  total(): void
  duration(seconds: number): void
  size(bytes: number): void
}

/**
 * The original's request metrics (`apiserver_request_total`, …) as a filter. It stands outermost, so that every answer,
 * refusals included, is counted once.
 */
export function requestMetrics(registry: Registry, now: () => number): Filter {
  const registers = [registry]
  const total = new Counter({ name: 'apiserver_request_total', help: 'Requests by verb, resource and answer.', labelNames: [...labels, 'component', 'code', 'dry_run'], registers })
  const duration = new Histogram({ name: 'apiserver_request_duration_seconds', help: 'Time from request to answer.', labelNames: [...labels, 'component', 'dry_run'], buckets: seconds, registers })
  // The original takes out what it waited for webhooks; here both tell the same.
  const sli = new Histogram({ name: 'apiserver_request_sli_duration_seconds', help: 'Time from request to answer, for service level indicators.', labelNames: [...labels, 'component'], buckets: seconds, registers })
  const sizes = new Histogram({ name: 'apiserver_response_sizes', help: 'Bytes of answers.', labelNames: [...labels, 'component'], buckets: bytes, registers })
  const inflight = new Gauge({ name: 'apiserver_current_inflight_requests', help: 'Requests being answered, long-running ones excluded.', labelNames: ['request_kind'], registers })
  const longRunning = new Gauge({ name: 'apiserver_longrunning_requests', help: 'Watches, logs and tunnels that are open.', labelNames: [...labels, 'component'], registers })
  const watched = new Counter({ name: 'apiserver_watch_events_total', help: 'Events sent to watches.', labelNames: ['group', 'version', 'resource'], registers })
  const old = new Gauge({ name: 'apiserver_requested_deprecated_apis', help: 'Deprecated resources that somebody asked for.', labelNames: ['group', 'version', 'resource', 'subresource', 'removed_release'], registers })
  const reading = inflight.labels({ request_kind: 'readOnly' })
  const mutating = inflight.labels({ request_kind: 'mutating' })
  const known = new Map<string, Series>()

  const seriesOf = (context: RequestContext, code: number): Series => {
    const dryRun = context.request.query.has('dryRun') ? 'All' : ''
    const labelled = labelsOf(context)
    const key = `${labelled.verb} ${labelled.group}/${labelled.version}/${labelled.resource}/${labelled.subresource} ${labelled.scope} ${code} ${dryRun}`
    const found = known.get(key)
    if (found) return found
    const counter = total.labels({ ...labelled, code: String(code), dry_run: dryRun })
    const { group, version, resource, subresource } = labelled
    const deprecated = context.kind?.deprecated
    if (deprecated) old.set({ group, version, resource, subresource, removed_release: /unavailable in v([\d.]+)\+/.exec(deprecated)?.[1] ?? '' }, 1)
    const timer = duration.labels({ ...labelled, dry_run: dryRun })
    const indicator = sli.labels(labelled)
    const meter = sizes.labels(labelled)
    const made: Series = { total: () => counter.inc(), duration: (time) => { timer.observe(time); indicator.observe(time) }, size: (length) => meter.observe(length) }
    known.set(key, made)
    return made
  }

  return (next) => async (context) => {
    if (isLongRunning(context.info)) {
      const response = await next(context)
      seriesOf(context, response.status).total()
      const labelled = labelsOf(context)
      longRunning.inc(labelled)
      const events = response.body.kind === 'watch' ? watched.labels({ group: labelled.group, version: labelled.version, resource: labelled.resource }) : undefined
      return whenOver(response, () => longRunning.dec(labelled), () => events?.inc())
    }
    const gauge = reads.has(context.info.verb) ? reading : mutating
    const start = now()
    gauge.inc()
    try {
      const response = await next(context)
      const series = seriesOf(context, response.status)
      series.total()
      series.duration((now() - start) / 1000)
      if (context.info.verb === 'list' && response.body.kind === 'bytes') series.size(response.body.bytes.length)
      return response
    } finally {
      gauge.dec()
    }
  }
}

const reads = new Set(['get', 'list', 'head'])

/** Runs `over` once, when the stream of an answer ends; at once for answers that are whole. Tells of each event of a watch. */
function whenOver(response: ApiResponse, over: () => void, event: () => void): ApiResponse {
  const { body } = response
  if (body.kind === 'chunks') return { ...response, body: { kind: 'chunks', chunks: following(body.chunks, over) } }
  if (body.kind === 'watch') return { ...response, body: { kind: 'watch', events: following(body.events, over, event) } }
  over()
  return response
}

function following<T>(items: AsyncIterable<T>, over: () => void, each?: () => void): AsyncIterable<T> {
  return (async function* () {
    try {
      for await (const item of items) {
        each?.()
        yield item
      }
    } finally {
      over()
    }
  })()
}

/** Only what the server knows becomes a label: made-up resources and verbs must not grow the series without end. */
function labelsOf({ info, kind }: RequestContext): Record<(typeof labels)[number] | 'component', string> {
  const verb = Object.hasOwn(verbs, info.verb) ? verbs[info.verb]! : 'other'
  if (!kind) return { verb, group: '', version: '', resource: '', subresource: info.isResource ? '' : rootOf(info.path), scope: '', component: 'apiserver' }
  const scope = info.name ? 'resource' : info.namespace ? 'namespace' : 'cluster'
  const subresource = Object.hasOwn(kind.subresources ?? {}, info.subresource) ? info.subresource : ''
  return { verb, group: kind.group, version: kind.version, resource: kind.resource, subresource, scope, component: 'apiserver' }
}

const roots = new Set(['/api', '/apis', '/healthz', '/livez', '/metrics', '/openapi', '/readyz', '/version'])

/** `/openapi/v2` counts as `/openapi`. */
function rootOf(path: string): string {
  const end = path.indexOf('/', 1)
  const root = end < 0 ? path : path.slice(0, end)
  return roots.has(root) ? root : ''
}

const verbs: Readonly<Record<string, string>> = {
  get: 'GET', head: 'GET', list: 'LIST', watch: 'WATCH', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE', deletecollection: 'DELETECOLLECTION',
}
