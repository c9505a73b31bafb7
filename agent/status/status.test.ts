import { expect, test } from 'vitest'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import { admit } from '../pods/admission.ts'
import { statusPatch } from './status-patch.ts'

test.each<[string, object, object, object | undefined]>([
  ['nothing, when only empty fields differ', { phase: 'Running', containerStatuses: [{ name: 'c', lastState: {} }] }, { phase: 'Running', message: '', containerStatuses: [{ name: 'c' }] }, undefined],
  ['what changed, and null for what went', { phase: 'Running', reason: 'x' }, { phase: 'Failed' }, { phase: 'Failed', reason: null }],
  ['the changed condition alone, without its old reason', { conditions: [{ type: 'A', status: 'True' }, { type: 'B', status: 'False', reason: 'r' }] }, { conditions: [{ type: 'A', status: 'True' }, { type: 'B', status: 'True' }] }, { conditions: [{ reason: null, message: null, type: 'B', status: 'True' }] }],
  ['addresses as a whole', { podIPs: [{ ip: '1' }] }, { podIPs: [{ ip: '2' }] }, { podIPs: [{ $patch: 'replace' }, { ip: '2' }] }],
  ['not what is another\'s', { nominatedNodeName: 'n', conditions: [{ type: 'Theirs', status: 'True' }] }, {}, undefined],
])('a status patch has %s', (_, from, to, expected) => { expect(statusPatch(from, to)).toEqual(expected) })

const pod = (spec: Partial<Pod['spec']> = {}, more: Partial<Pod> = {}): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c' }], ...spec }, ...more })
const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels: { disk: 'ssd', size: '5' } }, spec: {}, status: { allocatable: { cpu: '1', memory: '1Gi', pods: '2' } } }
const asks = (cpu: string) => pod({ containers: [{ name: 'c', resources: { requests: { cpu } } }] })
const port = (hostPort: number, hostIP = '') => pod({ containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort, hostIP }] }] })
const affinity = (...matchExpressions: { key: string; operator: string; values?: string[] }[]) =>
  pod({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } } } })

test.each<[string, Pod, Pod[], string | undefined]>([
  ['a plain pod is taken', pod(), [], undefined],
  ['one that asks for too much is not', asks('1100m'), [], 'OutOfcpu'],
  ['nor one too many', asks('600m'), [asks('600m')], 'OutOfcpu'],
  ['what is over does not count', asks('600m'), [{ ...asks('600m'), status: { phase: 'Succeeded' } }], undefined],
  ['no more pods than allowed', pod(), [pod(), pod()], 'OutOfpods'],
  ['a node selector', pod({ nodeSelector: { disk: 'hdd' } }), [], 'NodeAffinity'],
  ['affinity that fits', affinity({ key: 'disk', operator: 'In', values: ['ssd'] }, { key: 'size', operator: 'Gt', values: ['4'] }, { key: 'x', operator: 'DoesNotExist' }), [], undefined],
  ['affinity that does not', affinity({ key: 'disk', operator: 'NotIn', values: ['ssd'] }), [], 'NodeAffinity'],
  ['a host port twice', port(80), [port(80)], 'NodePorts'],
  ['the same on different addresses', port(80, '10.0.0.1'), [port(80, '10.0.0.2')], undefined],
  ['another operating system', pod({ os: { name: 'windows' } }), [], 'PodOSNotSupported'],
])('admission: %s', (_, asked, others, reason) => { expect(admit(asked, others, node)?.reason).toBe(reason) })
