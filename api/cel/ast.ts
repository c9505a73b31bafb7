/** The tree of an expression. `at` is the offset of what messages point to. */
export type Node = Literal | Ident | Select | Index | Call | ListNode | MapNode | StructNode | Comprehension

export interface Literal { readonly node: 'literal'; readonly at: number; readonly type: 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes'; readonly value: null | boolean | bigint | number | string | Uint8Array }
export interface Ident { readonly node: 'ident'; readonly at: number; readonly name: string }
/** `a.b`, `a.?b`, and under `has()` the question whether it is there. */
export interface Select { readonly node: 'select'; readonly at: number; readonly target: Node; readonly field: string; readonly optional: boolean; readonly test: boolean; readonly quoted: boolean }
export interface Index { readonly node: 'index'; readonly at: number; readonly target: Node; readonly index: Node; readonly optional: boolean }
/** Operators are calls of their names in cel-go (`_+_`, `_&&_`, `_?_:_`, `@in`). */
export interface Call { readonly node: 'call'; readonly at: number; readonly target: Node | undefined; readonly name: string; readonly args: readonly Node[] }
export interface ListNode { readonly node: 'list'; readonly at: number; readonly items: readonly { readonly value: Node; readonly optional: boolean }[] }
export interface MapNode { readonly node: 'map'; readonly at: number; readonly entries: readonly { readonly key: Node; readonly value: Node; readonly optional: boolean }[] }
export interface StructNode { readonly node: 'struct'; readonly at: number; readonly name: string; readonly fields: readonly { readonly name: string; readonly at: number; readonly value: Node; readonly optional: boolean }[] }

/** A macro that binds variables over a range, or (`optMap`, `optFlatMap`) over what an optional holds. */
export interface Comprehension {
  readonly node: 'comprehension'
  readonly at: number
  readonly macro: 'all' | 'exists' | 'exists_one' | 'map' | 'filter' | 'transformList' | 'transformMap' | 'transformMapEntry' | 'optMap' | 'optFlatMap'
  readonly target: Node
  readonly variables: readonly string[]
  /** In `map(x, p, f)` and the transformations: only where this holds. */
  readonly condition: Node | undefined
  readonly body: Node
}
