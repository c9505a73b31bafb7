import { Event } from '../../types/core-v1/event.ts'
import type { Kind } from '../kind.ts'
import { validateEvent } from '../validation/event.ts'
import { pathSegment } from '../validation/names.ts'
import { allVerbs } from '../verbs.ts'
import { eventColumns, sourceOf } from './event-columns.ts'

const references = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const

export const events: Kind<Event> = {
  group: '', version: 'v1', kind: 'Event', resource: 'events', singular: 'event', shortNames: ['ev'],
  namespaced: true, verbs: allVerbs, schema: Event, storage: 'events', ephemeral: true, createOnUpdate: true, nameRule: pathSegment,
  doc: 'A report that something happened to an object; informative and short-lived.',
  validate: validateEvent,
  validateUpdate: validateEvent,
  columns: eventColumns,
  fieldLabels: {
    ...Object.fromEntries(references.map((name) => [`involvedObject.${name}`, ({ involvedObject }: Event) => involvedObject[name] ?? ''])),
    reason: ({ reason }) => reason ?? '',
    reportingComponent: ({ reportingComponent }) => reportingComponent ?? '',
    source: sourceOf,
    type: ({ type }) => type ?? '',
  },
}
