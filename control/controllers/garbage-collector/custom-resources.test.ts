import { expect, test } from 'vitest'
import { isNotFound } from '../../../api/errors.ts'
import { customResourceDefinitions } from '../../../api/kinds/apiextensions-v1/custom-resource-definition.ts'
import { configMaps } from '../../../api/kinds/core-v1/config-map.ts'
import { namespaces } from '../../../api/kinds/core-v1/namespace.ts'
import { allVerbs } from '../../../api/kinds/verbs.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import { always, raw, string, struct } from '../../../api/schema/schema.ts'
import type { CustomResourceDefinition } from '../../../api/types/apiextensions-v1/custom-resource-definition.ts'
import { startBench } from '../testing/bench.ts'
import type { Bench } from '../testing/bench.ts'

const widgets: Kind = {
  group: 'example.com', version: 'v1', kind: 'Widget', resource: 'widgets', singular: 'widget', namespaced: true, verbs: allVerbs, storage: 'example.com/widgets', doc: '', validate: () => [],
  schema: struct('example.com/v1.Widget', { apiVersion: always(0, string), kind: always(0, string), metadata: always(1, raw) }),
}
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'widgets.example.com' },
  spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] },
} as unknown as CustomResourceDefinition

async function withWidgets(names: Parameters<typeof startBench>[0]): Promise<Bench> {
  const bench = await startBench(names)
  await bench.client.create(customResourceDefinitions, definition)
  await bench.eventually(async () => expect((await bench.client.get(customResourceDefinitions, { name: 'widgets.example.com' })).status?.conditions).toContainEqual(expect.objectContaining({ type: 'Established', status: 'True' })))
  return bench
}

const gone = (bench: Bench, kind: Kind, name: string, namespace: string) => bench.eventually(() => expect(bench.client.get(kind, { namespace, name })).rejects.toSatisfy(isNotFound))

test('owns and is owned', async () => {
  const bench = await withWidgets(['garbagecollector'])
  const owner = await bench.client.create(widgets, { metadata: { name: 'w', namespace: 'default' } })
  const ref = { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid: owner.metadata.uid! }
  await bench.client.create(configMaps, { metadata: { name: 'mine', namespace: 'default', ownerReferences: [ref] } })
  await bench.client.create(widgets, { metadata: { name: 'part', namespace: 'default', ownerReferences: [ref] } })
  await bench.clock.settle()
  await bench.client.get(configMaps, { namespace: 'default', name: 'mine' })
  await bench.client.delete(widgets, { namespace: 'default', name: 'w' })
  await gone(bench, configMaps, 'mine', 'default')
  await gone(bench, widgets, 'part', 'default')
})

test('goes with its definition, and takes what it owns along', async () => {
  const bench = await withWidgets(['garbagecollector'])
  const owner = await bench.client.create(widgets, { metadata: { name: 'w', namespace: 'default' } })
  await bench.client.create(configMaps, { metadata: { name: 'mine', namespace: 'default', ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid: owner.metadata.uid! }] } })
  await bench.clock.settle()
  await bench.client.delete(customResourceDefinitions, { name: 'widgets.example.com' })
  await gone(bench, configMaps, 'mine', 'default')
  await bench.eventually(() => expect(bench.client.get(customResourceDefinitions, { name: 'widgets.example.com' })).rejects.toSatisfy(isNotFound))
})

test('goes with its namespace', async () => {
  const bench = await withWidgets(['namespace'])
  await bench.client.create(namespaces, { metadata: { name: 'team' }, spec: {} })
  await bench.client.create(widgets, { metadata: { name: 'w', namespace: 'team', finalizers: ['example.com/hold'] } })
  await bench.client.delete(namespaces, { name: 'team' })
  await bench.eventually(async () => expect((await bench.client.get(namespaces, { name: 'team' })).status?.conditions).toContainEqual(expect.objectContaining({ message: 'Some resources are remaining: widgets.example.com has 1 resource instances' })))
  await bench.client.patch(widgets, { namespace: 'team', name: 'w' }, { type: 'merge', patch: { metadata: { finalizers: null } } })
  await bench.eventually(() => expect(bench.client.get(namespaces, { name: 'team' })).rejects.toSatisfy(isNotFound))
})
