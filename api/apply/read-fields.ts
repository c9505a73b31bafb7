import { inOrder, leaf } from './field-set.ts'
import type { FieldSet, MutableFieldSet } from './field-set.ts'
import { elementText, parseElement } from './path-element.ts'

/** How deep a set may nest; the objects it speaks of may not be deeper either. */
const maxDepth = 1000

/**
 * Reads what a client sent as FieldsV1 into the canonical form. Elements of forms that are not known are left out; throws an
 * `Error` when it is none.
 */
export function readFields(value: unknown): FieldSet {
  const set = readNode(value, 0).children
  return set ? inOrder(set as FieldSet) : leaf
}

interface Read { readonly children: MutableFieldSet | undefined; readonly member: boolean }

function readNode(value: unknown, depth: number): Read {
  if (depth > maxDepth) throw new Error('exceeded max depth')
  if (value === null || value === undefined) return { children: undefined, member: true }
  if (typeof value !== 'object' || Array.isArray(value)) throw new Error('ReadMapCB: expect { or n, but found another character')
  let children: MutableFieldSet | undefined
  let member = false
  for (const key of Object.keys(value)) {
    if (key === '.') {
      member = true
      continue
    }
    const element = parseElement(key)
    if (!element) continue
    const below = readNode((value as Record<string, unknown>)[key], depth + 1)
    const node = below.children && below.member ? { '.': leaf, ...below.children } : below.children ?? leaf
    ;(children ??= {})[elementText(element)] = node
  }
  return { children, member: member || children === undefined }
}
