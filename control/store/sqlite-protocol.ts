import type { Change, StoredRecord, StoreReason } from './log.ts'

/** What passes between `sqlite.ts` and its worker. Values of one message travel packed in one transferred buffer. */
export type Request =
  | { readonly type: 'write'; readonly operations: readonly Operation[]; readonly values: Packed; readonly compactTo: number }
  | { readonly type: 'flush' }
  | { readonly type: 'get'; readonly key: string }
  | { readonly type: 'list'; readonly prefix: string; readonly after: string; readonly limit: number | undefined; readonly revision: number | undefined }
  | { readonly type: 'changes'; readonly prefix: string; readonly after: number }
  | { readonly type: 'compact'; readonly revision: number }
  | { readonly type: 'close' }

export interface Operation {
  readonly type: Change['type']
  readonly key: string
  /** For update and delete. */
  readonly expected: number
  readonly lazy: boolean
}

/** The fate of one operation. The value before comes in `WriteReply.previous`, at the same place. */
export type Outcome =
  | { readonly revision: number }
  | { readonly refused: 'exists' | 'conflict' | 'missing'; readonly current?: StoredRecord | undefined }

export interface WriteReply {
  readonly outcomes: readonly Outcome[]
  readonly previous: Packed
  readonly compacted: number
  /** Some of what was acknowledged is not on disk yet. */
  readonly dirty: boolean
}

export interface ListReply {
  readonly records: readonly Omit<StoredRecord, 'value'>[]
  readonly values: Packed
  readonly revision: number
  readonly remaining: number
}

export interface ChangesReply {
  readonly changes: readonly Pick<Change, 'type' | 'key' | 'revision'>[]
  readonly values: Packed
  readonly previous: Packed
  readonly revision: number
}

export interface Opened { readonly revision: number; readonly compacted: number }

export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { readonly reason: StoreReason; readonly message: string } }

/** Many byte arrays in one. An end of -1 says "none". */
export interface Packed { readonly bytes: Uint8Array<ArrayBuffer>; readonly ends: readonly number[] }

export function pack(values: readonly (Uint8Array | undefined)[]): Packed {
  const bytes = new Uint8Array(values.reduce((sum, value) => sum + (value?.length ?? 0), 0))
  const ends: number[] = []
  let at = 0
  for (const value of values) {
    if (value) {
      bytes.set(value, at)
      at += value.length
    }
    ends.push(value ? at : -1)
  }
  return { bytes, ends }
}

/** Views into the packed bytes: copy what shall live long, or it keeps all the others alive. */
export function unpack({ bytes, ends }: Packed): (Uint8Array | undefined)[] {
  let at = 0
  return ends.map((end) => {
    if (end < 0) return undefined
    const value = bytes.subarray(at, end)
    at = end
    return value
  })
}
