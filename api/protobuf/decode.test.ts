import { describe, expect, test } from 'vitest'
import { lazy, microTime, opt, struct } from '../schema/schema.ts'
import type { StructSchema } from '../schema/schema.ts'
import { Deployment } from '../types/apps-v1.ts'
import { SelfSubjectReview } from '../types/authentication-v1.ts'
import { ConfigMap } from '../types/core-v1/config.ts'
import { Pod } from '../types/core-v1/pod.ts'
import { Service } from '../types/core-v1/service.ts'
import { bool, integer, message, text } from './testing/writer.ts'
import { decodeMessage, openEnvelope } from './decode.ts'

describe('a message', () => {
  test('becomes the JSON it stands for', () => {
    const bytes = message(
      message.at(1, text(1, 'web'), text(2, ''), text(3, 'default'), message.at(8), message.at(11, text(1, 'app'), text(2, 'web')), message.at(11, text(1, 'empty'))),
      message.at(2, integer(1, 0), message.at(3, message.at(2, message.at(2, text(1, 'c'), text(2, 'web:1'), message.at(8, message.at(1, text(1, 'cpu'), message.at(2, text(1, '100m')))))))),
    )
    expect(decodeMessage(Deployment, bytes)).toEqual({
      metadata: { name: 'web', namespace: 'default', labels: { app: 'web', empty: '' } },
      spec: { replicas: 0, template: { spec: { containers: [{ name: 'c', image: 'web:1', resources: { limits: { cpu: '100m' } } }] } } },
    })
  })

  test('leaves out zero values that Go always writes, and keeps those it holds by pointer', () => {
    const spec = (...fields: Buffer[]) => decodeMessage(Pod, message(message.at(2, ...fields)))['spec']
    expect(spec(text(10, ''), bool(11, false), integer(4, 0), integer(5, 0))).toEqual({ terminationGracePeriodSeconds: 0, activeDeadlineSeconds: 0 })
  })

  test('unfolds embedded types: volumes, probes, references', () => {
    const volume = message.at(1, text(1, 'v'), message.at(2, message.at(19, message.at(1, text(1, 'cm')), bool(4, false))))
    const probe = message.at(10, message.at(1, message.at(2, text(1, '/'), message.at(2, integer(1, 1), integer(2, 0), text(3, 'http')))), integer(4, 7))
    expect(decodeMessage(Pod, message(message.at(2, volume, message.at(2, text(1, 'c'), probe))))['spec']).toEqual({
      volumes: [{ name: 'v', configMap: { name: 'cm', optional: false } }],
      containers: [{ name: 'c', livenessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 7 } }],
    })
  })

  test('reads bytes, times, numbers or texts, negative numbers, lists of values', () => {
    expect(decodeMessage(ConfigMap, message(message.at(3, text(1, 'k'), text(2, '\u0001\u0002'))))).toEqual({ binaryData: { k: 'AQI=' } })
    const port = message.at(1, integer(3, 80), message.at(4, integer(1, 0), integer(2, 8080), text(3, '')))
    expect(decodeMessage(Service, message(message.at(2, port, integer(12, -1)), message.at(1, message.at(8, integer(1, 1_700_000_000), integer(2, 5)))))).toEqual({
      metadata: { creationTimestamp: '2023-11-14T22:13:20Z' }, spec: { ports: [{ port: 80, targetPort: 8080 }], healthCheckNodePort: -1 },
    })
    expect(decodeMessage(struct('test/v1.At', { at: opt(1, microTime) }), message(message.at(1, integer(1, 1), integer(2, 2_003_000))))).toEqual({ at: '1970-01-01T00:00:01.002003Z' })
    expect(decodeMessage(SelfSubjectReview, message(message.at(2, message.at(1, message.at(4, text(1, 'k'), message.at(2, text(1, 'a'), text(1, 'b')))))))).toEqual({ status: { userInfo: { extra: { k: ['a', 'b'] } } } })
  })

  test('passes over what it does not know', () => {
    expect(decodeMessage(ConfigMap, message(text(99, 'x'), integer(98, 5), message.at(2, text(1, 'a'), text(2, 'b'))))).toEqual({ data: { a: 'b' } })
  })

  test('a key named __proto__ is data', () => {
    const { data } = decodeMessage(ConfigMap, message(message.at(2, text(1, '__proto__'), text(2, 'b'))))
    expect(Object.entries(data as object)).toEqual([['__proto__', 'b']])
  })
})

describe('an envelope', () => {
  test('says the type and holds the object', () => {
    const envelope = Buffer.concat([Buffer.from('k8s\0'), message(message.at(1, text(1, 'v1'), text(2, 'Pod')), text(2, 'raw'), text(3, ''), text(4, ''))])
    expect(openEnvelope(envelope)).toEqual({ apiVersion: 'v1', kind: 'Pod', raw: Buffer.from('raw') })
  })

  test.each(['', 'k8s', '{"a":1}', 'k8s\u0001'])('%j is none', (bytes) => { expect(() => openEnvelope(Buffer.from(bytes))).toThrow(/does not appear to be a protobuf message/) })
})

describe('bytes of chance', () => {
  test('are refused or read, never followed out of bounds', () => {
    let seed = 11
    const random = () => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed >> 8 & 255 }
    for (let round = 0; round < 3000; round++) {
      const bytes = Buffer.from(Array.from({ length: random() % 40 }, random))
      try {
        decodeMessage(Pod, bytes)
      } catch (error) {
        expect((error as Error).name).toBe('ProtobufError')
      }
    }
  })

  test('deep nesting is refused', () => {
    let inner = message()
    for (let i = 0; i < 300; i++) inner = message.at(5, inner)
    expect(() => decodeMessage(deepSchema, inner)).toThrow('exceeded max depth')
  })
})

const deepSchema: StructSchema = struct('test/v1.Deep', { next: opt(5, lazy(() => deepSchema)) })
