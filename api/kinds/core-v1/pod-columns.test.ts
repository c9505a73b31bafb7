import { describe, expect, test } from 'vitest'
import type { Pod } from '../../types/core-v1/pod.ts'
import type { ContainerStatus, PodStatus } from '../../types/core-v1/pod-status.ts'
import { created } from '../testing.ts'
import { podColumns } from './pod-columns.ts'
import { pods } from './pod.ts'

const now = Date.parse('2026-01-01T01:00:00Z')
const one = (more: Partial<ContainerStatus> = {}): ContainerStatus => ({ name: 'c', ready: false, restartCount: 0, image: 'i', imageID: '', ...more })
const running = one({ ready: true, state: { running: {} } })
const ended = (exitCode: number, reason?: string): ContainerStatus => one({ state: { terminated: { exitCode, ...(reason && { reason }) } } })
const waiting = (reason: string, more: Partial<ContainerStatus> = {}): ContainerStatus => one({ state: { waiting: { reason } }, ...more })

function cells(status: PodStatus, edit: (pod: Pod) => void = () => {}): (string | number | boolean | null)[] {
  const pod = created(pods, { spec: { containers: [{ name: 'c', image: 'i' }] } })
  pod.metadata.creationTimestamp = '2026-01-01T00:55:00Z'
  pod.status = status
  edit(pod)
  return podColumns.map((column) => column.value(pod, now))
}

const ready = { conditions: [{ type: 'Ready', status: 'True' }] }
const withInit = (...restartPolicies: (string | undefined)[]) => (pod: Pod): void => {
  pod.spec.initContainers = restartPolicies.map((restartPolicy, index) => ({ name: `i${index}`, image: 'i', ...(restartPolicy && { restartPolicy }) }))
}

describe('kubectl get pods', () => {
  test.each<[string, PodStatus, string[], ((pod: Pod) => void)?]>([
    ['new', { phase: 'Pending' }, ['0/1', 'Pending', '0', '5m']],
    ['gated', { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }, ['0/1', 'SchedulingGated', '0', '5m']],
    ['pulling', { phase: 'Pending', containerStatuses: [waiting('ContainerCreating')] }, ['0/1', 'ContainerCreating', '0', '5m']],
    ['running', { phase: 'Running', containerStatuses: [running] }, ['1/1', 'Running', '0', '5m']],
    ['crashing', { phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff', { restartCount: 2, lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:58:00Z' } } })] }, ['0/1', 'CrashLoopBackOff', '2 (2m ago)', '5m']],
    ['done', { phase: 'Succeeded', containerStatuses: [ended(0, 'Completed')] }, ['0/1', 'Completed', '0', '5m']],
    ['failed', { phase: 'Failed', containerStatuses: [ended(1, 'Error')] }, ['0/1', 'Error', '0', '5m']],
    ['failed without a word', { phase: 'Failed', containerStatuses: [ended(7)] }, ['0/1', 'ExitCode:7', '0', '5m']],
    ['evicted', { phase: 'Failed', reason: 'Evicted' }, ['0/1', 'Evicted', '0', '5m']],
    ['going', { phase: 'Running', containerStatuses: [running] }, ['1/1', 'Terminating', '0', '5m'], (pod) => { pod.metadata.deletionTimestamp = 'x' }],
    ['lost', { phase: 'Running', reason: 'NodeLost' }, ['0/1', 'Unknown', '0', '5m'], (pod) => { pod.metadata.deletionTimestamp = 'x' }],
    ['first init container', { phase: 'Pending', initContainerStatuses: [waiting('PodInitializing', { name: 'i0' })], containerStatuses: [waiting('PodInitializing')] }, ['0/1', 'Init:0/2', '0', '5m'], withInit(undefined, undefined)],
    ['second init container', { phase: 'Pending', initContainerStatuses: [{ ...ended(0), name: 'i0' }, one({ name: 'i1', state: { running: {} } })] }, ['0/1', 'Init:1/2', '0', '5m'], withInit(undefined, undefined)],
    ['init failed', { phase: 'Pending', initContainerStatuses: [{ ...ended(1, 'Error'), name: 'i0', restartCount: 3 }] }, ['0/1', 'Init:Error', '3', '5m'], withInit(undefined)],
    ['init crashing', { phase: 'Pending', initContainerStatuses: [waiting('CrashLoopBackOff', { name: 'i0' })] }, ['0/1', 'Init:CrashLoopBackOff', '0', '5m'], withInit(undefined)],
    ['init over, main starting', { phase: 'Pending', initContainerStatuses: [{ ...ended(0), name: 'i0' }], containerStatuses: [waiting('PodInitializing')] }, ['0/1', 'PodInitializing', '0', '5m'], withInit(undefined)],
    ['a sidecar counts', { phase: 'Running', initContainerStatuses: [one({ name: 'i0', started: true, ready: true, state: { running: {} } })], containerStatuses: [running] }, ['2/2', 'Running', '0', '5m'], withInit('Always')],
    ['one of two done', { phase: 'Running', ...ready, containerStatuses: [running, { ...ended(0, 'Completed'), name: 'd' }] }, ['1/2', 'Running', '0', '5m'], (pod) => { pod.spec.containers.push({ name: 'd', image: 'i' }) }],
    ['one of two done first', { phase: 'Running', containerStatuses: [{ ...ended(0, 'Completed'), name: 'd' }, running] }, ['1/2', 'NotReady', '0', '5m'], (pod) => { pod.spec.containers.push({ name: 'd', image: 'i' }) }],
  ])('%s', (_, status, expected, edit) => {
    expect(cells(status, edit).slice(0, 4)).toEqual(expected)
  })

  test('wide', () => {
    expect(cells({}).slice(4)).toEqual(['<none>', '<none>', '<none>', '<none>'])
    const wide = cells({ podIPs: [{ ip: '10.0.0.5' }], nominatedNodeName: 'n2', conditions: [{ type: 'a/b', status: 'True' }] }, (pod) => {
      pod.spec.nodeName = 'n1'
      pod.spec.readinessGates = [{ conditionType: 'a/b' }, { conditionType: 'a/c' }]
    })
    expect(wide.slice(4)).toEqual(['10.0.0.5', 'n1', 'n2', '1/2'])
  })
})
