import { describe, expect, test } from 'vitest'
import { podWarnings, workloadWarnings } from './pod.ts'

const container = (more = {}) => ({ name: 'c', image: 'x', ...more })
const pod = (spec = {}, name = 'web') => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [container()], ...spec } })

describe('a pod is warned of', () => {
  test.each<[string, object, string[]]>([
    ['nothing', {}, []],
    ['a variable that hides another', { containers: [container({ env: [{ name: 'A', value: '1' }, { name: 'B' }, { name: 'A', value: '2' }] })] }, ['spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply']],
    ['a variable that adds to another: nothing', { containers: [container({ env: [{ name: 'A', value: '1' }, { name: 'A', value: '$(A):2' }] })] }, []],
    ['a variable that is itself', { containers: [container({ env: [{ name: 'A', value: '1' }, { name: 'A', value: '$(A)' }] })] }, ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply']],
    ['a port that is there twice', { initContainers: [container({ ports: [{ containerPort: 80, protocol: 'TCP' }, { containerPort: 80, protocol: 'UDP' }, { name: 'x', containerPort: 80, protocol: 'TCP' }] })] }, ['spec.initContainers[0].ports[2]: duplicate port definition with spec.initContainers[0].ports[0]']],
    ['a part of a byte', { containers: [container({ resources: { limits: { memory: '100m', cpu: '100m' }, requests: { memory: '1Gi' } } })] }, ['spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer']],
    ['an old label', { nodeSelector: { 'beta.kubernetes.io/os': 'linux', disk: 'ssd' } }, ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead']],
    ['a port that hides another', { containers: [container({ ports: [{ containerPort: 80, protocol: 'TCP', hostPort: 80, hostIP: '10.0.0.1' }] }), { name: 'd', image: 'x', ports: [{ containerPort: 80, protocol: 'TCP', hostPort: 80 }, { containerPort: 80, protocol: 'TCP' }] }] }, [
      'spec.containers[1].ports[0]: dangerously ambiguous port definition with spec.containers[0].ports[0]',
      'spec.containers[1].ports[1]: overlapping port definition with spec.containers[0].ports[0]', 'spec.containers[1].ports[1]: overlapping port definition with spec.containers[1].ports[0]',
    ]],
    ['an address without port', { containers: [container({ ports: [{ containerPort: 80, protocol: 'TCP', hostIP: '10.0.0.1' }] })] }, ['spec.containers[0].ports[0]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:80 Protocol:TCP HostIP:10.0.0.1}']],
    ['selectors of nothing', { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'failure-domain.beta.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' }], affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] } } }, [
      'spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
      'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
      'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod',
    ]],
    ['secrets without name, twice', { imagePullSecrets: [{ name: '' }, { name: '' }] }, ['spec.imagePullSecrets[1].name: duplicate name ""', 'spec.imagePullSecrets[0].name: invalid empty name ""', 'spec.imagePullSecrets[1].name: invalid empty name ""']],
    ['storage that is gone, and a hidden token', { volumes: [{ name: 'v', glusterfs: {} }, { name: 'w', projected: { sources: [{ serviceAccountToken: { path: 't' } }, { configMap: { items: [{ key: 'k', path: 't' }] } }] } }] },
      ['spec.volumes[0].glusterfs: deprecated in v1.25, non-functional in v1.26+', 'spec.volumes[1].projected.sources.configMap[0]: has duplicated path with ServiceAccountToken "t"']],
    ['time that runs backwards', { terminationGracePeriodSeconds: -1 }, ['spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1']],
  ])('%s', (_, spec, said) => expect(podWarnings(pod(spec))).toEqual(said))

  test('a name that is no host name, when it is made', () => {
    expect(podWarnings(pod({}, 'a.b'))).toEqual(["metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]"])
    expect(podWarnings(pod({}, 'a.b'), pod({}, 'a.b'))).toEqual([])
  })
})

test('annotations that do nothing any more', () => {
  const annotations = { 'scheduler.alpha.kubernetes.io/critical-pod': '', 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined', 'container.apparmor.security.beta.kubernetes.io/c': 'runtime/default' }
  const said = (at: string) => [
    `${at}metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead`,
    `${at}metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead`,
    `${at}metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the "appArmorProfile" field instead`,
  ]
  const { metadata, spec, ...rest } = pod()
  expect(podWarnings({ ...rest, metadata: { ...metadata, annotations }, spec })).toEqual(said(''))
  expect(workloadWarnings({ metadata: { ...metadata, generation: 1 }, spec: { template: { metadata: { ...metadata, annotations }, spec } } })).toEqual(said('spec.template.'))
})

test('a workload is warned of its template when that has changed', () => {
  const workload = (generation: number, name = 'web') => ({ metadata: { name, generation }, spec: { template: { spec: { containers: [], terminationGracePeriodSeconds: -1 } } } })
  const said = ['spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1']
  expect(workloadWarnings(workload(1))).toEqual(said)
  expect(workloadWarnings(workload(2), workload(1))).toEqual(said)
  expect(workloadWarnings(workload(1), workload(1))).toEqual([])
  expect(workloadWarnings(workload(1, 'a.b'))[0]).toBe('metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]')
})
