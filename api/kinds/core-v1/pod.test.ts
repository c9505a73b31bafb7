import { describe, expect, test } from 'vitest'
import type { Container } from '../../types/core-v1/container.ts'
import type { Pod, PodSpec } from '../../types/core-v1/pod.ts'
import { changed, changeFailures, created, failures } from '../testing.ts'
import { pods } from './pod.ts'

const container = { name: 'c', image: 'nginx' }
const spec = (more: object = {}) => ({ spec: { containers: [container], ...more } })
const withContainer = (more: object) => spec({ containers: [{ ...container, ...more }] })
const has = (text: string): string => expect.stringContaining(text) as unknown as string

describe('defaults of a pod', () => {
  test('the shortest pod', () => {
    const pod = created(pods, spec())
    expect(pod.spec).toEqual({
      containers: [{ name: 'c', image: 'nginx', imagePullPolicy: 'Always', resources: {}, terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' }],
      dnsPolicy: 'ClusterFirst', enableServiceLinks: true, restartPolicy: 'Always', schedulerName: 'default-scheduler', securityContext: {}, terminationGracePeriodSeconds: 30,
    })
    expect(pod.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' })
    expect(pod.metadata.generation).toBe(1)
  })

  test('twice is the same as once', () => {
    const pod = created(pods, spec({ volumes: [{ name: 'v' }], hostNetwork: true, containers: [{ ...container, ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } }] }))
    const again = structuredClone(pod)
    pods.default!(again)
    expect(again).toEqual(pod)
  })

  test.each([
    ['nginx', 'Always'], ['nginx:latest', 'Always'], ['nginx:1.25', 'IfNotPresent'], ['reg.example.com:5000/a/b', 'Always'], ['reg.example.com:5000/a/b:v1', 'IfNotPresent'],
    [`nginx@sha256:${'a'.repeat(64)}`, 'IfNotPresent'], [`nginx:latest@sha256:${'a'.repeat(64)}`, 'Always'], ['UPPER', 'IfNotPresent'],
  ])('the pull policy of %s', (image, policy) => {
    expect(created(pods, withContainer({ image })).spec.containers[0]!.imagePullPolicy).toBe(policy)
  })

  test('ports, probes, environment and lifecycle', () => {
    const { containers: [first] } = created(pods, withContainer({
      ports: [{ containerPort: 80 }],
      readinessProbe: { httpGet: { port: 80 } }, livenessProbe: { exec: { command: ['x'] }, periodSeconds: 3 }, startupProbe: { grpc: { port: 1 } },
      lifecycle: { preStop: { httpGet: { port: 'http' } } },
      env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }, { name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }],
    })).spec
    expect(first).toMatchObject({
      ports: [{ protocol: 'TCP' }],
      readinessProbe: { httpGet: { path: '/', scheme: 'HTTP' }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
      livenessProbe: { periodSeconds: 3 }, startupProbe: { grpc: { service: '' } },
      lifecycle: { preStop: { httpGet: { path: '/', scheme: 'HTTP' } } },
      env: [{ valueFrom: { fieldRef: { apiVersion: 'v1' } } }, { valueFrom: { resourceFieldRef: { divisor: '0' } } }],
    })
  })

  test('volumes', () => {
    const { volumes } = created(pods, spec({
      volumes: [
        { name: 'a' }, { name: 'b', hostPath: { path: '/x' } }, { name: 'c', configMap: { name: 'm' } }, { name: 'd', secret: { secretName: 's', defaultMode: 256 } },
        { name: 'e', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }, { name: 'f', downwardAPI: { items: [{ path: 'p', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      ],
    })).spec
    expect(volumes).toMatchObject([
      { emptyDir: {} }, { hostPath: { type: '' } }, { configMap: { defaultMode: 420 } }, { secret: { defaultMode: 256 } },
      { projected: { defaultMode: 420, sources: [{ serviceAccountToken: { expirationSeconds: 3600 } }] } }, { downwardAPI: { defaultMode: 420, items: [{ fieldRef: { apiVersion: 'v1' } }] } },
    ])
  })

  test('requests from limits, host ports, the old name of the account', () => {
    const pod = created(pods, spec({ hostNetwork: true, serviceAccount: 'old', containers: [{ ...container, ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } } }] }))
    expect(pod.spec.containers[0]).toMatchObject({ ports: [{ hostPort: 80 }], resources: { requests: { cpu: '500m', memory: '1Gi' } } })
    expect(pod.spec).toMatchObject({ serviceAccount: 'old', serviceAccountName: 'old' })
    expect(pod.status?.qosClass).toBe('Burstable')
  })

  test('gates hold a pod back, and match keys become selectors', () => {
    const pod = created(pods, {
      metadata: { labels: { app: 'web' } },
      ...spec({ schedulingGates: [{ name: 'a/b' }], topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {}, matchLabelKeys: ['app', 'absent'] }] }),
    })
    expect(pod.status?.conditions).toMatchObject([{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }])
    expect(pod.spec.topologySpreadConstraints![0]!.labelSelector).toEqual({ matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] })
  })
})

