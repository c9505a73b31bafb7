import { expect, test } from 'vitest'
import { pods } from '../kinds/core-v1/pod.ts'
import { compileCel } from './compile.ts'
import { celTypeOf } from './schema-type.ts'

const compile = (source: string) => compileCel(source, { variables: { object: celTypeOf(pods.schema) } })

test.each([
  'object.spec.containers.all(c, c.ports.exists(p, p.containerPort > 1024))', 'object.metadata.creationTimestamp < timestamp("2026-01-01T00:00:00Z")', 'object.metadata.labels["a"] == "b"',
  'object.spec.containers[0].livenessProbe.httpGet.port == 80 || object.spec.containers[0].livenessProbe.httpGet.port == "http"', 'object.metadata.__namespace__ == object.metadata.name',
])('%s compiles', (source) => expect(() => compile(source)).not.toThrow())

test.each([
  ['object.spec.containerz', "undefined field 'containerz'"], ['object.spec.containers.all(c, c.name == 1)', "'(string, int)'"], ['object.metadata.labels.all(k, k > 1)', "'(string, int)'"],
])('%s does not: %s', (source, why) => expect(() => compile(source)).toThrow(why))
