import { Event } from '../../types/core-v1/event.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const events: Kind<Event> = {
  group: '', version: 'v1', kind: 'Event', resource: 'events', singular: 'event', shortNames: ['ev'],
  namespaced: true, verbs: allVerbs, schema: Event, storage: 'events', ephemeral: true, createOnUpdate: true,
  doc: 'A report that something happened to an object; informative and short-lived.',
  validate: () => [],
}
