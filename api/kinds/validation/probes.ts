import type { FieldError } from '../../errors.ts'
import type { PodSpec } from '../../types/core-v1/pod.ts'
import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe, ProbeHandler } from '../../types/core-v1/probe.ts'
import { Signal } from '../../types/core-v1/probe.ts'
import { forbidden, invalid, invalidFor, nonNegative, notSupported, required } from './field.ts'
import { httpHeaderName, portName, portNumber } from './names.ts'

export const portNumberOrName = (port: number | string | undefined, field: string): FieldError[] =>
  (typeof port === 'string' ? invalidFor(field, port, portName(port)) : invalidFor(field, port ?? 0, portNumber(port)))

function httpGet(action: HTTPGetAction, field: string): FieldError[] {
  const scheme = action.scheme ?? ''
  return [
    ...(action.path ? [] : [required(`${field}.path`)]),
    ...portNumberOrName(action.port, `${field}.port`),
    ...(scheme === 'HTTP' || scheme === 'HTTPS' ? [] : [notSupported(`${field}.scheme`, scheme, ['HTTP', 'HTTPS'])]),
    ...(action.httpHeaders ?? []).flatMap(({ name }) => invalidFor(`${field}.httpHeaders`, name, httpHeaderName(name))),
  ]
}

type Handler = ProbeHandler & LifecycleHandler

/** Exactly one way of acting; the second and later ones are forbidden. */
function validateHandler(handler: Handler, gracePeriod: number | undefined, field: string): FieldError[] {
  const { exec, tcpSocket, grpc, sleep } = handler
  const given: [string, FieldError[]][] = []
  if (exec) given.push(['exec', exec.command?.length ? [] : [required(`${field}.exec.command`)]])
  if (handler.httpGet) given.push(['httpGet', httpGet(handler.httpGet, `${field}.httpGet`)])
  if (tcpSocket) given.push(['tcpSocket', portNumberOrName(tcpSocket.port, `${field}.tcpSocket.port`)])
  if (grpc) given.push(['grpc', portNumberOrName(grpc.port, `${field}.grpc.port`)])
  if (sleep) given.push(['sleep', validSleep(sleep.seconds, gracePeriod, `${field}.sleep`)])
  if (!given.length) return [required(field, 'must specify a handler type')]
  return given.flatMap(([name, wrong], index) => (index ? [forbidden(`${field}.${name}`, 'may not specify more than 1 handler type')] : wrong))
}

const validSleep = (seconds: number, gracePeriod: number | undefined, field: string): FieldError[] =>
  (gracePeriod !== undefined && (seconds < 0 || seconds > gracePeriod)
    ? [invalid(field, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`)] : [])

export function validateLifecycle(lifecycle: Lifecycle | undefined, spec: PodSpec, field: string): FieldError[] {
  if (!lifecycle) return []
  const { postStart, preStop, stopSignal } = lifecycle
  const gracePeriod = spec.terminationGracePeriodSeconds
  return [
    ...(postStart ? validateHandler(postStart, gracePeriod, `${field}.postStart`) : []),
    ...(preStop ? validateHandler(preStop, gracePeriod, `${field}.preStop`) : []),
    ...(stopSignal === undefined ? [] : validateStopSignal(stopSignal, spec, `${field}.stopSignal`)),
  ]
}

function validateStopSignal(signal: string, spec: PodSpec, field: string): FieldError[] {
  if (!spec.os) return [forbidden(field, 'may not be set for containers with empty `spec.os.name`')]
  const known = spec.os.name === 'windows' ? ['SIGKILL', 'SIGTERM'] : Signal.values ?? []
  return known.includes(signal) ? [] : [notSupported(field, signal, known)]
}

const periods = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const

function validateProbe(probe: Probe, gracePeriod: number | undefined, field: string): FieldError[] {
  const grace = probe.terminationGracePeriodSeconds
  return [
    ...validateHandler(probe, gracePeriod, field),
    ...periods.flatMap((name) => nonNegative(probe[name], `${field}.${name}`)),
    ...(grace !== undefined && grace <= 0 ? [invalid(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0')] : []),
  ]
}

/** Liveness and startup probes: one success is success. */
export function validateOnceProbe(probe: Probe | undefined, gracePeriod: number | undefined, field: string): FieldError[] {
  if (!probe) return []
  return [...validateProbe(probe, gracePeriod, field), ...(probe.successThreshold === 1 ? [] : [invalid(`${field}.successThreshold`, probe.successThreshold ?? 0, 'must be 1')])]
}

export function validateReadinessProbe(probe: Probe | undefined, gracePeriod: number | undefined, field: string): FieldError[] {
  if (!probe) return []
  const grace = probe.terminationGracePeriodSeconds
  return [...validateProbe(probe, gracePeriod, field), ...(grace === undefined ? [] : [invalid(`${field}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes')])]
}
