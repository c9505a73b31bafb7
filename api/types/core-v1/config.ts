import type { Infer } from '../../schema/schema.ts'
import { always, bool, bytes, list, map, opt, string, struct, text } from '../../schema/schema.ts'
import { LocalObjectReference, ObjectReference } from './common.ts'
import { ObjectMeta } from '../meta-v1/meta.ts'

export const ConfigMap = struct('core/v1.ConfigMap', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  immutable: opt(4, bool, { pointer: true }),
  data: opt(2, map(string)),
  binaryData: opt(3, map(bytes)),
})
export interface ConfigMap extends Infer<typeof ConfigMap> {}

export const SecretType = text('Opaque', 'bootstrap.kubernetes.io/token', 'kubernetes.io/basic-auth', 'kubernetes.io/dockercfg', 'kubernetes.io/dockerconfigjson', 'kubernetes.io/service-account-token', 'kubernetes.io/ssh-auth', 'kubernetes.io/tls')

export const Secret = struct('core/v1.Secret', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  immutable: opt(5, bool, { pointer: true }),
  data: opt(2, map(bytes)),
  stringData: opt(4, map(string)),
  type: opt(3, SecretType),
})
export interface Secret extends Infer<typeof Secret> {}

export const ServiceAccount = struct('core/v1.ServiceAccount', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  secrets: opt(2, list(ObjectReference), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge', deprecated: true }),
  imagePullSecrets: opt(3, list(LocalObjectReference), { listType: 'atomic' }),
  automountServiceAccountToken: opt(4, bool, { pointer: true }),
})
export interface ServiceAccount extends Infer<typeof ServiceAccount> {}
