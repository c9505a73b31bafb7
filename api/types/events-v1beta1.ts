import type { Infer } from '../schema/schema.ts'
import { always, int32, microTime, opt, req, string, struct, time } from '../schema/schema.ts'
import { ObjectReference } from './core-v1/common.ts'
import { EventSource } from './core-v1/event.ts'
import { EventSeries as StableEventSeries } from './events-v1.ts'
import { ObjectMeta } from './meta-v1/meta.ts'

export const EventSeries = struct('events/v1beta1.EventSeries', StableEventSeries.fields)
export type EventSeries = StableEventSeries

export const Event = struct('events/v1beta1.Event', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  eventTime: req(2, microTime),
  series: opt(3, EventSeries),
  reportingController: opt(4, string),
  reportingInstance: opt(5, string),
  action: opt(6, string),
  reason: opt(7, string),
  regarding: opt(8, ObjectReference),
  related: opt(9, ObjectReference),
  note: opt(10, string),
  type: opt(11, string),
  deprecatedSource: opt(12, EventSource, { deprecated: true }),
  deprecatedFirstTimestamp: opt(13, time, { deprecated: true }),
  deprecatedLastTimestamp: opt(14, time, { deprecated: true }),
  deprecatedCount: opt(15, int32, { deprecated: true }),
})
export interface Event extends Infer<typeof Event> {}
