import type { FieldError } from '../../errors.ts'
import type { Event } from '../../types/core-v1/event.ts'
import { semanticEqual } from './equal.ts'
import { immutableMessage, invalid, invalidFor, required } from './field.ts'
import { dnsSubdomain, qualifiedName } from './names.ts'

/** What every event must keep, whichever API it came through. One with an `eventTime` is of the new sort and held to more. */
export function validateEvent(event: Event): FieldError[] {
  const namespace = event.metadata.namespace ?? ''
  return [...(event.eventTime ? validateNew(event, namespace) : validateOld(event, namespace)), ...invalidFor('namespace', namespace, dnsSubdomain(namespace))]
}

const mismatch = (about: string): FieldError => invalid('involvedObject.namespace', about, 'does not match event.namespace')

function validateOld({ involvedObject }: Event, namespace: string): FieldError[] {
  const about = involvedObject.namespace ?? ''
  const matches = about ? about === namespace : namespace === '' || namespace === 'default'
  return matches ? [] : [mismatch(about)]
}

function validateNew(event: Event, namespace: string): FieldError[] {
  const { involvedObject, reportingComponent: controller = '', reportingInstance: instance = '', action = '', reason = '', message = '' } = event
  return [
    ...(!involvedObject.namespace && namespace !== 'default' && namespace !== 'kube-system' ? [mismatch('')] : []),
    ...(controller ? [] : [required('reportingController')]),
    ...invalidFor('reportingController', controller, qualifiedName(controller)),
    ...requiredUpTo(128, 'reportingInstance', instance),
    ...requiredUpTo(128, 'action', action),
    ...requiredUpTo(128, 'reason', reason),
    ...upTo(1024, 'message', message),
  ]
}

const upTo = (most: number, field: string, value: string): FieldError[] => (Buffer.byteLength(value) > most ? [invalid(field, '', `can have at most ${most} characters`)] : [])
const requiredUpTo = (most: number, field: string, value: string): FieldError[] => (value ? upTo(most, field, value) : [required(field)])

/** An event that comes through `events.k8s.io/v1`, in its stored form: none of the old fields. */
export function validateStrictEvent(event: Event): FieldError[] {
  const old = [['firstTimestamp', event.firstTimestamp], ['lastTimestamp', event.lastTimestamp], ['count', event.count], ['source', event.source?.component || event.source?.host]] as const
  return [
    ...validateEvent(event),
    ...validateSeries(event),
    ...(event.eventTime ? [] : [required('eventTime')]),
    ...(event.type === 'Normal' || event.type === 'Warning' ? [] : [invalid('type', '', `has invalid value: ${event.type ?? ''}`)]),
    ...old.filter(([, value]) => value).map(([field]) => invalid(field, '', 'needs to be unset')),
  ]
}

function validateSeries({ series }: Event): FieldError[] {
  if (!series) return []
  return [...((series.count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []), ...(series.lastObservedTime ? [] : [required('series.lastObservedTime')])]
}

const fixed = ['involvedObject', 'reason', 'message', 'source', 'firstTimestamp', 'lastTimestamp', 'count', 'type', 'eventTime', 'action', 'related', 'reportingComponent', 'reportingInstance'] as const

/** Through the new API only the series of an event changes. */
export function validateStrictEventUpdate(event: Event, old: Event): FieldError[] {
  return [
    ...validateEvent(event),
    ...(semanticEqual(event.series, old.series) ? [] : validateSeries(event)),
    ...fixed.filter((name) => !semanticEqual(event[name], old[name]))
      .map((name) => invalid(name === 'reportingComponent' ? 'reportingController' : name, event[name] ?? null, immutableMessage)),
  ]
}
