import { expect, test } from 'vitest'
import { acceptsGzip, negotiate } from './media-type.ts'

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

test.each([
  [undefined, 'application/json'],
  ['*/*', 'application/json'],
  ['application/yaml', 'application/yaml'],
  ['application/vnd.kubernetes.protobuf,application/json', 'application/vnd.kubernetes.protobuf'],
  ['application/vnd.kubernetes.protobuf;q=0.5, */*', 'application/json'],
  ['application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io', 'application/vnd.kubernetes.protobuf PartialObjectMetadata v1'],
  [`application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,${table}`, 'application/json Table v1'],
  ['application/json;q=0.1, application/yaml;q=0.9', 'application/yaml'],
  [`${table},application/json`, 'application/json Table v1'],
  ['application/json;as=Table;v=v1beta1;g=meta.k8s.io, application/json', 'application/json Table v1beta1'],
  ['application/json;as=Whatever;v=v1;g=meta.k8s.io, application/json', 'application/json'],
  ['application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io', 'application/json PartialObjectMetadataList v1'],
  ['text/html, application/xhtml+xml, */*;q=0.8', 'application/json'],
])('%s is answered in %s', (accept, expected) => {
  const { encoding, as, version } = negotiate(accept)
  expect([encoding, as, version].filter(Boolean).join(' ')).toBe(expected)
})

test('where there is no protobuf form the next wish counts', () => {
  expect(negotiate('application/vnd.kubernetes.protobuf,application/json', false).encoding).toBe('application/json')
  expect(() => negotiate('application/vnd.kubernetes.protobuf', false)).toThrow('only the following media types are accepted: application/json, application/yaml')
})

test.each(['text/html', 'application/json;q=0', 'application/json;as=Table;v=v7;g=meta.k8s.io', '__proto__', 'constructor'])('%s is 406', (accept) => {
  expect(() => negotiate(accept)).toThrow('only the following media types are accepted: application/json, application/yaml')
})

test('gzip is for those who take it', () => {
  expect([undefined, 'gzip', 'deflate, gzip;q=1.0', 'gzip;q=0', 'identity'].map(acceptsGzip)).toEqual([false, true, true, false, false])
})