describe('a pod that is refused', () => {
  test.each<[string, object, string[]]>([
    ['no containers', { containers: [] }, ['spec.containers: Required value']],
    ['no image', { containers: [{ name: 'c' }] }, ['spec.containers[0].image: Required value']],
    ['a padded image', { containers: [{ name: 'c', image: ' nginx' }] }, ['spec.containers[0].image: Invalid value: " nginx": must not have leading or trailing whitespace']],
    ['the same name twice', { containers: [container, container] }, ['spec.containers[1].name: Duplicate value: "c"']],
    ['a bad container name', { containers: [{ ...container, name: 'C' }] }, [has('spec.containers[0].name: Invalid value: "C": a lowercase RFC 1123 label must consist of')]],
    ['an unknown restart policy', { restartPolicy: 'Sometimes' }, ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"']],
    ['an unknown DNS policy', { dnsPolicy: 'X' }, ['spec.dnsPolicy: Unsupported value: "X": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"']],
    ['DNS policy None alone', { dnsPolicy: 'None' }, ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None']],
    ['a bad node selector', { nodeSelector: { 'a b': 'c' } }, [has('spec.nodeSelector: Invalid value: "a b": name part must consist of')]],
    ['a deadline of nought', { activeDeadlineSeconds: 0 }, ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive']],
    ['a dotted host name', { hostname: 'a.b' }, ['spec.hostname: Invalid value: "a.b": must not contain dots']],
    ['a bad host alias', { hostAliases: [{ ip: '999.1.1.1', hostnames: ['x'] }] }, ['spec.hostAliases[0].ip: Invalid value: "999.1.1.1": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
    ['a toleration without operator', { tolerations: [{ effect: 'NoSchedule' }] }, ['spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"']],
    ['tolerationSeconds for the wrong effect', { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 5 }] }, ["spec.tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set"]],
    ['a value for Exists', { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] }, ["spec.tolerations[0].operator: Invalid value: \"b\": value must be empty when `operator` is 'Exists'"]],
    ['ephemeral containers', { ephemeralContainers: [{ name: 'e', image: 'i' }] }, ['spec.ephemeralContainers: Forbidden: cannot be set on create']],
    ['a node despite gates', { nodeName: 'n1', schedulingGates: [{ name: 'a' }] }, ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared']],
    ['a sidecar name that is taken', { initContainers: [container] }, ['spec.initContainers[0].name: Duplicate value: "c"']],
    ['a probe of an init container', { initContainers: [{ name: 'i', image: 'i', livenessProbe: { exec: { command: ['x'] } } }] }, ['spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always']],
    ['an empty affinity', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } }, ['spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term']],
    ['a bad operator', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'X' }] }] } } } },
      ['spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator: Invalid value: "X": not a valid selector operator']],
    ['pod affinity without topology', { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {} }] } } },
      ['spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty', has('topologyKey: Invalid value: "": name part must be non-empty'), has('name part must consist of')]],
    ['a skew of nought', { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }] }, ['spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero']],
    ['process namespace and host PIDs', { hostPID: true, shareProcessNamespace: true }, ['spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled']],
    ['a sysctl of the host', { hostNetwork: true, securityContext: { sysctls: [{ name: 'net.ipv4.ip_forward', value: '1' }] } }, ["spec.securityContext.sysctls[0].name: Invalid value: \"net.ipv4.ip_forward\": may not be specified when 'hostNetwork' is true"]],
    ['a token without account', { volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] }, ['spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set']],
    ['two volumes of one name', { volumes: [{ name: 'v' }, { name: 'v' }] }, ['spec.volumes[1].name: Duplicate value: "v"']],
    ['two sources', { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] }, ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type']],
    ['a config map without name', { volumes: [{ name: 'v', configMap: { items: [{ key: 'k', path: '../x' }] } }] }, ['spec.volumes[0].configMap.name: Required value', "spec.volumes[0].configMap.items[0].path: Invalid value: \"../x\": must not contain '..'"]],
    ['a mode that is none', { volumes: [{ name: 'v', secret: { secretName: 's', defaultMode: 512 } }] }, ['spec.volumes[0].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive']],
    ['an unknown hostPath type', { volumes: [{ name: 'v', hostPath: { path: '/x', type: 'X' } }] },
      ['spec.volumes[0].hostPath.type: Unsupported value: "X": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"']],
  ])('%s', (_, more, expected) => {
    expect(failures(pods, spec(more))).toEqual(expected)
  })

  test.each<[string, object, string[]]>([
    ['a port out of range', { ports: [{ containerPort: 70000 }] }, ['spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive']],
    ['no port number', { ports: [{ name: 'http' }] }, ['spec.containers[0].ports[0].containerPort: Required value']],
    ['an unknown protocol', { ports: [{ containerPort: 1, protocol: 'X' }] }, ['spec.containers[0].ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"']],
    ['a port name twice', { ports: [{ containerPort: 1, name: 'a' }, { containerPort: 2, name: 'a' }] }, ['spec.containers[0].ports[1].name: Duplicate value: "a"']],
    ['a host port twice', { ports: [{ containerPort: 1, hostPort: 9 }, { containerPort: 2, hostPort: 9 }] }, ['spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//9"']],
    ['an unknown pull policy', { imagePullPolicy: 'X' }, ['spec.containers[0].imagePullPolicy: Unsupported value: "X": supported values: "Always", "IfNotPresent", "Never"']],
    ['an environment variable without name', { env: [{ value: 'x' }] }, ['spec.containers[0].env[0].name: Required value']],
    ['a value and its source', { env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }, ['spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty']],
    ['an unknown field', { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.x' } } }] }, ['spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.x": error converting fieldPath: field label not supported: spec.x']],
    ['a field only volumes have', { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } }] },
      ['spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"']],
    ['an unknown resource', { env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.x' } } }] },
      ['spec.containers[0].env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.x": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"']],
    ['envFrom nothing', { envFrom: [{}] }, ['spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`']],
    ['a mount of no volume', { volumeMounts: [{ name: 'v', mountPath: '/x' }] }, ['spec.containers[0].volumeMounts[0].name: Not found: "v"']],
    ['a probe without handler', { livenessProbe: {} }, ['spec.containers[0].livenessProbe: Required value: must specify a handler type']],
    ['two handlers', { livenessProbe: { exec: { command: ['x'] }, tcpSocket: { port: 1 } } }, ['spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type']],
    ['a liveness threshold', { livenessProbe: { tcpSocket: { port: 1 }, successThreshold: 2 } }, ['spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1']],
    ['a negative period', { readinessProbe: { tcpSocket: { port: 1 }, periodSeconds: -1 } }, ['spec.containers[0].readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0']],
    ['a request over its limit', { resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }, ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1']],
    ['a made-up resource', { resources: { requests: { gpu: '1' } } }, ['spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified', 'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers']],
    ['half a device', { resources: { limits: { 'example.com/gpu': '500m' } } }, [has('spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer'), has('requests[example.com/gpu]')]],
    ['a negative quantity', { resources: { requests: { memory: '-1' } } }, ['spec.containers[0].resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0']],
    ['escalation of the privileged', { securityContext: { privileged: true, allowPrivilegeEscalation: false } }, [has('spec.containers[0].securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true')]],
    ['a restart of its own', { restartPolicy: 'Maybe' }, ['spec.containers[0].restartPolicy: Unsupported value: "Maybe": supported values: "Always", "Never", "OnFailure"']],
  ])('container: %s', (_, more, expected) => {
    expect(failures(pods, withContainer(more))).toEqual(expected)
  })
})

