import type { FieldError } from '../../errors.ts'
import { jsonSyntaxError } from '../../schema/json.ts'
import { Secret } from '../../types/core-v1/config.ts'
import { age, integer, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { immutableMessage, invalid, invalidFor, required, tooLong } from '../validation/field.ts'
import { validateImmutable } from '../validation/immutable.ts'
import { configMapKey } from '../validation/names.ts'
import { allVerbs } from '../verbs.ts'
import { dataLimit } from './config-map.ts'

export const secrets: Kind<Secret> = {
  group: '', version: 'v1', kind: 'Secret', resource: 'secrets', singular: 'secret',
  namespaced: true, verbs: allVerbs, schema: Secret, storage: 'secrets',
  doc: 'Confidential data for pods as keys and values.',
  default: defaultSecret,
  validate,
  validateUpdate: (secret, old) => [
    ...(secret.type === old.type ? [] : [invalid('type', secret.type, immutableMessage)]),
    ...validateImmutable(secret, old, ['data']),
    ...validate(secret),
  ],
  columns: [text('Type', ({ type }) => type ?? '', 'What the data are for.'), integer('Data', ({ data }) => Object.keys(data ?? {}).length, 'The number of keys.'), age],
  fieldLabels: { type: ({ type }) => type ?? '' },
}

/** `stringData` is a convenience for writing; what is stored is `data`. */
function defaultSecret(secret: Secret): void {
  secret.type ||= 'Opaque'
  if (!secret.stringData) return
  const written = Object.entries(secret.stringData).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
  secret.data = { ...secret.data, ...Object.fromEntries(written) }
  delete secret.stringData
}

const account = 'kubernetes.io/service-account.name'
const neededKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'], 'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'], 'kubernetes.io/tls': ['tls.crt', 'tls.key'],
}

function validate(secret: Secret): FieldError[] {
  const { data = {}, type = '' } = secret
  const size = Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0)
  return [
    ...Object.keys(data).flatMap((key) => invalidFor(`data[${key}]`, key, configMapKey(key))),
    ...(size > dataLimit ? [tooLong('data', dataLimit)] : []),
    ...(neededKeys[type] ?? []).flatMap((key) => (data[key] === undefined ? [required(`data[${key}]`)] : type === 'kubernetes.io/tls' ? [] : validateJSON(data[key], `data[${key}]`))),
    ...validateByType(secret),
  ]
}

function validateByType({ metadata, data = {}, type }: Secret): FieldError[] {
  if (type === 'kubernetes.io/service-account-token') return metadata.annotations?.[account] ? [] : [required(`metadata.annotations[${account}]`)]
  if (type === 'kubernetes.io/basic-auth') return data.username === undefined && data.password === undefined ? [required('data[username]'), required('data[password]')] : []
  if (type === 'kubernetes.io/ssh-auth') return data['ssh-privatekey'] ? [] : [required('data[ssh-privatekey]')]
  return []
}

function validateJSON(encoded: string, field: string): FieldError[] {
  const value = Buffer.from(encoded, 'base64').toString()
  try {
    const parsed: unknown = JSON.parse(value)
    if (typeof parsed === 'object' && !Array.isArray(parsed)) return []
    const kind = Array.isArray(parsed) ? 'array' : typeof parsed === 'boolean' ? 'bool' : typeof parsed
    return [invalid(field, '<secret contents redacted>', `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`)]
  } catch {
    return [invalid(field, '<secret contents redacted>', jsonSyntaxError(value))]
  }
}
