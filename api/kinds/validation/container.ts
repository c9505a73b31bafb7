import type { FieldError } from '../../errors.ts'
import type { Container, ContainerPort, ContainerResizePolicy, ContainerRestartRule, EphemeralContainer } from '../../types/core-v1/container.ts'
import type { PodSpec } from '../../types/core-v1/pod.ts'
import type { VolumeSource } from '../../types/core-v1/volume.ts'
import { validateEnv, validateEnvFrom } from './env.ts'
import { duplicate, each, forbidden, invalid, invalidFor, notFound, notSupported, oneOf, optionallyOneOf, required, tooMany } from './field.ts'
import { validateDevices, validateMounts } from './mounts.ts'
import { dnsLabel, portName, portNumber } from './names.ts'
import { validateLifecycle, validateOnceProbe, validateReadinessProbe } from './probes.ts'
import { validateContainerResources } from './resources.ts'
import { validateSecurityContext } from './security-context.ts'

/** What of the pod a container's checks need. */
export interface ContainerScope {
  readonly spec: PodSpec
  readonly volumes: ReadonlyMap<string, VolumeSource>
  readonly claimNames: ReadonlySet<string>
}

export const protocols = ['SCTP', 'TCP', 'UDP']

/** `spec.containers`. */
export function validateContainers(scope: ContainerScope, field: string): FieldError[] {
  const containers = scope.spec.containers ?? []
  if (!containers.length) return [required(field)]
  const names = new Set<string>()
  return [
    ...each(containers, field, (container, path) => [
      ...validateCommon(container, scope, path),
      ...unique(names, container.name, path),
      ...validateLongRunning(container, scope.spec, path),
      ...validateRestart(container, path),
    ]),
    ...hostPortConflicts(containers, (index) => `${field}[${index}]`),
  ]
}

/** `spec.initContainers`. Those with `restartPolicy: Always` (sidecars) may have what the long-running ones have. */
export function validateInitContainers(scope: ContainerScope, field: string): FieldError[] {
  const names = new Set((scope.spec.containers ?? []).map(({ name }) => name))
  return each(scope.spec.initContainers, field, (container, path) => [
    ...validateCommon(container, scope, path),
    ...validateRestart(container, path),
    ...unique(names, container.name, path),
    ...hostPortConflicts([container], () => `${field}[0]`),
    ...(container.restartPolicy === 'Always' ? validateLongRunning(container, scope.spec, path) : longRunningFields
      .filter((name) => container[name] !== undefined)
      .map((name) => forbidden(`${path}.${name}`, 'may not be set for init containers without restartPolicy=Always'))),
    ...(container.restartPolicy === 'Always' ? [] : each(container.resizePolicy, `${path}.resizePolicy`, ({ restartPolicy }, at) =>
      (restartPolicy === 'RestartContainer' ? [invalid(`${at}.restartPolicy`, restartPolicy, "must not be set to 'RestartContainer' for non-sidecar initContainers")] : []))),
  ])
}

const longRunningFields = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const
const forbiddenInEphemeral = ['ports', 'resources', 'resizePolicy', 'restartPolicy', 'restartPolicyRules', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] as const

/** `spec.ephemeralContainers`. */
export function validateEphemeralContainers(scope: ContainerScope, field: string): FieldError[] {
  const { containers = [], initContainers = [] } = scope.spec
  const others = new Set([...containers, ...initContainers].map(({ name }) => name))
  const names = new Set(others)
  return each(scope.spec.ephemeralContainers, field, (container: EphemeralContainer, path) => [
    ...validateCommon(container, scope, path),
    ...imageWhitespace(container, path),
    ...unique(names, container.name, path),
    ...(container.targetContainerName && !others.has(container.targetContainerName) ? [notFound(`${path}.targetContainerName`, container.targetContainerName)] : []),
    ...forbiddenInEphemeral.filter((name) => (name === 'resources' ? Object.keys(container.resources ?? {}).length > 0 : container[name] !== undefined)).map((name) => forbidden(`${path}.${name}`, notInEphemeral)),
    ...each(container.volumeMounts, `${path}.volumeMounts`, (mount, at) => [
      ...(mount.subPath ? [forbidden(`${at}.subPath`, notInEphemeral)] : []),
      ...(mount.subPathExpr ? [forbidden(`${at}.subPathExpr`, notInEphemeral)] : []),
    ]),
  ])
}

const notInEphemeral = 'cannot be set for an Ephemeral Container'

function unique(names: Set<string>, name: string, field: string): FieldError[] {
  if (names.has(name)) return [duplicate(`${field}.name`, name)]
  if (name) names.add(name)
  return []
}

