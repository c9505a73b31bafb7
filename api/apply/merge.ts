import { setKey } from '../schema/set-key.ts'
import type { ListShape, Shape } from './shape.ts'
import { childShape, formOf, isHollow, isObject, itemElement } from './typed.ts'
import type { Container, Json } from './typed.ts'

/**
 * The live object with what the configuration says put over it. Removes nothing. Where a list changes, its items
 * stand in the order of the configuration as far as that says anything. The result shares parts with both; throws `ItemError`.
 */
export function merge(shape: Shape, live: unknown, config: unknown): unknown {
  if (config === undefined) return live
  // Null says nothing about what is in an object or a list.
  if (config === null && !isHollow(live) && formOf(shape, live) !== 'leaf') return live
  if (live === undefined || formOf(shape, config) === 'leaf' || (isHollow(live) && isHollow(config))) return config
  if (formOf(shape, config) === 'list') return Array.isArray(live) ? mergeLists(shape as ListShape, live, config as unknown[]) : config
  return isObject(live) ? mergeObjects(shape as Container, live, config as Json) : config
}

function mergeObjects(shape: Container, live: Json, config: Json): Json {
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(live)) {
    const said = Object.hasOwn(config, key) ? config[key] : undefined
    setKey(out, key, said === undefined ? live[key] : merge(childShape(shape, key), live[key], said))
  }
  for (const key of Object.keys(config)) if (!Object.hasOwn(live, key)) setKey(out, key, config[key])
  return out
}

/**
 * Two orders become one: items both have stand as the configuration has them, those of the live list alone stay where they were
 * between them, new ones go where the configuration has them. Items that the live list holds twice and the configuration names are replaced by
 * the one it has.
 */
function mergeLists(shape: ListShape, live: readonly unknown[], config: readonly unknown[]): unknown[] {
  const liveKeys = live.map((item) => itemElement(shape, item))
  const configKeys = config.map((item) => itemElement(shape, item))
  const saidAt = new Map(configKeys.map((key, i) => [key, i]))
  const liveItems = new Map<string, unknown>()
  liveKeys.forEach((key, i) => liveItems.set(key, liveItems.has(key) ? undefined : live[i]))
  const element = shape.element()
  const shared = configKeys.filter((key) => liveItems.has(key))
  const done = new Set<string>()
  const out: unknown[] = []
  let nextShared = 0
  const take = (at: number): void => {
    const key = configKeys[at]!
    done.add(key)
    out.push(merge(element, liveItems.get(key), config[at]))
    if (shared[nextShared] === key) nextShared++
  }
  for (let l = 0, c = 0; l < live.length || c < config.length;) {
    const key = liveKeys[l]
    if (key !== undefined && c < config.length) {
      if (key === configKeys[c]) {
        take(c++)
        l++
        continue
      }
      if (saidAt.has(key) && shared[nextShared] !== undefined && shared[nextShared] !== key) {
        l++
        continue
      }
    }
    if (key !== undefined) {
      if (!saidAt.has(key)) {
        out.push(live[l++])
        continue
      }
      if (done.has(key)) l++
    }
    if (c < config.length) take(c++)
  }
  return out
}
