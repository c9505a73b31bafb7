import { expect, test } from 'vitest'
import type { Pod } from '../../types/core-v1/pod.ts'
import { pods } from '../core-v1/pod.ts'
import { changed, changeFailures } from '../testing.ts'

const resources = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m' } }
const rough = { spec: { containers: [{ name: 'c', image: 'i', resources }], initContainers: [{ name: 'once', image: 'i', resources }, { name: 'side', image: 'i', restartPolicy: 'Always', resources }] } }
const resize = (change: (pod: Pod) => void) => changeFailures<Pod>(pods, rough, change, 'resize')

test.each<[string, (pod: Pod) => void, unknown[]]>([
  ['processor and memory', ({ spec }) => { spec.containers[0]!.resources!.requests = { cpu: '150m', memory: '128Mi' }; spec.initContainers![1]!.resources!.limits!.cpu = '1' }, []],
  ['an image, which is passed over', ({ spec }) => { spec.containers[0]!.image = 'other' }, []],
  ['something else', ({ spec }) => { spec.containers[0]!.resources!.limits!['ephemeral-storage'] = '1Gi' }, ['spec: Forbidden: only cpu and memory resources are mutable']],
  ['a request taken away', ({ spec }) => { delete spec.containers[0]!.resources!.requests!.memory }, ['spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed']],
  ['a container that runs once', ({ spec }) => { spec.initContainers![0]!.resources!.requests!.cpu = '150m' }, []],
  ['something else of a sidecar', ({ spec }) => { spec.initContainers![1]!.resources!.limits!['ephemeral-storage'] = '1Gi' }, ['spec.initContainers[1]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable']],
  ['the pod as a whole', ({ spec }) => { spec.resources = { limits: { cpu: '2' } } }, []],
  ['huge pages for the pod as a whole', ({ spec }) => { spec.resources = { limits: { cpu: '2', 'hugepages-2Mi': '2Mi' } } }, ['spec: Forbidden: only cpu and memory resources are mutable at pod-level']],
  ['more than the limit', ({ spec }) => { spec.containers[0]!.resources!.requests!.cpu = '300m' }, ['spec.containers[0].resources.requests: Invalid value: "300m": must be less than or equal to cpu limit of 200m']],
  ['another name', ({ spec }) => { spec.containers[0]!.name = 'd' }, ['spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize']],
  ['another container', ({ spec }) => { spec.containers.push({ ...spec.containers[0]!, name: 'd' }) }, ['spec.containers: Forbidden: containers may not be added or removed on resize']],
])('%s', (_, change, expected) => expect(resize(change)).toEqual(expected))

test('the class of service stays', () => {
  const lone = { spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '64Mi' } } }] } }
  expect(changeFailures<Pod>(pods, lone, ({ spec }) => { spec.containers[0]!.resources!.requests!.cpu = '200m' }, 'resize')).toEqual(['spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing'])
})

test('a node must be able to', () => {
  const { object, old } = changed<Pod>(pods, rough, ({ spec }) => { spec.containers[0]!.resources!.requests!.cpu = '150m' }, 'resize')
  const running = { ...old, status: { ...old.status, containerStatuses: [{ name: 'c', image: 'i', imageID: '', ready: true, restartCount: 0, state: { running: {} } }] } }
  expect(pods.subresources!.resize!.validateUpdate!(object, running).map(({ detail }) => detail)).toEqual(['Pod running on node without support for resize'])
})

test('what is wanted has changed; nothing else has', () => {
  const { object } = changed<Pod>(pods, rough, (pod) => { pod.spec.containers[0]!.resources!.requests!.cpu = '150m'; pod.metadata.labels = { a: 'b' }; pod.status = {} }, 'resize')
  expect(object).toMatchObject({ metadata: { generation: 2 }, status: { phase: 'Pending' } })
  expect(object.metadata.labels).toBeUndefined()
})