function validateCommon(container: Container, { spec, volumes, claimNames }: ContainerScope, field: string): FieldError[] {
  return [
    ...(container.name ? invalidFor(`${field}.name`, container.name, dnsLabel(container.name)) : [required(`${field}.name`)]),
    ...(container.image ? [] : [required(`${field}.image`)]),
    ...oneOf(container.terminationMessagePolicy, ['File', 'FallbackToLogsOnError'], `${field}.terminationMessagePolicy`),
    ...validatePorts(container.ports, `${field}.ports`),
    ...validateEnv(container.env, `${field}.env`),
    ...validateEnvFrom(container.envFrom, `${field}.envFrom`),
    ...validateMounts(container, volumes, `${field}.volumeMounts`),
    ...validateDevices(container, volumes, `${field}.volumeDevices`),
    ...oneOf(container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never'], `${field}.imagePullPolicy`),
    ...validateContainerResources(container.resources, claimNames, `${field}.resources`),
    ...validateResizePolicy(container.resizePolicy ?? [], spec, `${field}.resizePolicy`),
    ...validateSecurityContext(container.securityContext, `${field}.securityContext`, spec.hostUsers !== false),
  ]
}

const validateLongRunning = (container: Container, spec: PodSpec, field: string): FieldError[] => [
  ...validateLifecycle(container.lifecycle, spec, `${field}.lifecycle`),
  ...validateOnceProbe(container.livenessProbe, spec.terminationGracePeriodSeconds, `${field}.livenessProbe`),
  ...validateReadinessProbe(container.readinessProbe, spec.terminationGracePeriodSeconds, `${field}.readinessProbe`),
  ...validateOnceProbe(container.startupProbe, spec.terminationGracePeriodSeconds, `${field}.startupProbe`),
]

function validateRestart({ restartPolicy, restartPolicyRules = [] }: Container, field: string): FieldError[] {
  return [
    ...optionallyOneOf(restartPolicy, ['Always', 'Never', 'OnFailure'], `${field}.restartPolicy`),
    ...(restartPolicyRules.length && restartPolicy === undefined ? [required(`${field}.restartPolicy`, 'must specify restartPolicy when restart rules are used')] : []),
    ...(restartPolicyRules.length > 20 ? [tooMany(`${field}.restartPolicyRules`, restartPolicyRules.length, 20)] : []),
    ...each(restartPolicyRules, `${field}.restartPolicyRules`, validateRestartRule),
  ]
}

const validateRestartRule = ({ action, exitCodes }: ContainerRestartRule, field: string): FieldError[] => [
  ...optionallyOneOf(action ?? '', ['Restart', 'RestartAllContainers'], `${field}.action`),
  ...(exitCodes ? optionallyOneOf(exitCodes.operator ?? '', ['In', 'NotIn'], `${field}.exitCodes.operator`) : [required(`${field}.exitCodes`, 'must be specified')]),
  ...((exitCodes?.values?.length ?? 0) > 255 ? [tooMany(`${field}.exitCodes.values`, exitCodes!.values!.length, 255)] : []),
]

function validatePorts(ports: readonly ContainerPort[] | undefined, field: string): FieldError[] {
  const names = new Set<string>()
  return each(ports, field, (port, path) => {
    const wrongName = port.name ? portName(port.name) : []
    const repeated = port.name && !wrongName.length && names.has(port.name)
    if (port.name) names.add(port.name)
    return [
      ...invalidFor(`${path}.name`, port.name, wrongName),
      ...(repeated ? [duplicate(`${path}.name`, port.name)] : []),
      ...(port.containerPort ? invalidFor(`${path}.containerPort`, port.containerPort, portNumber(port.containerPort)) : [required(`${path}.containerPort`)]),
      ...(port.hostPort ? invalidFor(`${path}.hostPort`, port.hostPort, portNumber(port.hostPort)) : []),
      ...oneOf(port.protocol, protocols, `${path}.protocol`),
    ]
  })
}

/** Two ports of the node that one pod would claim twice. */
function hostPortConflicts(containers: readonly Container[], pathOf: (index: number) => string): FieldError[] {
  const taken = new Set<string>()
  return containers.flatMap((container, index) => each(container.ports, `${pathOf(index)}.ports`, (port, path) => {
    if (!port.hostPort) return []
    const key = `${port.protocol ?? ''}/${port.hostIP ?? ''}/${port.hostPort}`
    if (taken.has(key)) return [duplicate(`${path}.hostPort`, key)]
    taken.add(key)
    return []
  }))
}

function validateResizePolicy(policies: readonly ContainerResizePolicy[], spec: PodSpec, field: string): FieldError[] {
  const seen = new Set<string>()
  return policies.flatMap(({ resourceName, restartPolicy }, index) => {
    const repeated = seen.has(resourceName)
    seen.add(resourceName)
    return [
      ...(repeated ? [duplicate(`${field}[${index}]`, resourceName)] : []),
      ...oneOf(resourceName, ['cpu', 'memory'], field),
      ...oneOf(restartPolicy, ['NotRequired', 'RestartContainer'], field),
      ...(spec.restartPolicy === 'Never' && restartPolicy !== 'NotRequired' ? [invalid(field, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'")] : []),
    ]
  })
}

/** Only for pods: templates were let through with it, and still are. */
export const imageWhitespace = ({ image = '' }: Container, field: string): FieldError[] =>
  (image.trim() === image ? [] : [invalid(`${field}.image`, image, 'must not have leading or trailing whitespace')])

/** The one value a `restartPolicy` of a template may have. */
export const restartAlways = (policy: string | undefined, field: string): FieldError[] => (policy === 'Always' ? [] : [notSupported(field, policy, ['Always'])])
