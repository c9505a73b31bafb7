import { describe, expect, test } from 'vitest'
import { isForbidden, isNotFound } from '../../../api/errors.ts'
import { deployments } from '../../../api/kinds/apps-v1/deployment.ts'
import { configMaps } from '../../../api/kinds/core-v1/config-map.ts'
import { namespaces } from '../../../api/kinds/core-v1/namespace.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import { serviceAccounts } from '../../../api/kinds/core-v1/service-account.ts'
import { startBench } from '../testing/bench.ts'
import { startFakeAgent } from '../testing/fake-agents.ts'
import { webDeployment } from '../testing/manifests.ts'

const all = ['namespace', 'deployment', 'replicaset', 'serviceaccount', 'root-ca-cert-publisher', 'garbagecollector'] as const
const inTeam = <T extends { metadata: object }>(draft: T): T => ({ ...draft, metadata: { ...draft.metadata, namespace: 'team' } })

describe('a namespace', () => {
  test('has a default account and the root certificate, and gets them back', async () => {
    const bench = await startBench(all, { rootCA: 'PEM' })
    await bench.client.create(namespaces, { metadata: { name: 'team' }, spec: {} })
    const check = () => bench.eventually(async () => {
      await bench.client.get(serviceAccounts, { namespace: 'team', name: 'default' })
      expect((await bench.client.get(configMaps, { namespace: 'team', name: 'kube-root-ca.crt' })).data).toEqual({ 'ca.crt': 'PEM' })
    })
    await check()
    await bench.client.delete(serviceAccounts, { namespace: 'team', name: 'default' })
    await bench.client.patch(configMaps, { namespace: 'team', name: 'kube-root-ca.crt' }, { type: 'merge', patch: { data: { 'ca.crt': 'spoilt' } } })
    await check()
  })

  test('goes with everything in it, without time passing', async () => {
    const bench = await startBench(all, { rootCA: 'PEM' })
    await startFakeAgent(bench, 'n1')
    await bench.client.create(namespaces, { metadata: { name: 'team' }, spec: {} })
    await bench.client.create(deployments, inTeam(webDeployment(3)))
    await bench.client.create(configMaps, inTeam({ metadata: { name: 'some' }, data: { a: 'b' } }))
    await bench.eventually(() => bench.informers.of(pods).list('team').filter(({ status }) => status?.phase === 'Running').length === 3)
    await bench.client.delete(namespaces, { name: 'team' })
    await bench.clock.settle()
    await expect(bench.client.get(namespaces, { name: 'team' })).rejects.toSatisfy(isNotFound)
    for (const kind of [deployments, pods, configMaps, serviceAccounts]) expect((await bench.client.list<any>(kind, { namespace: 'team' })).items).toEqual([])
  })

  test('waits for what has finalizers, says so, and lets nothing new in', async () => {
    const bench = await startBench(['namespace'])
    await bench.client.create(namespaces, { metadata: { name: 'team' }, spec: {} })
    await bench.client.create(configMaps, { metadata: { name: 'held', namespace: 'team', finalizers: ['example.com/hold'] } })
    await bench.client.delete(namespaces, { name: 'team' })
    await bench.clock.settle()
    const { status } = await bench.client.get(namespaces, { name: 'team' })
    expect(status?.phase).toBe('Terminating')
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'NamespaceContentRemaining', status: 'True', reason: 'SomeResourcesRemain', message: 'Some resources are remaining: configmaps. has 1 resource instances' }))
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'NamespaceFinalizersRemaining', status: 'True', message: 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances' }))
    await expect(bench.client.create(configMaps, { metadata: { name: 'new', namespace: 'team' } })).rejects.toSatisfy(isForbidden)
    await bench.client.patch(configMaps, { namespace: 'team', name: 'held' }, { type: 'merge', patch: { metadata: { finalizers: null } } })
    await bench.clock.settle()
    await expect(bench.client.get(namespaces, { name: 'team' })).rejects.toSatisfy(isNotFound)
  })

  test('lets its pods end in their own time before the rest goes', async () => {
    const bench = await startBench(['namespace'])
    const agent = await startFakeAgent(bench, 'n1')
    await bench.client.create(namespaces, { metadata: { name: 'team' }, spec: {} })
    await bench.client.create(pods, inTeam({ metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'c' }], nodeName: 'n1' } }))
    await bench.client.create(configMaps, inTeam({ metadata: { name: 'some' } }))
    await bench.clock.settle()
    agent.silence()
    await bench.client.delete(namespaces, { name: 'team' })
    await bench.clock.settle()
    expect((await bench.client.get(pods, { namespace: 'team', name: 'p' })).metadata.deletionGracePeriodSeconds).toBe(30)
    await bench.client.get(configMaps, { namespace: 'team', name: 'some' })
    await bench.client.delete(pods, { namespace: 'team', name: 'p' }, { gracePeriodSeconds: 0 })
    await bench.clock.settle()
    await expect(bench.client.get(namespaces, { name: 'team' })).rejects.toSatisfy(isNotFound)
  })
})
