import { apiServices } from '../../../api/kinds/apiregistration-v1/api-service.ts'
import { services } from '../../../api/kinds/core-v1/service.ts'
import { endpointSlices } from '../../../api/kinds/discovery-v1/endpoint-slice.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { APIService, APIServiceCondition } from '../../../api/types/apiregistration-v1.ts'
import { rfc3339 } from '../../../host/clock.ts'
import { StoreError } from '../../store/log.ts'
import { dial, Unreachable } from '../agent-connection.ts'
import type { ServerPart } from '../parts.ts'
import { serviceAddress } from '../service-address.ts'
import { hostPort } from '../network-error.ts'
import type { Tools } from '../tools.ts'
import { aggregator, identityHeaders } from './aggregation.ts'
import type { Aggregation, RemoteVersion } from './aggregation.ts'

type Verdict = Pick<APIServiceCondition, 'status' | 'reason' | 'message'>

/** How often a server is asked again, whether it answered or not. */
const period = 30_000
const patience = 5_000

/**
 * Asks after the servers behind APIServices (their discovery document, as the original does) and writes the answer into the
 * condition `Available`: when an APIService, its service or its endpoints change, and every half minute.
 */
export const availability = (aggregation: Aggregation): ServerPart => ({
  name: 'apiservice-status-available-controller',
  async start(tools) {
    await aggregation.load()
    const busy = new Map<string, Promise<void>>()
    const again = new Set<string>()
    const check = (name: string): void => {
      if (busy.has(name)) {
        again.add(name)
        return
      }
      const running = judge(tools, aggregation, name).catch((error: unknown) => tools.log.warn({ err: error, apiService: name }, 'Could not check an APIService')).finally(() => {
        busy.delete(name)
        if (again.delete(name) && !tools.ending.aborted) check(name)
      })
      busy.set(name, running)
    }
    const checkThose = (concerned: (remote: RemoteVersion) => boolean): void => { for (const remote of aggregation.all()) if (concerned(remote)) check(remote.name) }
    follow(tools, (object) => { check(object.metadata.name); plan() }, ({ metadata }, serviceName) =>
      checkThose(({ service }) => service.namespace === metadata.namespace && service.name === serviceName))
    // Whoever answered may stop to: they are asked again, as long as there are any.
    let stop: (() => void) | undefined
    const repeat = (): void => {
      stop = undefined
      checkThose(() => true)
      plan()
    }
    function plan(): void {
      if (!stop && !tools.ending.aborted && aggregation.all().length > 0) stop = tools.clock.after(period, repeat, { unref: true })
    }
    tools.ending.addEventListener('abort', () => stop?.(), { once: true })
  },
})

/** Calls back for every APIService there is and that changes, and for services and slices that change. */
function follow(tools: Tools, onApiService: (object: APIService) => void, onService: (object: KubeObject, serviceName: string | undefined) => void): void {
  const watch = async (kind: typeof apiServices | typeof services | typeof endpointSlices, call: (object: any) => void): Promise<void> => {
    while (!tools.ending.aborted) {
      const frames = await tools.resources.cache(kind).watch({ signal: tools.ending })
      for await (const { event } of frames) if (event.type === 'ADDED' || event.type === 'MODIFIED' || event.type === 'DELETED') call(event.object)
    }
  }
  const running = [
    watch(apiServices, onApiService),
    watch(services, (object: KubeObject) => onService(object, object.metadata.name)),
    watch(endpointSlices, (object: KubeObject) => onService(object, object.metadata.labels?.['kubernetes.io/service-name'])),
  ]
  Promise.all(running).catch((error: unknown) => { if (!tools.ending.aborted) tools.log.error({ err: error }, 'Following the APIServices ended') })
}

async function judge(tools: Tools, aggregation: Aggregation, name: string): Promise<void> {
  const remote = aggregation.all().find((candidate) => candidate.name === name)
  if (!remote) return
  const verdict = await verdictOn(tools, remote)
  const at = rfc3339(tools.clock.now())
  try {
    await tools.store.guaranteedUpdate(tools.resources.of(apiServices), tools.resources.key(apiServices, '', name), ({ object }) => withCondition(object as APIService, verdict, at))
  } catch (error) {
    if (!(error instanceof StoreError) || error.reason !== 'missing') throw error
  }
}

async function verdictOn(tools: Tools, remote: RemoteVersion): Promise<Verdict> {
  const { service, group, version, tls } = remote
  const address = await serviceAddress(tools, service.namespace, service.name, service.port)
  if (!('host' in address)) return { status: 'False', ...address }
  const path = `/apis/${group}/${version}`
  const url = `https://${hostPort(address.host, address.port)}${path}`
  const over = new AbortController()
  const stop = tools.clock.after(patience, () => over.abort(), { unref: true })
  try {
    const outcome = await dial({ ...address, tls }, { method: 'GET', path, headers: identityHeaders(aggregator), signal: AbortSignal.any([over.signal, tools.ending]) })
    if (outcome.kind === 'upgrade') outcome.socket.destroy()
    else outcome.response.resume()
    const code = outcome.response.statusCode ?? 0
    if (code >= 200 && code < 300) return { status: 'True', reason: 'Passed', message: 'all checks passed' }
    return failed(url, `bad status from ${url}: ${code}`)
  } catch (error) {
    return failed(url, over.signal.aborted ? `Get ${JSON.stringify(url)}: context deadline exceeded` : error instanceof Unreachable ? `${error.wanted}: ${error.message}` : (error as Error).message)
  } finally {
    stop()
  }
}

const failed = (url: string, why: string): Verdict => ({ status: 'False', reason: 'FailedDiscoveryCheck', message: `failing or missing response from ${url}: ${why}` })

/** The object with the verdict as its condition; undefined when it says so already. */
function withCondition(object: APIService, verdict: Verdict, at: string): APIService | undefined {
  const conditions = object.status?.conditions ?? []
  const before = conditions.find(({ type }) => type === 'Available')
  if (before && before.status === verdict.status && before.reason === verdict.reason && before.message === verdict.message) return undefined
  const now: APIServiceCondition = { type: 'Available', ...verdict, lastTransitionTime: before?.status === verdict.status ? before.lastTransitionTime : at }
  return { ...object, status: { ...object.status, conditions: [...conditions.filter((condition) => condition !== before), now] } }
}
