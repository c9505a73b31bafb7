import { milliQuantityOf, parseQuantity, quantityMilliValue } from '../../schema/quantity.ts'
import type { ObjectFieldSelector, ResourceFieldSelector, ResourceList } from '../../types/core-v1/common.ts'
import type { Container, ResourceRequirements } from '../../types/core-v1/container.ts'
import type { HTTPGetAction, LifecycleHandler, Probe } from '../../types/core-v1/probe.ts'
import { defaultPullPolicy } from './image.ts'

/** Defaults of a container of any sort, in place. */
export function defaultContainer(container: Container): void {
  container.imagePullPolicy ||= defaultPullPolicy(container.image)
  container.terminationMessagePath ||= '/dev/termination-log'
  container.terminationMessagePolicy ||= 'File'
  container.resources ??= {}
  defaultResources(container.resources)
  for (const port of container.ports ?? []) port.protocol ||= 'TCP'
  for (const { valueFrom } of container.env ?? []) {
    defaultFieldRef(valueFrom?.fieldRef)
    defaultResourceFieldRef(valueFrom?.resourceFieldRef)
    if (valueFrom?.fileKeyRef) valueFrom.fileKeyRef.optional ??= false
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) if (probe) defaultProbe(probe)
  defaultHandler(container.lifecycle?.postStart)
  defaultHandler(container.lifecycle?.preStop)
}

/** Nothing is counted finer than a thousandth. */
export function defaultResources({ limits, requests }: ResourceRequirements): void {
  for (const list of [limits, requests]) if (list) roundToMilli(list)
}

export function roundToMilli(list: ResourceList): void {
  for (const [name, quantity] of Object.entries(list)) {
    const { nano, format } = parseQuantity(quantity)
    if (nano % 1_000_000n !== 0n) list[name] = milliQuantityOf(quantityMilliValue(quantity), format)
  }
}

export function defaultFieldRef(reference: ObjectFieldSelector | undefined): void {
  if (reference) reference.apiVersion ||= 'v1'
}

/** The original always writes the divisor out; nought stands for one. */
export function defaultResourceFieldRef(reference: ResourceFieldSelector | undefined): void {
  if (reference) reference.divisor ??= '0'
}

function defaultProbe(probe: Probe): void {
  probe.timeoutSeconds ||= 1
  probe.periodSeconds ||= 10
  probe.successThreshold ||= 1
  probe.failureThreshold ||= 3
  if (probe.grpc) probe.grpc.service ??= ''
  defaultHTTPGet(probe.httpGet)
}

function defaultHandler(handler: LifecycleHandler | undefined): void {
  defaultHTTPGet(handler?.httpGet)
}

function defaultHTTPGet(action: HTTPGetAction | undefined): void {
  if (!action) return
  action.path ||= '/'
  action.scheme ||= 'HTTP'
}

/** A limit without a request asks for what it allows. Only pods get this, so that a template stays as it was written. */
export function requestWhatIsLimited({ resources }: Container): void {
  if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests }
}
