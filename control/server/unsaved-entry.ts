import { deepFreeze } from '../store/wire.ts'
import type { KubeObject } from '../../api/object.ts'
import type { CacheEntry } from '../store/cache.ts'

/** What a write would have stored, for dry runs and for objects that vanish with the write. */
export const unsavedEntry = (object: KubeObject): Pick<CacheEntry, 'object' | 'bytes'> => {
  const frozen = deepFreeze(object)
  return { object: frozen, get bytes() { return Buffer.from(JSON.stringify(frozen)) } }
}
