import { describe, expect, test } from 'vitest'
import type { Checked } from './baseline.ts'
import { inDetail, violationsOf } from './checks.ts'
import { namespaceWarnings } from './namespace-warnings.ts'
import { policyOf, printed } from './policy.ts'
import { significantChange } from './significant-change.ts'

const latest = Infinity
const container = (name: string, securityContext?: object, more: object = {}) => ({ name, image: 'x', ...(securityContext && { securityContext }), ...more })
const good = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }
const pod = (spec: object, annotations?: object): Checked => ({ metadata: { name: 'p', ...(annotations && { annotations }) }, spec: { containers: [container('c', good)], ...spec } }) as Checked
const baseline = (checked: Checked, minor = latest) => inDetail(violationsOf({ level: 'baseline', minor }, checked))
const restricted = (checked: Checked, minor = latest) => inDetail(violationsOf({ level: 'restricted', minor }, checked))

describe('baseline', () => {
  test.each<[string, object, string]>([
    ['host namespaces', { hostNetwork: true, hostPID: true }, 'host namespaces (hostNetwork=true, hostPID=true)'],
    ['hostPath', { volumes: [{ name: 'a', hostPath: { path: '/' } }, { name: 'b', emptyDir: {} }] }, 'hostPath volumes (volume "a")'],
    ['hostPort', { containers: [container('a', good, { ports: [{ hostPort: 80 }, { hostPort: 443 }] }), container('b', good, { ports: [{ hostPort: 80 }] })] }, 'hostPort (containers "a", "b" use hostPorts 443, 80)'],
    ['one hostPort', { containers: [container('a', good, { ports: [{ hostPort: 80 }] })] }, 'hostPort (container "a" uses hostPort 80)'],
    ['privileged, in every kind of container', { initContainers: [container('i', { privileged: true })], containers: [container('c', { privileged: true })], ephemeralContainers: [container('e', { privileged: true })] },
      'privileged (containers "i", "c", "e" must not set securityContext.privileged=true)'],
    ['capabilities', { containers: [container('c', { capabilities: { add: ['NET_RAW', 'CHOWN', 'BPF'] } })] }, 'non-default capabilities (container "c" must not include "BPF", "NET_RAW" in securityContext.capabilities.add)'],
    ['procMount', { containers: [container('c', { procMount: 'Unmasked' })] }, 'procMount (container "c" must not set securityContext.procMount to "Unmasked")'],
    ['procMount in a user namespace', { hostUsers: false, containers: [container('c', { procMount: 'Unmasked' })] }, ''],
    ['SELinux', { securityContext: { seLinuxOptions: { type: 'spc_t', user: 'u' } }, containers: [container('c', { seLinuxOptions: { role: 'r' } })] },
      'seLinuxOptions (pod and container "c" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set)'],
    ['SELinux types that are fine', { securityContext: { seLinuxOptions: { type: 'container_engine_t', level: 'x' } } }, ''],
    ['seccomp', { securityContext: { seccompProfile: { type: 'Unconfined' } } }, 'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")'],
    ['AppArmor', { securityContext: { appArmorProfile: { type: 'Unconfined' } } }, 'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")'],
    ['sysctls', { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem', value: '1' }, { name: 'kernel.msgmax', value: '1' }] } }, 'forbidden sysctls (kernel.msgmax)'],
    ['hostProcess', { containers: [container('c', { windowsOptions: { hostProcess: true } })] }, 'hostProcess (container "c" must not set securityContext.windowsOptions.hostProcess=true)'],
    ['probes of other hosts', { containers: [container('c', good, { livenessProbe: { httpGet: { host: '1.2.3.4' } }, lifecycle: { preStop: { tcpSocket: { host: 'a' } } } })] },
      'probe or lifecycle host (container "c" uses probe or lifecycle hosts "1.2.3.4", "a")'],
  ])('%s', (_, spec, expected) => { expect(baseline(pod(spec))).toBe(expected) })

  test.each<[string, object, number, string]>([
    ['probes', { containers: [container('c', good, { livenessProbe: { httpGet: { host: 'h' } } })] }, 33, ''],
    ['sysctls', { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem', value: '1' }] } }, 31, 'forbidden sysctls (net.ipv4.tcp_rmem)'],
    ['SELinux', { securityContext: { seLinuxOptions: { type: 'container_engine_t' } } }, 30, 'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "container_engine_t")'],
    ['procMount', { hostUsers: false, containers: [container('c', { procMount: 'Unmasked' })] }, 34, 'procMount (container "c" must not set securityContext.procMount to "Unmasked")'],
  ])('%s as an older version had it', (_, spec, minor, expected) => { expect(baseline(pod(spec), minor)).toBe(expected) })

  test('profiles in annotations', () => {
    const annotations = { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined', 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' }
    expect(baseline(pod({}, annotations))).toBe('forbidden AppArmor profile (annotation must not set AppArmor profile type to "container.apparmor.security.beta.kubernetes.io/c="unconfined"")')
    expect(baseline(pod({}, annotations), 18)).toMatch(/, seccompProfile \(forbidden annotation seccomp\.security\.alpha\.kubernetes\.io\/pod="unconfined"\)$/)
  })
})

describe('restricted', () => {
  test('of a plain pod wants what everybody has seen', () => {
    expect(restricted(pod({ containers: [container('c')] }))).toBe('allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")')
  })
  test.each<[string, object, string]>([
    ['a good pod', {}, ''],
    ['volumes', { volumes: [{ name: 'a', hostPath: { path: '/' } }, { name: 'b', nfs: { server: 's', path: '/' } }, { name: 'c', projected: {} }] }, 'restricted volume types (volumes "a", "b" use restricted volume types "hostPath", "nfs")'],
    ['an added capability', { containers: [container('c', { ...good, capabilities: { drop: ['ALL'], add: ['CHOWN', 'NET_BIND_SERVICE'] } })] }, 'unrestricted capabilities (container "c" must not include "CHOWN" in securityContext.capabilities.add)'],
    ['root', { securityContext: { runAsUser: 0 } }, 'runAsUser=0 (pod must not set runAsUser=0)'],
    ['root in a user namespace', { hostUsers: false, securityContext: { runAsUser: 0, runAsNonRoot: false } }, ''],
    ['runAsNonRoot: false', { securityContext: { runAsNonRoot: false } }, 'runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)'],
    ['Windows', { os: { name: 'windows' }, securityContext: { runAsNonRoot: true }, containers: [container('c')] }, ''],
    ['baseline rules too', { hostIPC: true }, 'host namespaces (hostIPC=true)'],
    ['procMount even in a user namespace', { hostUsers: false, containers: [container('c', { ...good, procMount: 'Unmasked' })] }, 'procMount (container "c" must not set securityContext.procMount to "Unmasked")'],
    ['of the pod is enough', { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'Localhost' } }, containers: [container('c', { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } })] }, ''],
  ])('%s', (_, spec, expected) => { expect(restricted(pod(spec))).toBe(expected) })
  test('of an old version asks less', () => {
    expect(restricted(pod({ containers: [container('c', { allowPrivilegeEscalation: false, runAsNonRoot: true })] }), 18)).toBe('')
  })
})

describe('labels of a namespace', () => {
  const key = 'pod-security.kubernetes.io/'
  const labelled = (labels: Record<string, string>) => policyOf(Object.fromEntries(Object.entries(labels).map(([name, value]) => [key + name, value])))
  const shown = (labels: Record<string, string>) => Object.values(labelled(labels).policy).map(printed).join(' ')
  test.each<[Record<string, string>, string]>([
    [{}, 'privileged:latest privileged:latest privileged:latest'],
    [{ enforce: 'baseline' }, 'baseline:latest privileged:latest baseline:latest'],
    [{ enforce: 'baseline', 'enforce-version': 'v1.25', warn: 'privileged' }, 'baseline:v1.25 privileged:latest privileged:latest'],
    [{ enforce: 'restricted', 'enforce-version': 'v1.25' }, 'restricted:v1.25 privileged:latest restricted:v1.25'],
    [{ enforce: 'x', audit: 'x', warn: 'x' }, 'restricted:latest privileged:latest privileged:latest'],
  ])('%o', (labels, expected) => { expect(shown(labels)).toBe(expected) })
  test('that cannot be understood', () => {
    expect(labelled({ enforce: 'strict', 'warn-version': '1.2' }).errors).toEqual([
      { type: 'Invalid', field: `metadata.labels[${key}enforce]`, value: 'strict', detail: 'must be one of privileged, baseline, restricted' },
      { type: 'Invalid', field: `metadata.labels[${key}warn-version]`, value: '1.2', detail: 'must be "latest" or "v1.x"' },
    ])
  })
})

test('a new level is held against the pods there are, twins last', () => {
  const named = (name: string, spec: object, owner?: string) => ({ metadata: { name, ...(owner && { ownerReferences: [{ uid: owner, controller: true }] }) }, spec: { containers: [container('c', good)], ...spec } }) as never
  const pods = [named('b', { hostPID: true }), named('a', { hostPID: true }, 'rs'), named('c', { hostPID: true }, 'rs'), named('d', {}), named('e', { containers: [container('c')] })]
  expect(namespaceWarnings('n', { level: 'restricted', minor: Infinity }, pods)).toEqual([
    'existing pods in namespace "n" violate the new PodSecurity enforce level "restricted:latest"',
    'a (and 2 other pods): host namespaces',
    'e: allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile',
  ])
  expect(namespaceWarnings('n', { level: 'baseline', minor: Infinity }, [pods[3]!])).toEqual([])
})

test.each<[string, object, object, boolean]>([
  ['another image', { containers: [{ name: 'c', image: 'y' }] }, {}, true], ['labels alone', {}, {}, false],
  ['an ephemeral container more', { ephemeralContainers: [{ name: 'e', image: 'x' }] }, {}, true],
  ['an ephemeral container as before', { ephemeralContainers: [{ name: 'e', image: 'x' }] }, { ephemeralContainers: [{ name: 'e', image: 'x' }] }, false],
])('an update with %s', (_, now, before, expected) => {
  const of = (spec: object) => ({ metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'x' }], ...spec } }) as never
  expect(significantChange(of(now), of(before))).toBe(expected)
})
