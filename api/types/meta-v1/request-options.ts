import type { Infer } from '../../schema/schema.ts'
import { always, bool, int64, list, opt, req, string, struct, text } from '../../schema/schema.ts'

export const ApplyOptions = struct('meta/v1.ApplyOptions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  dryRun: opt(1, list(string), { listType: 'atomic' }),
  force: req(2, bool),
  fieldManager: req(3, string),
})
export interface ApplyOptions extends Infer<typeof ApplyOptions> {}

export const CreateOptions = struct('meta/v1.CreateOptions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  dryRun: opt(1, list(string), { listType: 'atomic' }),
  fieldManager: opt(3, string, { deprecated: true }),
  fieldValidation: opt(4, string),
})
export interface CreateOptions extends Infer<typeof CreateOptions> {}

export const FieldSelectorOperator = text('DoesNotExist', 'Exists', 'In', 'NotIn')

export const FieldSelectorRequirement = struct('meta/v1.FieldSelectorRequirement', {
  key: req(1, string),
  operator: req(2, FieldSelectorOperator),
  values: opt(3, list(string), { listType: 'atomic' }),
})
export interface FieldSelectorRequirement extends Infer<typeof FieldSelectorRequirement> {}

export const GetOptions = struct('meta/v1.GetOptions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  resourceVersion: opt(1, string),
})
export interface GetOptions extends Infer<typeof GetOptions> {}

export const GroupVersionKind = struct('meta/v1.GroupVersionKind', {
  group: req(1, string),
  version: req(2, string),
  kind: req(3, string),
})
export interface GroupVersionKind extends Infer<typeof GroupVersionKind> {}

export const GroupVersionResource = struct('meta/v1.GroupVersionResource', {
  group: req(1, string),
  version: req(2, string),
  resource: req(3, string),
})
export interface GroupVersionResource extends Infer<typeof GroupVersionResource> {}

export const IncludeObjectPolicy = text('Metadata', 'None', 'Object')

export const ResourceVersionMatch = text('Exact', 'NotOlderThan')

export const ListOptions = struct('meta/v1.ListOptions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  labelSelector: opt(1, string),
  fieldSelector: opt(2, string),
  watch: opt(3, bool, { deprecated: true }),
  allowWatchBookmarks: opt(9, bool),
  resourceVersion: opt(4, string),
  resourceVersionMatch: opt(10, ResourceVersionMatch),
  timeoutSeconds: opt(5, int64, { pointer: true }),
  limit: opt(7, int64),
  continue: opt(8, string),
  sendInitialEvents: opt(11, bool, { pointer: true }),
  shardSelector: opt(15, string),
})
export interface ListOptions extends Infer<typeof ListOptions> {}

export const PatchOptions = struct('meta/v1.PatchOptions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  dryRun: opt(1, list(string), { listType: 'atomic' }),
  force: opt(2, bool, { pointer: true }),
  fieldManager: opt(3, string),
  fieldValidation: opt(4, string),
})
export interface PatchOptions extends Infer<typeof PatchOptions> {}

export const RootPaths = struct('meta/v1.RootPaths', {
  paths: req(1, list(string), { listType: 'atomic' }),
})
export interface RootPaths extends Infer<typeof RootPaths> {}

export const TableOptions = struct('meta/v1.TableOptions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  includeObject: opt(1, IncludeObjectPolicy),
})
export interface TableOptions extends Infer<typeof TableOptions> {}

export const UpdateOptions = struct('meta/v1.UpdateOptions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  dryRun: opt(1, list(string), { listType: 'atomic' }),
  fieldManager: opt(2, string),
  fieldValidation: opt(3, string),
})
export interface UpdateOptions extends Infer<typeof UpdateOptions> {}
