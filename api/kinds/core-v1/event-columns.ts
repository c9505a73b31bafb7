import { ageOf } from '../../table/duration.ts'
import type { Event } from '../../types/core-v1/event.ts'
import type { Column } from '../kind.ts'
import { integer, text, wide } from '../columns.ts'

const firstSeen = ({ firstTimestamp, eventTime }: Event): string | undefined => firstTimestamp ?? eventTime
const lastSeen = (event: Event): string | undefined => event.series?.lastObservedTime ?? event.lastTimestamp ?? firstSeen(event)

function object({ involvedObject: { kind = '', name } }: Event): string {
  return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase()
}

/** Who reported it. */
export const sourceOf = ({ source, reportingComponent }: Event): string => source?.component || reportingComponent || ''

const component = (event: Event): string => [sourceOf(event), event.source?.host || event.reportingInstance].filter(Boolean).join(', ')

/** Events have their name at the end: nobody looks for an event by name. */
export const eventColumns: readonly Column<Event>[] = [
  { name: 'Last Seen', type: 'string', description: 'When it happened last.', value: (event, now) => ageOf(lastSeen(event), now) },
  text('Type', ({ type }) => type ?? '', 'Normal or Warning.'),
  text('Reason', ({ reason }) => reason ?? '', 'What happened, in one word.'),
  text('Object', object, 'To what it happened.'),
  wide('Subobject', ({ involvedObject }) => involvedObject.fieldPath ?? '', 'To which part of it.'),
  wide('Source', component, 'Who reports it.'),
  text('Message', ({ message }) => (message ?? '').trim(), 'What happened, in a sentence.'),
  { ...wide('First Seen', (event, now) => ageOf(firstSeen(event), now), 'When it happened first.') },
  { ...integer<Event>('Count', ({ series, count }) => series?.count ?? (count || 1), 'How often it happened.'), priority: 1 },
  { ...wide('Name', ({ metadata }) => metadata.name, 'The name of the event.'), format: 'name' },
]
