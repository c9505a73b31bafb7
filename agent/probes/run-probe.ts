import type { Container } from '../../api/types/core-v1/container.ts'
import type { Probe } from '../../api/types/core-v1/probe.ts'
import type { ProbeNetwork } from '../machine.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { Runtime } from '../runtime/runtime.ts'

export interface ProbeTarget {
  readonly containerID: string
  readonly container: Container
  /** The pod's first address (the node's for pods on its network). */
  readonly ip: string
}

/** `output` is what the Event says behind "probe failed: ". `unknown` (the runtime is away) changes nothing. */
export interface ProbeOutcome { readonly result: 'success' | 'failure' | 'unknown'; readonly output: string }

export interface ProbeDeps { readonly runtime: Runtime; readonly network: ProbeNetwork }

const success = (output = ''): ProbeOutcome => ({ result: 'success', output })
const failure = (output: string): ProbeOutcome => ({ result: 'failure', output })

/** Runs a probe once. Never rejects. */
export async function runProbe(probe: Probe, target: ProbeTarget, deps: ProbeDeps): Promise<ProbeOutcome> {
  const seconds = probe.timeoutSeconds ?? 1
  try {
    if (probe.exec) return await execProbe(probe.exec.command ?? [], target, seconds, deps.runtime)
    if (probe.httpGet) return await httpProbe(probe.httpGet, target, seconds, deps.network)
    if (probe.tcpSocket) {
      const port = portNumber(probe.tcpSocket.port, target.container)
      await deps.network.tcp(probe.tcpSocket.host || target.ip, port, seconds * 1000)
      return success()
    }
    if (probe.grpc) return await grpcProbe(probe.grpc, target, seconds, deps.network)
    return failure('missing probe handler')
  } catch (error) {
    return failure(error instanceof Error ? error.message : String(error))
  }
}

async function execProbe(command: readonly string[], target: ProbeTarget, seconds: number, runtime: Runtime): Promise<ProbeOutcome> {
  try {
    const { exitCode, stdout, stderr } = await runtime.execSync(target.containerID, command, seconds)
    const output = Buffer.concat([stdout, stderr]).subarray(0, 10 * 1024).toString('utf8')
    return exitCode === 0 ? success(output) : failure(output)
  } catch (error) {
    if (error instanceof RuntimeError && error.reason === 'timeout') return failure(`command timed out: ${JSON.stringify(command.join(' '))} timed out after ${seconds}s`)
    if (error instanceof RuntimeError && error.reason === 'unavailable') return { result: 'unknown', output: error.message }
    throw error
  }
}

async function httpProbe(get: NonNullable<Probe['httpGet']>, target: ProbeTarget, seconds: number, network: ProbeNetwork): Promise<ProbeOutcome> {
  const port = portNumber(get.port, target.container)
  const scheme = get.scheme === 'HTTPS' ? 'HTTPS' : 'HTTP'
  const host = get.host || target.ip
  const path = get.path || '/'
  try {
    const { status, body } = await network.http({ scheme, host, port, path, headers: get.httpHeaders ?? [], timeoutMs: seconds * 1000 })
    return status >= 200 && status < 400 ? success(body) : failure(`HTTP probe failed with statuscode: ${status}`)
  } catch (error) {
    const url = `${scheme.toLowerCase()}://${host.includes(':') ? `[${host}]` : host}:${port}${path.startsWith('/') ? path : `/${path}`}`
    return failure(`Get ${JSON.stringify(url)}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function grpcProbe(grpc: NonNullable<Probe['grpc']>, target: ProbeTarget, seconds: number, network: ProbeNetwork): Promise<ProbeOutcome> {
  const status = await network.grpc(target.ip, grpc.port, grpc.service ?? '', seconds * 1000)
  return status === 'SERVING' ? success() : failure(`service unhealthy (responded with ${JSON.stringify(status)})`)
}

/** A number, or the name of one of the container's ports. Throws when there is none. */
export function portNumber(port: number | string, container: Container): number {
  if (typeof port === 'number') return port
  const named = container.ports?.find(({ name }) => name === port)?.containerPort ?? Number.parseInt(port, 10)
  if (!(named > 0 && named < 65536)) throw new Error(`couldn't find port: ${JSON.stringify(port)}`)
  return named
}
