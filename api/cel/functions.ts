import { signature } from './types.ts'
import type { Signature, Type } from './types.ts'
import { CelMap, Opaque, Optional, TypeValue, Uint, typeNameOf } from './values.ts'
import type { Value } from './values.ts'
import { CelDuration, CelTimestamp } from './time.ts'

/** What a function may use while it runs. */
export interface Run {
  /** Counts cost; throws when there is none left. */
  charge(cost: number): void
}

/** One overload of a function. Costs beyond the call itself are charged by `cost` before it runs. */
export interface Overload extends Signature {
  readonly run: (args: readonly any[], run: Run) => Value
  readonly cost?: (args: readonly any[]) => number
}

export type Library = Readonly<Record<string, Overload['run'] | { run: Overload['run']; cost: (args: readonly any[]) => number }>>

/** What scanning text or bytes costs. */
export const scan = (size: number): number => Math.ceil(size * 0.1)
/** An overload that walks its first argument (and the others, where they are texts). */
export const scanning = (run: Overload['run']) => ({ run, cost: (args: readonly any[]) => scan(args.reduce((sum: number, arg) => sum + (typeof arg === 'string' || arg instanceof Uint8Array ? arg.length : 0), 0)) })
/** An overload that visits every item of its lists. */
export const visiting = (run: Overload['run']) => ({ run, cost: (args: readonly any[]) => args.reduce((sum: number, arg) => sum + (Array.isArray(arg) ? arg.length : 0), 0) })

/** The overloads of each function, by name. */
export class FunctionTable {
  readonly #byName = new Map<string, Overload[]>()

  add(library: Library): this {
    for (const [text, entry] of Object.entries(library)) {
      const overload: Overload = { ...signature(text), ...(typeof entry === 'function' ? { run: entry } : entry) }
      const known = this.#byName.get(overload.name)
      if (known) known.push(overload)
      else this.#byName.set(overload.name, [overload])
    }
    return this
  }

  find(name: string, member: boolean): readonly Overload[] {
    return (this.#byName.get(name) ?? []).filter((overload) => overload.member === member)
  }

  has(name: string): boolean { return this.#byName.has(name) }
}

/** Whether a value may be an argument of the type, as far as can be seen without walking into it. */
export function fits(type: Type, value: Value): boolean {
  switch (type.k) {
    case 'dyn': case 'param': case 'error': return true
    case 'null': return value === null
    case 'bool': return typeof value === 'boolean'
    case 'int': return typeof value === 'bigint'
    case 'uint': return value instanceof Uint
    case 'double': return typeof value === 'number'
    case 'string': return typeof value === 'string'
    case 'bytes': return value instanceof Uint8Array
    case 'timestamp': return value instanceof CelTimestamp
    case 'duration': return value instanceof CelDuration
    case 'list': return Array.isArray(value) && (value.length === 0 || fits(type.args[0]!, value[0]))
    case 'map': case 'object': return value instanceof CelMap
    case 'optional': return value instanceof Optional
    case 'type': return value instanceof TypeValue
    case 'opaque': return value instanceof Opaque && value.type === type.name
  }
}

export const argumentNames = (args: readonly Value[]): string => args.map(typeNameOf).join(', ')
