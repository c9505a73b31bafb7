import { describe, expect, test } from 'vitest'
import { decode } from '../schema/decode.ts'
import { bool, float64, int64, list, map, microTime, opt, raw, string, struct } from '../schema/schema.ts'
import { Deployment } from '../types/apps-v1.ts'
import { ConfigMap } from '../types/core-v1/config.ts'
import { Pod } from '../types/core-v1/pod.ts'
import { Service } from '../types/core-v1/service.ts'
import { APIResourceList } from '../types/meta-v1/discovery.ts'
import { Ingress } from '../types/networking-v1/ingress.ts'
import { decodeMessage, openEnvelope } from './decode.ts'
import { nanosecondsOf } from './duration.ts'
import { encodeMessage, sealEnvelope } from './encode.ts'
import { bool as aBool, integer, message, text } from './testing/writer.ts'

const there = (schema: typeof Pod | any, object: object) => decodeMessage(schema, encodeMessage(schema, object))

describe('a message', () => {
  test('is written as Go writes it: fields by number, maps by key, embedded types as messages', () => {
    expect(encodeMessage(Pod, {
      metadata: { name: 'a', labels: { z: '1', a: '2' } },
      spec: { containers: [{ name: 'c', livenessProbe: { httpGet: { port: 'http' }, periodSeconds: 7 } }], hostNetwork: false },
    })).toEqual(message(
      message.at(1, text(1, 'a'), message.at(11, text(1, 'a'), text(2, '2')), message.at(11, text(1, 'z'), text(2, '1'))),
      message.at(2, message.at(2, text(1, 'c'), message.at(10, message.at(1, message.at(2, message.at(2, integer(1, 1), integer(2, 0), text(3, 'http')))), integer(4, 7))), aBool(11, false)),
    ))
  })

  test.each([
    ['a pod', Pod, { metadata: { name: 'a', creationTimestamp: '2023-11-14T22:13:20Z', managedFields: [{ manager: 'm', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:x': {} } } }] }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'ä€😀', image: 'i', resources: { limits: { cpu: '100m', memory: '1Gi' } }, env: [{ name: 'E', valueFrom: { configMapKeyRef: { name: 'cm', key: 'k', optional: false } } }] }], volumes: [{ name: 'v', configMap: { name: 'cm', items: [{ key: 'k', path: 'p', mode: 420 }] } }] } }],
    ['a deployment', Deployment, { metadata: { name: 'd' }, spec: { replicas: 0, strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } }, template: { spec: { containers: [] } } } }],
    ['bytes', ConfigMap, { binaryData: { k: Buffer.from([0, 1, 255]).toString('base64'), empty: '' }, data: { __proto: 'x', e: '' } }],
    ['a service', Service, { spec: { ports: [{ port: 80, targetPort: 8080 }, { port: 81, targetPort: 'web' }], healthCheckNodePort: -1 } }],
    ['an ingress', Ingress, { spec: { rules: [{ host: 'a', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 1 } } } }] } }] } }],
  ])('%s comes back as it went', (_, schema, object) => {
    const read = there(schema, object)
    const canonical = (value: unknown) => decode(schema, value, 'Ignore').object
    expect(canonical(read)).toEqual(canonical(object))
  })

  test('numbers of every kind, times, durations, JSON, lists behind maps', () => {
    const all = struct('test/v1.All', { a: opt(1, int64, { pointer: true }), b: opt(2, float64), c: opt(3, microTime), d: opt(4, raw), e: opt(5, map(list(string))), f: opt(6, list(int64)), g: opt(20, list(bool)) })
    const object = { a: -5, b: 1.5, c: '1970-01-01T00:00:01.002003Z', d: { any: [1, 'x', null] }, e: { k: ['a', 'b'], none: [] }, f: [0, 2 ** 40, 127, 128, 2 ** 53 - 1, -1], g: [true, false] }
    expect(there(all, object)).toEqual(object)
  })

  test('verbs of discovery are a message of their own', () => {
    const verbs = message.at(4, text(1, 'get'), text(1, 'list'))
    const bytes = encodeMessage(APIResourceList, { groupVersion: 'v1', resources: [{ name: 'pods', verbs: ['get', 'list'] }] })
    expect(bytes).toEqual(message(text(1, 'v1'), message.at(2, text(1, 'pods'), verbs)))
  })

  test('grows with what it has to hold', () => {
    const data = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`key-${i}`, 'x'.repeat(100)]))
    expect(there(ConfigMap, { data })).toEqual({ data })
  })
})

test('an envelope opens again', () => {
  const sealed = sealEnvelope('apps/v1', 'Deployment', Buffer.from('raw'))
  expect(sealed).toEqual(Buffer.concat([Buffer.from('k8s\0'), message(message.at(1, text(1, 'apps/v1'), text(2, 'Deployment')), text(2, 'raw'), text(3, ''), text(4, ''))]))
  expect(openEnvelope(sealed)).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', raw: Buffer.from('raw') })
})

test.each([['1h2m3.5s', 3723.5e9], ['-1.5ms', -1.5e6], ['0s', 0], ['10us', 1e4], ['', 0]])('the duration %j', (text, nanoseconds) => { expect(nanosecondsOf(text)).toBe(nanoseconds) })
