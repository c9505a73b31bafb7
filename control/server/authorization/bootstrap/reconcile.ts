import type { ClusterRole, PolicyRule, RoleBinding, Subject } from '../../../../api/types/rbac-v1.ts'
import type { LabelSelector } from '../../../../api/types/meta-v1/meta.ts'
import { uncovered } from '../rbac/covers.ts'
import { compactRules } from '../rbac/print-rules.ts'
import { autoupdate } from './policy.ts'
import type { Draft } from './policy.ts'

/** What must be written so that an object has at least what is wanted; `recreate` when a binding has another role, which cannot be changed. */
export type Mend<T> = { readonly action: 'none' } | { readonly action: 'recreate' } | { readonly action: 'update'; readonly change: (current: T) => T }

const none = { action: 'none' } as const

interface Metadata { labels?: Record<string, string> | undefined; annotations?: Record<string, string> | undefined }
interface Labelled { readonly metadata: Metadata }

/** A role gets the rules, labels and selectors it lacks; what somebody added stays. */
export function mendRole<T extends Pick<ClusterRole, 'metadata' | 'rules' | 'aggregationRule'>>(current: T, wanted: Draft<Pick<ClusterRole, 'rules' | 'aggregationRule' | 'metadata'>>): Mend<T> {
  if (current.metadata.annotations?.[autoupdate] === 'false') return none
  const rules = wanted.aggregationRule ? [] : missingRules(current.rules, wanted.rules)
  const selectors = missingSelectors(current.aggregationRule?.clusterRoleSelectors, wanted.aggregationRule?.clusterRoleSelectors)
  if (rules.length === 0 && selectors.length === 0 && hasMetadata(current, wanted)) return none
  return {
    action: 'update',
    change: (role) => ({
      ...withMetadata(role, wanted),
      ...(rules.length > 0 && { rules: [...role.rules ?? [], ...rules] }),
      ...(selectors.length > 0 && { aggregationRule: { clusterRoleSelectors: [...role.aggregationRule?.clusterRoleSelectors ?? [], ...selectors] } }),
    }),
  }
}

/** A binding gets the subjects and labels it lacks. */
export function mendBinding<T extends Pick<RoleBinding, 'metadata' | 'subjects' | 'roleRef'>>(current: T, wanted: Draft<Pick<RoleBinding, 'subjects' | 'roleRef' | 'metadata'>>): Mend<T> {
  if (current.metadata.annotations?.[autoupdate] === 'false') return none
  const { kind, name } = wanted.roleRef
  if (current.roleRef.kind !== kind || current.roleRef.name !== name) return { action: 'recreate' }
  const there = new Set((current.subjects ?? []).map(subjectKey))
  const missing = (wanted.subjects ?? []).filter((subject) => !there.has(subjectKey(subject)))
  if (missing.length === 0 && hasMetadata(current, wanted)) return none
  return { action: 'update', change: (binding) => ({ ...withMetadata(binding, wanted), ...(missing.length > 0 && { subjects: [...binding.subjects ?? [], ...missing] }) }) }
}

function missingRules(current: readonly PolicyRule[] = [], wanted: readonly PolicyRule[] = []): PolicyRule[] {
  if (JSON.stringify(current) === JSON.stringify(wanted)) return []
  return compactRules(uncovered(current, wanted))
}

function missingSelectors(current: readonly LabelSelector[] = [], wanted: readonly LabelSelector[] = []): LabelSelector[] {
  const there = new Set(current.map((selector) => JSON.stringify(selector)))
  return wanted.filter((selector) => !there.has(JSON.stringify(selector)))
}

const subjectKey = ({ kind, namespace = '', name }: Subject): string => JSON.stringify([kind, namespace, name])

type Labels = Readonly<Record<string, string>>
const hasKeys = (current: Labels = {}, wanted: Labels): boolean => Object.keys(wanted).every((key) => Object.hasOwn(current, key))
const hasMetadata = ({ metadata }: Labelled, { metadata: { labels, annotations } }: { metadata: { labels: Labels; annotations: Labels } }): boolean =>
  hasKeys(metadata.labels, labels) && hasKeys(metadata.annotations, annotations)

/** What is there already wins. */
const withMetadata = <T extends Labelled>(object: T, { metadata: { labels, annotations } }: { metadata: { labels: Labels; annotations: Labels } }): T => ({
  ...object, metadata: { ...object.metadata, labels: { ...labels, ...object.metadata.labels }, annotations: { ...annotations, ...object.metadata.annotations } },
})
