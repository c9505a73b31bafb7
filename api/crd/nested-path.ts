import { setKey } from '../schema/set-key.ts'
import { isObject } from './json-value.ts'

/*
 * The simple paths of the scale subresource: `.spec.replicas`.
 */

export const stepsOf = (path: string): string[] => path.replace(/^\./, '').split('.')

/** What is there; undefined when something on the way is absent. Throws a sentence like Go's when something on the way is no object. */
export function getNested(value: unknown, path: string): unknown {
  let current = value
  const steps = stepsOf(path)
  for (const [i, step] of steps.entries()) {
    if (current === undefined || current === null) return undefined
    if (!isObject(current)) throw new TypeError(`.${steps.slice(0, i + 1).join('.')} accessor error: ${printed(current)} is of the type ${goType(current)}, expected map[string]interface{}`)
    current = Object.hasOwn(current, step) ? current[step] : undefined
  }
  return current
}

/** A whole number; 0 when absent. */
export function nestedInteger(value: unknown, path: string): number {
  const found = getNested(value, path)
  if (found === undefined) return 0
  if (typeof found !== 'number' || !Number.isInteger(found)) throw new TypeError(`.${stepsOf(path).join('.')} accessor error: ${printed(found)} is of the type ${goType(found)}, expected int64`)
  return found
}

/** A string; empty when absent. */
export function nestedString(value: unknown, path: string): string {
  const found = getNested(value, path)
  if (found === undefined) return ''
  if (typeof found !== 'string') throw new TypeError(`.${stepsOf(path).join('.')} accessor error: ${printed(found)} is of the type ${goType(found)}, expected string`)
  return found
}

/** Sets a value in place, with objects on the way where there are none. */
export function setNested(object: Record<string, unknown>, path: string, value: unknown): void {
  const steps = stepsOf(path)
  let current = object
  for (const step of steps.slice(0, -1)) {
    const next = Object.hasOwn(current, step) ? current[step] : undefined
    if (isObject(next)) { current = next; continue }
    const made = {}
    setKey(current, step, made)
    current = made
  }
  setKey(current, steps.at(-1)!, value)
}

const printed = (value: unknown): string => (value === null ? '<nil>' : typeof value === 'object' ? JSON.stringify(value) : String(value))

function goType(value: unknown): string {
  if (value === null) return '<nil>'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  if (typeof value === 'boolean') return 'bool'
  return Array.isArray(value) ? '[]interface {}' : typeof value === 'string' ? 'string' : 'map[string]interface {}'
}
