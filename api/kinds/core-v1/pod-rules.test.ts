import { describe, expect, test } from 'vitest'
import type { Pod } from '../../types/core-v1/pod.ts'
import type { PodStatus } from '../../types/core-v1/pod-status.ts'
import { changed, changeFailures, created, failures } from '../testing.ts'
import { pods } from './pod.ts'
import { podTemplates } from './pod-template.ts'

const container = { name: 'c', image: 'nginx' }
const spec = (more: object = {}) => ({ spec: { containers: [container], ...more } })
const withContainer = (more: object) => spec({ containers: [{ ...container, ...more }] })
const seccomp = (type: string, localhostProfile?: string) => ({ seccompProfile: { type, ...(localhostProfile && { localhostProfile }) } })
const volume = (source: object, more = {}) => ({ volumes: [{ name: 'v', ...source }], ...more })

describe('what a pod says of its system', () => {
  test.each<[string, object, string[]]>([
    ['no name', { os: { name: '' } }, ['spec.os.name: Required value']],
    ['an unknown one', { os: { name: 'plan9' } }, ['spec.os: Unsupported value: "plan9": supported values: "linux", "windows"']],
    ['options of Windows for Linux', { os: { name: 'linux' }, securityContext: { windowsOptions: {} }, initContainers: [{ name: 'i', image: 'i', securityContext: { windowsOptions: {} } }] },
      ['spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod', 'spec.initContainers[0].securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod']],
    ['Linux for Windows', { os: { name: 'windows' }, hostPID: true, shareProcessNamespace: false, securityContext: { fsGroup: 1 }, containers: [{ ...container, securityContext: { privileged: false, capabilities: {} } }] },
      ['spec.securityContext.fsGroup', 'spec.hostPID', 'spec.shareProcessNamespace', 'spec.containers[0].securityContext.capabilities', 'spec.containers[0].securityContext.privileged'].map((path) => `${path}: Forbidden: cannot be set for a windows pod`)],
    ['resources of the whole for Windows', { os: { name: 'windows' }, resources: { limits: { cpu: '1' } } }, ['spec.resources: Forbidden: may not be set for a windows pod']],
    ['half a host process', { securityContext: { windowsOptions: { hostProcess: true } }, containers: [container, { name: 'd', image: 'd', securityContext: { windowsOptions: { hostProcess: false } } }] }, [
      'spec.containers[1].securityContext.windowsOptions.hostProcess: Invalid value: false: pod hostProcess value must be identical if both are specified, was true',
      'spec: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess containers',
      'spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers',
    ]],
    ['a user of Windows', { securityContext: { windowsOptions: { runAsUserName: 'A\\b\\c', gmsaCredentialSpec: '' } } }, [
      'spec.securityContext.windowsOptions.gmsaCredentialSpec: Invalid value: "": gmsaCredentialSpec cannot be an empty string',
      'spec.securityContext.windowsOptions.runAsUserName: Invalid value: "A\\\\b\\\\c": runAsUserName cannot contain more than one backslash',
    ]],
  ])('%s', (_, more, expected) => expect(failures(pods, spec(more))).toEqual(expected))
})

