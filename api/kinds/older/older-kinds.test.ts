import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../object.ts'
import { decode } from '../../schema/decode.ts'
import { resolve } from '../../schema/schema.ts'
import type { Schema } from '../../schema/schema.ts'
import { apiVersionOf } from '../kind.ts'
import type { Kind } from '../kind.ts'
import { olderKinds } from './older-kinds.ts'

/** Numbers of chance that come again with the same seed (mulberry32). */
function chance(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Some value of a type; optional fields come and go. */
function someOf(schema: Schema, random: (below: number) => number, depth = 0): unknown {
  const of = resolve(schema)
  switch (of.kind) {
    case 'struct': return Object.fromEntries(Object.entries(of.fields)
      .filter(([, field]) => (field as { presence: string }).presence !== 'optional' || (depth < 7 && random(3) > 0))
      .map(([name, field]) => [name, someOf((field as { schema: Schema }).schema, random, depth + 1)]))
    case 'list': return depth > 7 ? [] : Array.from({ length: random(3) }, () => someOf(of.items, random, depth + 1))
    case 'map': return Object.fromEntries(Array.from({ length: depth > 7 ? 0 : random(3) }, (_, i) => [`key-${i}`, someOf(of.values, random, depth + 1)]))
    case 'string': return of.values?.length ? of.values[random(of.values.length)] : `text-${random(9)}`
    case 'bool': return random(2) === 1
    case 'int32': case 'int64': case 'float64': return random(99) + 1
    case 'quantity': return `${random(99) + 1}`
    case 'intOrString': return random(2) ? random(99) + 1 : 'http'
    case 'bytes': return Buffer.from(`bytes-${random(9)}`).toString('base64')
    case 'time': return '2026-01-02T03:04:05Z'
    case 'microTime': return '2026-01-02T03:04:05.000006Z'
    case 'duration': return '5s'
    default: return { some: 'thing' }
  }
}

/** Where not everything a type allows means something, only that is made which does. */
const sensible: Readonly<Record<string, (object: any) => void>> = {
  Ingress: eachBackend,
  HorizontalPodAutoscaler: eachMetric,
  CustomResourceDefinition({ spec }) {
    if (!spec.versions?.length) spec.versions = [{ name: 'v1', served: true, storage: true }]
    for (const version of spec.versions) delete version.schema?.openAPIV3Schema
    // One place or the other, as the original demands.
    for (const name of ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields']) if (spec[name === 'schema' ? 'validation' : name]) for (const version of spec.versions) delete version[name]
    if (spec.conversion?.webhook) spec.conversion.webhook.conversionReviewVersions = ['v1']
    spec.version = spec.versions[0].name
    spec.preserveUnknownFields = true
  },
}

function eachBackend({ spec }: any): void {
  const backends = [spec.backend, spec.defaultBackend, ...(spec.rules ?? []).flatMap(({ http }: any) => (http?.paths ?? []).map(({ backend }: any) => backend))]
  for (const backend of backends.filter(Boolean)) {
    if (backend.service) backend.service.port = backend.service.port?.name ? { name: backend.service.port.name } : { number: 80 }
    if (backend.serviceName || backend.servicePort) Object.assign(backend, { serviceName: 's', servicePort: backend.servicePort || 80 })
  }
}

function eachMetric({ spec, status }: any): void {
  const set = (metric: any, source: string, fields: object) => { if (metric[source]) Object.assign(metric[source], fields) }
  for (const metric of spec.metrics ?? []) {
    if (!('target' in (metric.pods ?? {}))) continue
    set(metric, 'pods', { target: { type: 'AverageValue', averageValue: '5' } })
  }
  for (const metric of spec.metrics ?? []) {
    for (const source of ['resource', 'containerResource']) if (metric[source]?.target) metric[source].target = { type: 'Utilization', averageUtilization: 7 }
    for (const source of ['object', 'external']) if (metric[source]?.target?.type) metric[source].target = { type: 'Value', value: '3' }
    if (metric.object && metric.object.targetValue && metric.object.averageValue) metric.object.targetValue = '4'
  }
  for (const metric of status?.currentMetrics ?? []) {
    for (const source of ['resource', 'containerResource', 'pods']) if (metric[source]?.current) metric[source].current = { averageValue: '2' }
    for (const source of ['object', 'external']) if (metric[source]?.current) metric[source].current = { value: '2' }
  }
}

function made<T extends KubeObject>(kind: Kind<T>, seed: number): T {
  const rough = { ...someOf(kind.schema, chance(seed)) as object, apiVersion: apiVersionOf(kind), kind: kind.kind }
  sensible[kind.kind]?.(rough)
  return decode<T>(kind.schema, rough, 'Ignore').object
}

const named = olderKinds.map((kind) => [`${apiVersionOf(kind)} ${kind.kind}`, kind] as const)
const seeds = Array.from({ length: 25 }, (_, i) => i * 7919 + 1)

describe('nothing is lost', () => {
  test.each(named)('in %s, there and back', (_, kind) => {
    for (const seed of seeds) {
      const object = made(kind, seed)
      const stored = kind.storedAs!.toStored(object)
      expect(stored.apiVersion).toBe(apiVersionOf(kind.storedAs!.kind))
      const back = kind.storedAs!.fromStored(stored)
      // What was said of all versions of a definition may be said of each, and the other way round.
      if (kind.kind !== 'CustomResourceDefinition') expect(back).toMatchObject(object)
      expect(kind.storedAs!.toStored(back)).toEqual(stored)
    }
  })

  test.each(named)('of what is stored, seen as %s', (_, kind) => {
    for (const seed of seeds) {
      const stored = made(kind.storedAs!.kind, seed)
      const text = JSON.stringify(stored)
      const back = kind.storedAs!.toStored(kind.storedAs!.fromStored(stored))
      expect(back).toEqual(stored)
      expect(JSON.stringify(back), 'the order of fields').toBe(text)
      expect(JSON.stringify(stored), 'the argument').toBe(text)
    }
  })
})

test('an average of an object has no target of nought', () => {
  const [kind] = olderKinds.filter(({ version }) => version === 'v2beta1')
  const stored = {
    apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'x' },
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'd' }, maxReplicas: 2, metrics: [{ type: 'Object', object: { describedObject: { kind: 'Service', name: 's' }, target: { type: 'AverageValue', averageValue: '3' }, metric: { name: 'm' } } }], behavior: { scaleUp: { selectPolicy: 'Max' } } },
  }
  const older = kind!.storedAs!.fromStored(stored)
  expect(older).toMatchObject({ metadata: { annotations: { 'autoscaling.alpha.kubernetes.io/behavior': '{"scaleUp":{"selectPolicy":"Max"}}' } }, spec: { metrics: [{ object: { targetValue: '0', averageValue: '3' } }] } })
  expect(kind!.storedAs!.toStored(older)).toEqual(stored)
})

test('every warning has the form of the original', () => {
  for (const { deprecated, kind } of olderKinds) {
    if (deprecated) expect(deprecated).toMatch(new RegExp(`^[a-z0-9.]+/v\\d(beta\\d)? ${kind} is deprecated in v1\\.\\d+\\+, unavailable in v1\\.\\d+\\+(; use [a-z0-9.]+/v\\d ${kind}(List)?)?$`))
  }
  expect(olderKinds.filter(({ deprecated }) => !deprecated).map(({ kind }) => kind)).toEqual(['MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding'])
})
