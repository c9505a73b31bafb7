import type { Infer } from '../../schema/schema.ts'
import { always, int32, microTime, opt, req, string, struct, time } from '../../schema/schema.ts'
import { ObjectReference } from './common.ts'
import { ObjectMeta } from '../meta-v1/meta.ts'

export const EventSeries = struct('core/v1.EventSeries', {
  count: opt(1, int32),
  lastObservedTime: opt(2, microTime),
})
export interface EventSeries extends Infer<typeof EventSeries> {}

export const EventSource = struct('core/v1.EventSource', {
  component: opt(1, string),
  host: opt(2, string),
})
export interface EventSource extends Infer<typeof EventSource> {}

export const Event = struct('core/v1.Event', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  involvedObject: req(2, ObjectReference),
  reason: opt(3, string),
  message: opt(4, string),
  source: opt(5, EventSource, { written: true }),
  firstTimestamp: opt(6, time),
  lastTimestamp: opt(7, time),
  count: opt(8, int32),
  type: opt(9, string),
  eventTime: opt(10, microTime),
  series: opt(11, EventSeries),
  action: opt(12, string),
  related: opt(13, ObjectReference),
  reportingComponent: opt(14, string, { written: true }),
  reportingInstance: opt(15, string, { written: true }),
})
export interface Event extends Infer<typeof Event> {}
