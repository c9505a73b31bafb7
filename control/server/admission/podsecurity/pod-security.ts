import { invalid } from '../../../../api/errors.ts'
import { pods } from '../../../../api/kinds/core-v1/pod.ts'
import type { Namespace } from '../../../../api/types/core-v1/namespace.ts'
import type { Pod } from '../../../../api/types/core-v1/pod.ts'
import type { Tools } from '../../tools.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { memoryOf } from '../memory.ts'
import { namespaceMemory } from '../namespace-lifecycle.ts'
import { refuse } from '../refuse.ts'
import type { Checked } from './baseline.ts'
import { inDetail, violationsOf } from './checks.ts'
import { namespaceWarnings } from './namespace-warnings.ts'
import { compareLevels, isPrivileged, policyOf, printed, sameLevel } from './policy.ts'
import type { Policy } from './policy.ts'
import { significantChange } from './significant-change.ts'

const podMemory = memoryOf<Pod>(pods)
/** Subresources through which a pod's spec does not change. Of any other, also of ones to come, the pod is looked at. */
const ignored = new Set(['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status'])
const workloads: Readonly<Record<string, (object: any) => Checked | undefined>> = {
  podtemplates: ({ template }) => template,
  replicationcontrollers: ({ spec }) => spec?.template, replicasets: ({ spec }) => spec?.template, deployments: ({ spec }) => spec?.template,
  statefulsets: ({ spec }) => spec?.template, daemonsets: ({ spec }) => spec?.template, jobs: ({ spec }) => spec?.template, cronjobs: ({ spec }) => spec?.jobTemplate?.spec?.template,
}
const workloadGroups = new Set(['', 'apps', 'batch', 'extensions'])

/** The Pod Security Standards, as the labels of each namespace ask for them. */
export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  load: namespaceMemory.load,
  validate(request, tools) {
    const { kind, operation, subresource, object } = request
    if (operation !== 'create' && operation !== 'update') return
    if (kind.group === '' && kind.resource === 'namespaces') return subresource === '' ? checkNamespace(request, tools) : undefined
    if (kind.group === '' && kind.resource === 'pods') return ignored.has(subresource) ? undefined : withPolicy(request, tools, (policy) => checkPod(request, policy))
    if (subresource !== '' || !workloadGroups.has(kind.group) || !Object.hasOwn(workloads, kind.resource)) return
    const template = workloads[kind.resource]!(object)
    if (template?.spec) return withPolicy(request, tools, (policy) => warn(request, policy, template))
  },
}

function withPolicy(request: AdmissionRequest, tools: Tools, use: (policy: Policy) => void): void | Promise<void> {
  return namespaceMemory.find(tools, '', request.namespace, (namespace) => {
    const { policy } = policyOf(namespace?.metadata.labels)
    if (!isPrivileged(policy)) use(policy)
  })
}

function checkPod(request: AdmissionRequest, policy: Policy): void {
  const pod: Pod = request.object
  if (request.operation === 'update' && !significantChange(pod, request.old as Pod)) return
  const violations = violationsOf(policy.enforce, pod)
  if (violations.length > 0) throw refuse(request, `violates PodSecurity "${printed(policy.enforce)}": ${inDetail(violations)}`)
  warn(request, policy, pod)
}

function warn({ warn: tell }: AdmissionRequest, { warn: level }: Policy, pod: Checked): void {
  if (!tell) return
  const violations = violationsOf(level, pod)
  if (violations.length > 0) tell(`would violate PodSecurity "${printed(level)}": ${inDetail(violations)}`)
}

/** Labels must be ones that can be understood, once they change; who enforces more is told which pods would not be let in now. */
function checkNamespace(request: AdmissionRequest, tools: Tools): void | Promise<void> {
  const namespace: Namespace = request.object
  const now = policyOf(namespace.metadata.labels), before = policyOf(request.old?.metadata.labels)
  const isNew = request.operation === 'create'
  if (now.errors.length > 0 && (isNew || JSON.stringify(now.errors) !== JSON.stringify(before.errors))) throw invalid(request.kind, namespace.metadata.name, now.errors)
  const { enforce } = now.policy, was = before.policy.enforce
  const relaxed = enforce.minor === was.minor && compareLevels(enforce.level, was.level) < 1
  if (isNew || !request.warn || sameLevel(enforce, was) || enforce.level === 'privileged' || relaxed) return
  return podMemory.inNamespace(tools, namespace.metadata.name, (found) => {
    for (const sentence of namespaceWarnings(namespace.metadata.name, enforce, found)) request.warn!(sentence)
  })
}
