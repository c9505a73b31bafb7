import type { Comprehension, Node } from './ast.ts'
import type { CelError } from './cel.ts'
import type { Frame, Step } from './interpreter.ts'
import { mapOf } from './library/operators.ts'
import { CelMap, Optional, forgivable, noOverload } from './values.ts'
import type { Value } from './values.ts'

/** A macro over a range. `inner` makes a step in which its variables are known, from place `slot` on. */
export function comprehension(node: Comprehension, target: Step, inner: (node: Node) => Step, slot: number): Step {
  const body = inner(node.body)
  const condition = node.condition && inner(node.condition)
  if (node.macro === 'optMap' || node.macro === 'optFlatMap') return overOptional(node.macro, target, body, slot)
  const two = node.variables.length === 2
  const each = (frame: Frame, visit: (first: Value, second: Value) => boolean): void => walk(target(frame), frame, slot, two, visit)
  switch (node.macro) {
    case 'all': return (frame) => quantified(frame, each, body, false)
    case 'exists': return (frame) => quantified(frame, each, body, true)
    case 'exists_one': return (frame) => {
      let count = 0
      each(frame, () => (truth(body(frame)) && count++, true))
      return count === 1
    }
    case 'filter': return collected(each, (frame, first, into) => { if (truth(body(frame))) into.push(first) })
    case 'map': case 'transformList': return collected(each, (frame, _, into) => { if (!condition || truth(condition(frame))) into.push(body(frame)) })
    default: return transformed(node.macro === 'transformMapEntry', each, body, condition)
  }
}

type Each = (frame: Frame, visit: (first: Value, second: Value) => boolean) => void

function walk(range: Value, frame: Frame, slot: number, two: boolean, visit: (first: Value, second: Value) => boolean): void {
  const { locals } = frame
  const go = (first: Value, second: Value): boolean => {
    frame.charge(2)
    locals[slot] = first
    if (two) locals[slot + 1] = second
    return visit(first, second)
  }
  if (Array.isArray(range)) {
    for (let i = 0; i < range.length; i++) if (!(two ? go(BigInt(i), range[i]) : go(range[i], undefined))) return
  } else if (range instanceof CelMap) {
    for (const key of range.keys()) if (!go(key, two ? range.get(key) : undefined)) return
  } else throw noOverload()
}

/** `all` (decided by false) and `exists` (by true); an error counts only when nothing decides. */
function quantified(frame: Frame, each: Each, body: Step, decisive: boolean): boolean {
  let failed: CelError | undefined
  let decided = false
  each(frame, () => {
    try {
      decided = truth(body(frame)) === decisive
    } catch (error) {
      if (!forgivable(error)) throw error
      failed ??= error
    }
    return !decided
  })
  if (decided) return decisive
  if (failed) throw failed
  return !decisive
}

function collected(each: Each, add: (frame: Frame, first: Value, into: Value[]) => void): Step {
  return (frame) => {
    const into: Value[] = []
    frame.charge(10)
    each(frame, (first) => (frame.charge(1), add(frame, first, into), true))
    return into
  }
}

function transformed(entries: boolean, each: Each, body: Step, condition: Step | undefined): Step {
  return (frame) => {
    const pairs: (readonly [Value, Value])[] = []
    frame.charge(30)
    each(frame, (first) => {
      frame.charge(1)
      if (condition && !truth(condition(frame))) return true
      const value = body(frame)
      if (!entries) pairs.push([first, value])
      else if (value instanceof CelMap) for (const key of value.keys()) pairs.push([key, value.get(key)])
      else throw noOverload()
      return true
    })
    return mapOf(pairs)
  }
}

function overOptional(macro: 'optMap' | 'optFlatMap', target: Step, body: Step, slot: number): Step {
  return (frame) => {
    const value = target(frame)
    if (!(value instanceof Optional)) throw noOverload()
    if (!value.present) return Optional.none
    frame.locals[slot] = value.value
    const made = body(frame)
    return macro === 'optMap' ? Optional.of(made) : made
  }
}

function truth(value: Value): boolean {
  if (typeof value !== 'boolean') throw noOverload()
  return value
}
