import { Event } from '../../types/events-v1.ts'
import type { Event as StoredEvent } from '../../types/core-v1/event.ts'
import { eventColumns } from '../core-v1/event-columns.ts'
import { events } from '../core-v1/event.ts'
import type { Kind } from '../kind.ts'
import { validateStrictEvent, validateStrictEventUpdate } from '../validation/event.ts'
import { allVerbs } from '../verbs.ts'

const references = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const

/** The newer face of `core/v1 Event`; both are one stored object. */
export const eventsV1: Kind<Event> = {
  group: 'events.k8s.io', version: 'v1', kind: 'Event', resource: 'events', singular: 'event', shortNames: ['ev'],
  namespaced: true, verbs: allVerbs, schema: Event, storage: 'events', ephemeral: true, createOnUpdate: true,
  doc: 'A report that something happened to an object; informative and short-lived.',
  storedAs: { kind: events, toStored, fromStored },
  validate: (event) => validateStrictEvent(toStored(event)),
  validateUpdate: (event, old) => validateStrictEventUpdate(toStored(event), toStored(old)),
  columns: eventColumns.map((column) => ({ ...column, value: (event: Event, now: number) => column.value(toStored(event), now) })),
  fieldLabels: {
    ...Object.fromEntries(references.map((name) => [`regarding.${name}`, ({ regarding }: Event) => regarding?.[name] ?? ''])),
    reason: ({ reason }) => reason ?? '',
    reportingController: ({ reportingController }) => reportingController ?? '',
    type: ({ type }) => type ?? '',
  },
}

/** In declared order, so that a write that changes nothing is found by comparing bytes. */
function toStored(event: Event): StoredEvent {
  const { kind, metadata, regarding, reason, note, deprecatedSource, deprecatedFirstTimestamp, deprecatedLastTimestamp, deprecatedCount } = event
  const { type, eventTime, series, action, related, reportingController, reportingInstance } = event
  return compact({
    apiVersion: 'v1', kind, metadata, involvedObject: regarding ?? {}, reason, message: note, source: deprecatedSource,
    firstTimestamp: deprecatedFirstTimestamp, lastTimestamp: deprecatedLastTimestamp, count: deprecatedCount,
    type, eventTime, series, action, related, reportingComponent: reportingController, reportingInstance,
  } as StoredEvent)
}

function fromStored(event: StoredEvent): Event {
  const { involvedObject, message, reportingComponent, source, firstTimestamp, lastTimestamp, count, ...same } = event
  return compact({
    ...same, apiVersion: 'events.k8s.io/v1',
    regarding: involvedObject, note: message, reportingController: reportingComponent, deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp, deprecatedLastTimestamp: lastTimestamp, deprecatedCount: count,
  } as Event)
}

const compact = <T extends object>(object: T): T => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
