import { describe, expect, test } from 'vitest'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import { findPort } from '../service-pods/find-port.ts'
import { TriggerTimes } from '../service-pods/trigger-times.ts'
import { at, pod, service } from '../testing/objects.ts'
import { planEndpoints } from './plan-endpoints.ts'
import { endpointSubsets, truncated } from './subsets.ts'

const a = pod('a', { ip: '10.1.0.1', node: 'n1', readySince: -60 })
const b = pod('b', { ip: '10.1.0.2', node: 'n2', readySince: -60 })
const unready = pod('c', { ip: '10.1.0.3', phase: 'Running', notReady: true })
const brief = (subsets: ReturnType<typeof endpointSubsets>) => subsets.map(({ addresses, notReadyAddresses, ports }) =>
  `${(addresses ?? []).map(({ ip }) => ip)}|${(notReadyAddresses ?? []).map(({ ip }) => ip)}|${(ports ?? []).map(({ name, port, protocol }) => `${name ?? ''}:${port}/${protocol}`)}`)
const named = (name: string, containerPort: number, ip: string) => pod(name, { ip, readySince: -60, spec: { containers: [{ name: 'web', image: 'web', ports: [{ name: 'http', containerPort }] }] } })

describe('subsets', () => {
  test.each([
    ['ready pods in order of address', service(), [b, a], ['10.1.0.1,10.1.0.2||:8080/TCP']],
    ['unready pods apart', service(), [a, unready], ['10.1.0.1|10.1.0.3|:8080/TCP']],
    ['unready pods as ready where that is wanted', service({ publishNotReadyAddresses: true }), [unready], ['10.1.0.3||:8080/TCP']],
    ['no pod without an address', service(), [pod('x', { readySince: -1 })], []],
    ['no finished pod', service(), [pod('x', { ip: '10.1.0.9', phase: 'Succeeded' })], []],
    ['no pod on its way out', service(), [pod('x', { ip: '10.1.0.9', readySince: -1, meta: { deletionTimestamp: at(0) } })], []],
    ['no service port that the pod does not have', service({ ports: [{ port: 80, targetPort: 'other' }] }), [a], []],
    ['several ports in one subset', service({ ports: [{ name: 'x', port: 80, targetPort: 8080 }, { name: 'y', port: 53, targetPort: 53, protocol: 'UDP' }] }), [a], ['10.1.0.1||x:8080/TCP,y:53/UDP']],
    ['a named port that differs between pods in two', service({ ports: [{ port: 80, targetPort: 'http' }] }), [named('p', 80, '10.1.0.1'), named('q', 81, '10.1.0.2')], ['10.1.0.1||:80/TCP', '10.1.0.2||:81/TCP']],
    ['a headless service without ports', service({ clusterIP: 'None', ports: [] }), [a], ['10.1.0.1||']],
    ['nothing for a service without ports', service({ ports: [] }), [a], []],
    ['no address of another family', service({ ipFamilies: ['IPv6'] }), [a], []],
  ] as const)('hold %s', (_, of, pods, lines) => expect(brief(endpointSubsets(of, [...pods]))).toEqual(lines))

  test('name the node, the pod and, under a subdomain, the host', () => {
    const host = pod('a', { ip: '10.1.0.1', node: 'n1', readySince: -60, spec: { hostname: 'db-0', subdomain: 'web' } })
    expect(endpointSubsets(service(), [host])[0]!.addresses).toEqual([{ ip: '10.1.0.1', hostname: 'db-0', nodeName: 'n1', targetRef: { kind: 'Pod', namespace: 'default', name: 'a', uid: 'uid-a' } }])
  })

  test('are cut at a thousand, ready ones first', () => {
    const crowd = (count: number, net: number, ready: boolean) => Array.from({ length: count }, (_, i) => pod(`${net}-${i}`, { ip: `10.${net}.${i >> 8}.${i & 255}`, phase: 'Running', ...(ready ? { readySince: -60 } : { notReady: true }) }))
    const cut = truncated(endpointSubsets(service(), [...crowd(900, 1, true), ...crowd(400, 2, false)]))
    expect([cut.isTruncated, cut.subsets[0]!.addresses!.length, cut.subsets[0]!.notReadyAddresses!.length]).toEqual([true, 900, 100])
  })
})

describe('the plan', () => {
  const labelled = service({}, { labels: { tier: 'front' } })
  const made = planEndpoints(labelled, [a], undefined, '2026-01-01T00:00:00Z')!
  test('carries the labels of the service and the trigger time', () => {
    expect(made.metadata).toEqual({
      name: 'web', namespace: 'default', labels: { tier: 'front', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
      annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-01T00:00:00Z' },
    })
  })
  test('is nothing when nothing changes', () => expect(planEndpoints(labelled, [a], made, undefined)).toBeUndefined())
  test('follows labels and addresses', () => {
    expect(planEndpoints(service(), [a], made, undefined)?.metadata.labels).toEqual({ 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' })
    expect(planEndpoints(labelled, [], made, undefined)).toMatchObject({ metadata: { name: 'web' } })
    expect(planEndpoints(labelled, [], made, undefined)?.subsets).toBeUndefined()
  })
  test('marks headless services', () => expect(planEndpoints(service({ clusterIP: 'None' }), [], undefined, undefined)?.metadata.labels).toHaveProperty('service.kubernetes.io/headless', ''))
})

test.each([
  [{ port: 80 }, 80], [{ port: 80, targetPort: 81 }, 81], [{ port: 80, targetPort: 0 }, 80], [{ port: 80, targetPort: 'http' }, 8080], [{ port: 80, targetPort: 'http', protocol: 'UDP' }, undefined], [{ port: 80, targetPort: 'side' }, 9000],
])('service port %j leads to %s', (port, number) => {
  const sidecar = { name: 's', image: 's', restartPolicy: 'Always', ports: [{ name: 'side', containerPort: 9000 }] }
  const of: Pod = pod('p', { spec: { initContainers: [sidecar] } })
  expect(findPort(of, port)).toBe(number)
})

test('the trigger time is that of the earliest change since the last one', () => {
  const times = new TriggerTimes()
  const of = service({}, { creationTimestamp: at(-100) })
  expect(times.next(of, [a, b])).toBe(at(-100))
  expect(times.next(of, [a, b])).toBeUndefined()
  expect(times.next(of, [a, pod('b', { ip: '10.1.0.2', readySince: -30 })])).toBe(at(-30))
  times.forget('default/web')
  expect(times.next(of, [])).toBe(at(-100))
})
