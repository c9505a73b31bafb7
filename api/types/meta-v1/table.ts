import type { Infer } from '../../schema/schema.ts'
import { always, int32, list, opt, raw, req, string, struct, text } from '../../schema/schema.ts'
import { ConditionStatus, ListMeta, ObjectMeta } from './meta.ts'

export const PartialObjectMetadata = struct('meta/v1.PartialObjectMetadata', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
})
export interface PartialObjectMetadata extends Infer<typeof PartialObjectMetadata> {}

export const RowConditionType = text('Completed')

export const TableColumnDefinition = struct('meta/v1.TableColumnDefinition', {
  name: req(0, string),
  type: req(0, string),
  format: req(0, string),
  description: req(0, string),
  priority: req(0, int32),
})
export interface TableColumnDefinition extends Infer<typeof TableColumnDefinition> {}

export const TableRowCondition = struct('meta/v1.TableRowCondition', {
  type: req(0, RowConditionType),
  status: req(0, ConditionStatus),
  reason: opt(0, string),
  message: opt(0, string),
})
export interface TableRowCondition extends Infer<typeof TableRowCondition> {}

export const TableRow = struct('meta/v1.TableRow', {
  conditions: opt(0, list(TableRowCondition), { listType: 'atomic' }),
  object: opt(0, raw),
})
export interface TableRow extends Infer<typeof TableRow> {}

export const Table = struct('meta/v1.Table', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(0, ListMeta),
  columnDefinitions: req(0, list(TableColumnDefinition), { listType: 'atomic' }),
  rows: req(0, list(TableRow), { listType: 'atomic' }),
})
export interface Table extends Infer<typeof Table> {}