describe('rules of a pod', () => {
  test.each<[string, object, string[]]>([
    ['users of its own and the host', { hostUsers: false, hostNetwork: true, hostPID: true, ...volume({ persistentVolumeClaim: { claimName: 'x' } }), containers: [{ ...container, volumeDevices: [{ name: 'v', devicePath: '/dev/x' }] }] },
      ['spec.hostNetwork', 'spec.HostPID', 'spec.containers[0].volumeDevices'].map((path) => `${path}: Forbidden: when \`hostUsers\` is false`)],
    ['a long host name', { hostnameOverride: 'a'.repeat(65), setHostnameAsFQDN: true }, ['spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true', 'spec.hostnameOverride: Too long: may not be more than 64 bytes']],
    ['a key twice', { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } }, matchLabelKeys: ['app'] }] },
      ['spec.topologySpreadConstraints[0][0]: Invalid value: "app": exists in both matchLabelKeys and labelSelector']],
    ['keys without selector', { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule', matchLabelKeys: ['app'] }] },
      ['spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set']],
    ['a toleration that compares', { tolerations: [{ key: 'a', operator: 'Gt', value: '1' }] }, ['spec.tolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"']],
    ['less than the containers ask for', { resources: { requests: { cpu: '1' }, limits: { cpu: '2' } }, containers: [{ ...container, resources: { requests: { cpu: '1500m' }, limits: { cpu: '3' } } }] }, [
      'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 1500m',
      'spec.resources.containers[0][cpu].limits: Invalid value: "3": must be less than or equal to pod limits of 2',
    ]],
    ['a variable from no file', { containers: [{ ...container, env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: '../x', key: 'K' } } }, { name: 'B', valueFrom: { fileKeyRef: { volumeName: 'w', path: 'x', key: 'K' } } }] }], ...volume({ configMap: { name: 'm' } }) }, [
      "spec.containers[0].env[0].valueFrom.fileKeyRef.path: Invalid value: \"../x\": must not contain '..'",
      'spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "v": referenced volume must be of type emptyDir',
      'spec.containers[0].env[1].valueFrom.fileKeyRef.volumeName: Not found: "w"',
    ]],
    ['an init container that restarts to be resized', { initContainers: [{ name: 'i', image: 'i', resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }] },
      ["spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: \"RestartContainer\": must not be set to 'RestartContainer' for non-sidecar initContainers"]],
    ['a host port twice in one init container', { initContainers: [{ name: 'h', image: 'h' }, { name: 'i', image: 'i', ports: [{ containerPort: 1, hostPort: 9 }, { containerPort: 2, hostPort: 9 }] }] },
      ['spec.initContainers[0].ports[1].hostPort: Duplicate value: "TCP//9"']],
    ['a rule without policy', { containers: [{ ...container, restartPolicyRules: [{ exitCodes: { operator: 'X', values: [1] } }] }] }, [
      'spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
      'spec.containers[0].restartPolicyRules[0].action: Unsupported value: "": supported values: "Restart", "RestartAllContainers"',
      'spec.containers[0].restartPolicyRules[0].exitCodes.operator: Unsupported value: "X": supported values: "In", "NotIn"',
    ]],
    ['part of an image', { ...volume({ image: { reference: 'x' } }), containers: [{ ...container, volumeMounts: [{ name: 'v', mountPath: '/x', subPath: 'a' }] }] }, []],
    ['two sources', volume({ emptyDir: {}, downwardAPI: {}, cephfs: { monitors: ['x'] } }), ['cephFS', 'downwarAPI'].map((name) => `spec.volumes[0].${name}: Forbidden: may not specify more than 1 volume type`)],
    ['a long session', volume({ iscsi: { targetPortal: 'x'.repeat(63), iqn: 'iqn.2001-04.com.example:a', initiatorName: 'iqn.2001-04.com.example:b' } }), ['spec.volumes[0].name: Invalid value: "v": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.']],
    ['reserved options', volume({ flexVolume: { driver: 'a/b', options: { 'x.K8s.io/a': '1', mine: '2' } } }), ['spec.volumes[0].flexVolume.options[x.K8s.io/a]: Invalid value: "x.K8s.io/a": kubernetes.io and k8s.io namespaces are reserved']],
    ['two datasets', volume({ flocker: { datasetName: 'a', datasetUUID: 'b' } }), ['spec.volumes[0].flocker: Invalid value: "resource": datasetName and datasetUUID can not be specified simultaneously']],
    ['no host and port', volume({ quobyte: { registry: 'host', volume: 'v' } }), ['spec.volumes[0].quobyte.registry: Invalid value: "host": must be a host:port pair or multiple pairs separated by commas']],
    ['a disk of the other sort', volume({ azureDisk: { diskName: 'd', diskURI: 'https://x', kind: 'Managed' } }),
      ['spec.volumes[0].azureDisk.diskURI: Unsupported value: "https://x": supported values: "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"']],
    ['a lun out of range', volume({ fc: { wwids: ['x'], lun: 999 } }), []],
  ])('%s', (_, more, expected) => expect(failures(pods, { ...spec(more), metadata: { labels: { app: 'web' } } })).toEqual(expected))

  test('an ephemeral container has no part of a pod\'s service', () => {
    const add = (pod: Pod) => { pod.spec.ephemeralContainers = [{ name: 'e', image: 'i', lifecycle: {}, restartPolicy: 'Always' }] }
    expect(changeFailures<Pod>(pods, spec(), add, 'ephemeralcontainers')).toEqual(['restartPolicy', 'lifecycle'].map((name) => `spec.ephemeralContainers[0].${name}: Forbidden: cannot be set for an Ephemeral Container`))
  })
})

