import { StoreError, type StoredRecord } from './log.ts'

/** The sentences with which every engine refuses. */
export const existsError = (key: string, current: StoredRecord): StoreError =>
  new StoreError('exists', `Cannot create ${key}: it exists since revision ${current.created}`, current)
export const missingError = (key: string): StoreError => new StoreError('missing', `Cannot change ${key}: it does not exist`)
export const conflictError = (key: string, expected: number, current: StoredRecord): StoreError =>
  new StoreError('conflict', `Cannot change ${key}: expected revision ${expected}, found ${current.revision}`, current)
export const compactedError = (revision: number, compacted: number): StoreError =>
  new StoreError('compacted', `Revision ${revision} is compacted: history begins at ${compacted}`)
export const futureError = (revision: number, current: number): StoreError =>
  new StoreError('future', `Revision ${revision} is not yet: the newest is ${current}`)