describe('a change of a pod', () => {
  const change = (edit: (spec: PodSpec) => void, before: object = {}) => changeFailures<Pod>(pods, spec(before), (pod) => edit(pod.spec))

  test.each<[string, (spec: PodSpec) => void]>([
    ['nothing', () => {}],
    ['the image', (spec) => { spec.containers[0]!.image = 'nginx:2' }],
    ['a deadline', (spec) => { spec.activeDeadlineSeconds = 10 }],
    ['one more toleration', (spec) => { spec.tolerations = [{ key: 'a', operator: 'Exists' }] }],
  ])('%s is allowed', (_, edit) => {
    expect(change(edit)).toEqual([])
  })

  test('another field is named, before and after', () => {
    const [error] = change((spec) => { spec.restartPolicy = 'Never' })
    expect(error).toMatch(/^spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`,`spec\.initContainers\[\*\]\.image`,`spec\.activeDeadlineSeconds`,`spec\.tolerations` \(only additions to existing tolerations\),`spec\.terminationGracePeriodSeconds` \(allow it to be set to 1 if it was previously negative\)\n/)
    expect(error).toContain('spec.restartPolicy: "Always" -> "Never"')
  })

  test.each<[string, (spec: PodSpec) => void, object, string[]]>([
    ['one more container', (spec) => { spec.containers.push({ ...container, name: 'd' } as Container) }, {}, ['spec.containers: Forbidden: pod updates may not add or remove containers']],
    ['a longer deadline', (spec) => { spec.activeDeadlineSeconds = 20 }, { activeDeadlineSeconds: 10 }, ['spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value']],
    ['no deadline any more', (spec) => { delete spec.activeDeadlineSeconds }, { activeDeadlineSeconds: 10 }, ['spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value']],
    ['one toleration less', (spec) => { spec.tolerations = [] }, { tolerations: [{ key: 'a', operator: 'Exists' }] }, ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds']],
    ['a new gate', (spec) => { spec.schedulingGates = [{ name: 'b' }] }, {}, ["spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'b'"]],
  ])('%s is refused', (_, edit, before, expected) => {
    expect(change(edit, before)).toEqual(expected)
  })

  test('a gated pod may be steered, but only more narrowly', () => {
    const gated = { schedulingGates: [{ name: 'g' }], nodeSelector: { a: 'b' } }
    expect(change((spec) => { spec.nodeSelector = { a: 'b', c: 'd' } }, gated)).toEqual([])
    expect(change((spec) => { spec.affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] } } } }, gated)).toEqual([])
    expect(change((spec) => { spec.nodeSelector = { c: 'd' } }, gated)).toEqual(['spec.nodeSelector: Invalid value: {"c":"d"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)'])
  })

  test('the status is not the user\'s, and the generation counts', () => {
    const same = changed<Pod>(pods, spec(), (pod) => { pod.status = { phase: 'Running' } })
    expect(same.object.status?.phase).toBe('Pending')
    expect(same.object.metadata.generation).toBe(1)
    const image = changed<Pod>(pods, spec(), (pod) => { pod.spec.containers[0]!.image = 'b'; pod.metadata.generation = 9 })
    expect(image.object.metadata.generation).toBe(2)
  })

  test('through status only the status changes', () => {
    const { object } = changed<Pod>(pods, spec(), (pod) => { pod.spec.nodeName = 'n9'; pod.status = { phase: 'Running', podIPs: [{ ip: '10.0.0.1' }] } }, 'status')
    expect(object.spec.nodeName).toBeUndefined()
    expect(object.status).toEqual({ phase: 'Running', qosClass: 'BestEffort', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] })
  })

  test('an ended container stays ended', () => {
    const once = spec({ restartPolicy: 'Never' })
    const ended = { name: 'c', ready: false, restartCount: 0, image: 'i', imageID: 'i', state: { terminated: { exitCode: 0 } } }
    const old = created(pods, once)
    old.status = { containerStatuses: [ended] }
    const now = structuredClone(old)
    now.status!.containerStatuses![0]!.state = { running: {} }
    expect(pods.subresources!.status!.validateUpdate!(now, old)).toMatchObject([{ field: 'status.containerStatuses[0].state', detail: 'may not be transitioned to non-terminated state' }])
  })

  test('ephemeral containers come and stay', () => {
    const add = (pod: Pod) => { pod.spec.ephemeralContainers = [{ name: 'debug', image: 'busybox', imagePullPolicy: 'Always', terminationMessagePolicy: 'File', resources: {} }] }
    expect(changeFailures<Pod>(pods, spec(), add, 'ephemeralcontainers')).toEqual([])
    const old = created(pods, spec())
    add(old)
    const without = structuredClone(old)
    delete without.spec.ephemeralContainers
    expect(pods.subresources!.ephemeralcontainers!.validateUpdate!(without, old)).toMatchObject([{ field: 'spec.ephemeralContainers', detail: 'existing ephemeral containers "debug" may not be removed\n' }])
  })
})

test.each<[string, Partial<PodSpec>, string | undefined, number | undefined, number]>([
  ['on a node, as the pod says', { nodeName: 'n' }, 'Running', undefined, 30],
  ['as asked', { nodeName: 'n' }, 'Running', 5, 5],
  ['negative means one', { nodeName: 'n' }, 'Running', -1, 1],
  ['not yet on a node', {}, 'Pending', 30, 0],
  ['already over', { nodeName: 'n' }, 'Succeeded', 30, 0],
])('grace of a pod %s', (_, more, phase, asked, seconds) => {
  const pod = created(pods, spec(more))
  pod.status = { ...pod.status, phase }
  expect(pods.gracePeriod!(pod, asked)).toBe(seconds)
})
