import type { Infer } from '../../schema/schema.ts'
import { always, bool, list, opt, req, string, struct } from '../../schema/schema.ts'

export const GroupVersionForDiscovery = struct('meta/v1.GroupVersionForDiscovery', {
  groupVersion: req(1, string),
  version: req(2, string),
})
export interface GroupVersionForDiscovery extends Infer<typeof GroupVersionForDiscovery> {}

export const ServerAddressByClientCIDR = struct('meta/v1.ServerAddressByClientCIDR', {
  clientCIDR: req(1, string),
  serverAddress: req(2, string),
})
export interface ServerAddressByClientCIDR extends Infer<typeof ServerAddressByClientCIDR> {}

export const APIGroup = struct('meta/v1.APIGroup', {
  apiVersion: always(0, string),
  kind: always(0, string),
  name: req(1, string),
  versions: req(2, list(GroupVersionForDiscovery), { listType: 'atomic' }),
  preferredVersion: opt(3, GroupVersionForDiscovery),
  serverAddressByClientCIDRs: opt(4, list(ServerAddressByClientCIDR), { listType: 'atomic' }),
})
export interface APIGroup extends Infer<typeof APIGroup> {}

export const APIGroupList = struct('meta/v1.APIGroupList', {
  apiVersion: always(0, string),
  kind: always(0, string),
  groups: req(1, list(APIGroup), { listType: 'atomic' }),
})
export interface APIGroupList extends Infer<typeof APIGroupList> {}

export const APIResource = struct('meta/v1.APIResource', {
  name: req(1, string),
  singularName: req(6, string),
  namespaced: req(2, bool),
  group: opt(8, string),
  version: opt(9, string),
  kind: req(3, string),
  verbs: req(4, list(string), { wrapped: true }),
  shortNames: opt(5, list(string), { listType: 'atomic' }),
  categories: opt(7, list(string), { listType: 'atomic' }),
  storageVersionHash: opt(10, string),
})
export interface APIResource extends Infer<typeof APIResource> {}

export const APIResourceList = struct('meta/v1.APIResourceList', {
  apiVersion: always(0, string),
  kind: always(0, string),
  groupVersion: req(1, string),
  resources: req(2, list(APIResource), { listType: 'atomic' }),
})
export interface APIResourceList extends Infer<typeof APIResourceList> {}

export const APIVersions = struct('meta/v1.APIVersions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  versions: req(1, list(string), { listType: 'atomic' }),
  serverAddressByClientCIDRs: req(2, list(ServerAddressByClientCIDR), { listType: 'atomic' }),
})
export interface APIVersions extends Infer<typeof APIVersions> {}