describe('annotations of a pod', () => {
  const annotated = (annotations: object, more: object = {}) => ({ ...spec(more), metadata: { annotations } })
  const apparmor = 'container.apparmor.security.beta.kubernetes.io/c'

  test.each<[string, ReturnType<typeof annotated>, string[]]>([
    ['a cost that is no number', annotated({ 'controller.kubernetes.io/pod-deletion-cost': '+1' }), ['metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit integer']],
    ['a cost that is too high', annotated({ 'controller.kubernetes.io/pod-deletion-cost': '2147483648' }), ['metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "2147483648": must be a 32bit integer']],
    ['a profile of nobody', annotated({ 'container.apparmor.security.beta.kubernetes.io/x': 'mine' }), [
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/x]: Invalid value: "x": container not found',
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/x]: Invalid value: "mine": invalid AppArmor profile name: "mine"',
    ]],
    ['a profile of seccomp', annotated({ 'seccomp.security.alpha.kubernetes.io/pod': 'mine' }), ['metadata.annotations.seccomp.security.alpha.kubernetes.io/pod: Invalid value: "mine": must be a valid seccomp profile']],
    ['two opinions on seccomp', annotated({ 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined', 'container.seccomp.security.alpha.kubernetes.io/c': 'localhost/a' }, { securityContext: seccomp('RuntimeDefault'), containers: [{ ...container, securityContext: seccomp('Localhost', 'b') }] }), [
      'spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match',
      'spec.containers[0].securityContext.seccompProfile.localhostProfile: Forbidden: seccomp profile in annotation and field must match',
    ]],
    ['two opinions on AppArmor', annotated({ [apparmor]: 'unconfined' }, { containers: [{ ...container, securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }] }),
      ['spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must match']],
    ['a claim of a static pod', annotated({ 'kubernetes.io/config.mirror': 'x' }, { nodeName: 'n', resourceClaims: [{ name: 'a', resourceClaimName: 'b' }] }), [': Forbidden: static pods do not support resource claims']],
  ])('%s', (_, rough, expected) => expect(failures(pods, rough)).toEqual(expected))

  test('old AppArmor annotations become fields', () => {
    expect(created(pods, annotated({ [apparmor]: 'localhost/mine' })).spec.containers[0]!.securityContext).toEqual({ appArmorProfile: { type: 'Localhost', localhostProfile: 'mine' } })
    expect(created(pods, annotated({ [apparmor]: 'unconfined' }, { securityContext: { appArmorProfile: { type: 'Unconfined' } } })).spec.containers[0]!.securityContext).toBeUndefined()
  })

  test('and stay', () => {
    expect(changeFailures<Pod>(pods, annotated({ [apparmor]: 'unconfined' }), ({ metadata }) => { metadata.annotations = { 'kubernetes.io/config.mirror': 'x' } })).toEqual([
      'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set',
      `metadata.annotations[${apparmor}]: Forbidden: may not remove or update AppArmor annotations`,
      'metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation',
    ])
  })
})

describe('what 1.36 does not use', () => {
  const off = { schedulingGroup: { podGroupName: 'g' }, os: { name: 'linux' }, containers: [{ ...container, lifecycle: { stopSignal: 'SIGUSR1' } }], ...volume({ projected: { sources: [{ podCertificate: { signerName: 'a/b', keyType: 'ED25519' } }, { clusterTrustBundle: { name: 'x', path: 'y' } }] } }) }

  test('falls away', () => {
    for (const made of [created(pods, spec(off)).spec, created(podTemplates, { template: spec(off) }).template!.spec]) {
      expect(made).not.toHaveProperty('schedulingGroup')
      expect(made.containers[0]).not.toHaveProperty('lifecycle')
      expect(made.volumes![0]!.projected!.sources).toEqual([{}, {}])
    }
  })

  test('and is kept where it is in use', () => {
    const old = created(pods, spec())
    old.spec.containers[0]!.lifecycle = { stopSignal: 'SIGUSR1' }
    const now = structuredClone(old)
    pods.prepareForUpdate!(now, old)
    expect(now.spec.containers[0]!.lifecycle).toEqual({ stopSignal: 'SIGUSR1' })
  })
})

