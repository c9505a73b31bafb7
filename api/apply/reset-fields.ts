import type { Kind } from '../kinds/kind.ts'
import { below, leaf, recursiveDifference, setOf } from './field-set.ts'
import type { FieldSet, MutableFieldSet } from './field-set.ts'

/** What of a set can be written where the write goes to: trying the rest makes nobody its owner. */
export type Writable = (set: FieldSet) => FieldSet

const except = (...paths: string[][]): Writable => {
  const set = setOf(...paths.map((path) => path.map((name) => `f:${name}`)))
  return (given) => recursiveDifference(given, set)
}

const all: Writable = (set) => set
const noStatus = except(['status'])
const noSpec = except(['spec'])
/** Through the status of a custom resource nothing else changes, metadata neither. */
const onlyStatus = except(['spec'], ['metadata'])

/** Kinds whose rule is another than "the main resource writes no status, the status writes no spec". */
const special: Readonly<Record<string, Writable>> = {
  '/namespaces/finalize': noStatus,
  '/pods/status': except(['spec'], ['metadata', 'deletionTimestamp'], ['metadata', 'ownerReferences']),
  '/pods/ephemeralcontainers': (set) => along(set, ['f:spec', 'f:ephemeralContainers']),
  '/pods/resize': (set) => resized(set),
  'apps/deployments/status': except(['spec'], ['metadata', 'labels']),
  'certificates.k8s.io/certificatesigningrequests': except(['spec'], ['status']),
  'certificates.k8s.io/certificatesigningrequests/approval': except(['spec'], ['status', 'certificate']),
  'certificates.k8s.io/certificatesigningrequests/status': except(['spec'], ['status', 'conditions']),
}

/** The part of a set that a write to this resource or subresource can mean. */
export function writableFields(kind: Kind, subresource: string): Writable {
  const known = special[`${kind.group}/${kind.resource}${subresource && `/${subresource}`}`]
  if (known) return known
  if (subresource === 'status') return kind.jsonOnly ? onlyStatus : noSpec
  return subresource === '' && kind.subresources?.['status'] ? noStatus : all
}

/** What is at a path and below it. */
function along(set: FieldSet, [first, ...rest]: readonly string[]): FieldSet {
  const node = first === undefined ? undefined : set[first]
  if (node === undefined) return leaf
  if (rest.length === 0) return { [first!]: node }
  const inside = along(below(set, first!), rest)
  return inside === leaf ? leaf : { [first!]: inside }
}

/** Resources and how they are resized, of every container. */
function resized(set: FieldSet): FieldSet {
  const spec = below(set, 'f:spec')
  const out: MutableFieldSet = {}
  for (const list of ['f:containers', 'f:initContainers']) {
    const items: MutableFieldSet = {}
    for (const [item, node] of Object.entries(below(spec, list))) {
      const kept = Object.fromEntries(Object.entries(node).filter(([field]) => field === 'f:resources' || field === 'f:resizePolicy'))
      if (Object.keys(kept).length > 0) items[item] = kept
    }
    if (Object.keys(items).length > 0) out[list] = items
  }
  return Object.keys(out).length > 0 ? { 'f:spec': out as FieldSet } : leaf
}