describe('the status of a pod', () => {
  const report = (status: PodStatus, more: object = {}, before: PodStatus = {}) => changeFailures<Pod>(pods, spec(more), (pod) => { pod.status = { ...before, ...status } }, 'status')
  const of = (more: object) => [{ name: 'c', ready: true, restartCount: 0, image: 'i', imageID: 'i', ...more }]

  test.each<[string, PodStatus, object, string[]]>([
    ['a bad condition', { conditions: [{ type: 'a b', status: 'True', observedGeneration: -1 }] }, {}, [expect.stringContaining('status.conditions[0].observedGeneration: Invalid value: -1: must be a non-negative integer') as unknown as string, expect.stringContaining('status.conditions[0].Type: Invalid value: "a b": ') as unknown as string]],
    ['a place for what has one', { nominatedNodeName: 'm' }, { nodeName: 'n' }, ['status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node']],
    ['another class of service', { qosClass: 'Guaranteed' }, {}, ['status.qosClass: Invalid value: "Guaranteed": field is immutable']],
    ['two addresses of one family', { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] }, {}, ['status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family']],
    ['a claim of nothing', { resourceClaimStatuses: [{ name: 'a', resourceClaimName: 'b' }] }, {}, ['status.resourceClaimStatuses[0].name: Invalid value: "a": must match the name of an entry in `spec.resourceClaims`']],
    ['a user of the other system', { containerStatuses: of({ user: { linux: { uid: 1, gid: 1 } } }) }, { os: { name: 'windows' } }, ['status.containerStatuses[0].user.linux: Forbidden: cannot be set for a windows pod']],
    ['a user out of range', { containerStatuses: of({ user: { linux: { uid: -1, gid: 0 } } }) }, {}, ['status.containerStatuses[0].user.linux.uid: Invalid value: -1: must be between 0 and 4294967295, inclusive']],
    ['a device nobody asked for', { containerStatuses: of({ allocatedResourcesStatus: [{ name: 'example.com/gpu', resources: [{ resourceID: 'a', health: 'Fine' }, { resourceID: 'a', health: 'Healthy' }] }] }) }, {}, [
      'status.containerStatuses[0].allocatedResourcesStatus[0].name: Invalid value: "example.com/gpu": must match one of the container\'s resource requests',
      'status.containerStatuses[0].allocatedResourcesStatus[0].resources[0].health: Unsupported value: "Fine": supported values: "Healthy", "Unhealthy", "Unknown"',
      'status.containerStatuses[0].allocatedResourcesStatus[0].resources[1].resourceID: Duplicate value: "a"',
    ]],
  ])('%s', (_, status, more, expected) => expect(report(status, more)).toEqual(expected))

  test.each<[string, object, object, number, boolean]>([
    ['never', { restartPolicy: 'Never' }, {}, 1, false],
    ['on failure', { restartPolicy: 'OnFailure' }, {}, 1, true],
    ['by its own policy', { restartPolicy: 'Never' }, { restartPolicy: 'Always' }, 0, true],
    ['by a rule', { restartPolicy: 'Always' }, { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }] }, 42, true],
    ['by no rule', { restartPolicy: 'Always' }, { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }] }, 1, false],
    ['with all others', { restartPolicy: 'Never' }, { restartPolicy: 'Never', restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }] }, 1, true],
  ])('a container may come back %s', (_, ofPod, own, exitCode, may) => {
    const old = created(pods, spec({ ...ofPod, containers: [{ ...container, ...own }] }))
    old.status = { containerStatuses: of({ state: { terminated: { exitCode } } }) }
    const now = { ...old, status: { containerStatuses: of({ state: { running: {} } }) } }
    expect(pods.subresources!.status!.validateUpdate!(now, old)).toHaveLength(may ? 0 : 1)
  })

  test('what was observed stays, and what images are is not told', () => {
    const old = created(pods, spec())
    old.status = { observedGeneration: 3, conditions: [{ type: 'Ready', status: 'True', observedGeneration: 2 }] }
    const now: Pod = { ...structuredClone(old), status: { conditions: [{ type: 'Ready', status: 'False' }], containerStatuses: of({ volumeMounts: [{ name: 'v', mountPath: '/x', volumeStatus: { image: { imageRef: 'x' } } }] }) } }
    pods.subresources!.status!.prepareForUpdate!(now, old)
    expect(now.status).toMatchObject({ observedGeneration: 3, conditions: [{ observedGeneration: 2 }], containerStatuses: [{ volumeMounts: [{ name: 'v', mountPath: '/x' }] }] })
    expect(now.status!.containerStatuses![0]!.volumeMounts![0]).not.toHaveProperty('volumeStatus')
  })
})

test('defaults of a pod as a whole', () => {
  const { resources } = created(pods, spec({ resources: { requests: { cpu: '2' } }, containers: [{ ...container, resources: { limits: { cpu: '1', 'hugepages-2Mi': '2Mi' } } }] })).spec
  expect(resources).toEqual({ requests: { cpu: '2', 'hugepages-2Mi': '2Mi' }, limits: { 'hugepages-2Mi': '2Mi' } })
  expect(created(pods, withContainer({ env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'p', key: 'K' } } }] })).spec.containers[0]!.env![0]!.valueFrom!.fileKeyRef).toMatchObject({ optional: false })
})

test('a longer deadline is all that is told', () => {
  const { object, old } = changed<Pod>(pods, spec({ activeDeadlineSeconds: 5 }), ({ spec }) => { spec.activeDeadlineSeconds = 9; spec.nodeName = 'n' })
  expect(pods.validateUpdate!(object, old).map(({ field }) => field)).toEqual(['spec.activeDeadlineSeconds'])
})
