import { conditionIs } from '../../../api/crd/conditions.ts'
import { kindsOf } from '../../../api/crd/kinds-of.ts'
import { isNotFound } from '../../../api/errors.ts'
import { customResourceDefinitions as kind } from '../../../api/kinds/apiextensions-v1/custom-resource-definition.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import { systemMaster } from '../../../api/transport.ts'
import type { CustomResourceDefinition } from '../../../api/types/apiextensions-v1/custom-resource-definition.ts'
import { rfc3339 } from '../../../host/clock.ts'
import type { Tools } from '../tools.ts'
import { updateObject } from '../verbs/update-object.ts'
import { cleanUp } from './clean-up.ts'
import { conversionWebhook } from './conversion-webhook.ts'
import type { TakenNames } from './plan-names.ts'
import { isServed, planStatus } from './plan-status.ts'

/** What of a definition is served right now. */
interface Serving {
  readonly uid: string | undefined
  /** What the kinds were made from. */
  readonly made: string
  readonly kinds: readonly Kind[]
  readonly ended: AbortController
  readonly closed: boolean
}

/**
 * Keeps the kinds that are served equal to the definitions in the store. One definition at a time, by name: whoever calls
 * wakes with a key, and the world is read anew.
 */
export class Definitions {
  readonly #tools: Tools
  readonly #serving = new Map<string, Serving>()
  readonly #cleaning = new Set<string>()

  constructor(tools: Tools) {
    this.#tools = tools
  }

  /** All of them, before anybody is answered. */
  async start(): Promise<void> {
    const { kinds } = this.#tools
    const all: [string, readonly Kind[]][] = []
    for (const definition of this.#all()) {
      const serving = this.#served(definition, undefined)
      if (!serving) continue
      this.#serving.set(definition.metadata.name, serving)
      all.push([ownerOf(definition.metadata.name), serving.kinds])
    }
    kinds.setMany(all)
    for (const { metadata: { name } } of this.#all()) await this.sync(name)
  }

  async sync(name: string): Promise<void> {
    const definition = this.#get(name)
    if (!definition) return this.#withdraw(name)
    const { clock } = this.#tools
    const known = this.#serving.get(name)
    if (known && known.uid !== definition.metadata.uid) this.#withdraw(name)
    const status = definition.metadata.deletionTimestamp ? definition.status! : planStatus(definition, this.#taken(definition), rfc3339(clock.now()))
    const next = { ...definition, status }
    this.#serve(next)
    if (JSON.stringify(status) !== JSON.stringify(definition.status)) await this.#writeStatus(definition)
    if (definition.metadata.deletionTimestamp) void this.#clean(definition)
  }

  /** The other definitions of a group that wait for names to become free. */
  waitingBeside(name: string): string[] {
    const group = name.slice(name.indexOf('.') + 1)
    return this.#all().filter((other) => other.spec.group === group && other.metadata.name !== name && conditionIs(other, 'NamesAccepted', 'False')).map(({ metadata }) => metadata.name)
  }

  #all(): readonly CustomResourceDefinition[] {
    return this.#tools.resources.cache(kind).peekAll().map(({ object }) => object as CustomResourceDefinition)
  }

  #get(name: string): CustomResourceDefinition | undefined {
    const { resources } = this.#tools
    return resources.cache(kind).peek(resources.key(kind, '', name))?.object as CustomResourceDefinition | undefined
  }

  #taken({ spec, metadata }: CustomResourceDefinition): TakenNames {
    const resources = new Set<string>()
    const kinds = new Set<string>()
    for (const other of this.#all()) {
      if (other.spec.group !== spec.group || other.metadata.name === metadata.name || !other.status?.acceptedNames) continue
      const { plural, singular = '', shortNames = [], kind: of, listKind = '' } = other.status.acceptedNames
      for (const word of [plural, singular, ...shortNames]) if (word) resources.add(word)
      for (const word of [of, listKind]) if (word) kinds.add(word)
    }
    return { resources, kinds }
  }

  #serve(definition: CustomResourceDefinition): void {
    const { name } = definition.metadata
    const known = this.#serving.get(name)
    const serving = this.#served(definition, known)
    if (serving === known) return
    if (!serving) return this.#withdraw(name)
    this.#serving.set(name, serving)
    this.#tools.kinds.set(ownerOf(name), serving.kinds)
    if (known && known.ended !== serving.ended) {
      // The store's own notion of the kind changes with the storage version.
      if (known.kinds[0]) this.#tools.resources.drop(known.kinds[0], { instances: true })
      known.ended.abort()
    }
  }

  /** The same value when nothing changed; undefined when nothing is served. Watches outlive the beginning of the end. */
  #served(definition: CustomResourceDefinition, known: Serving | undefined): Serving | undefined {
    if (!isServed(definition)) return undefined
    const { spec, status, metadata } = definition
    const closed = metadata.deletionTimestamp !== undefined
    const made = JSON.stringify([spec, status?.acceptedNames])
    if (known?.made === made && known.closed === closed) return known
    const ended = known?.made === made ? known.ended : new AbortController()
    const converter = spec.conversion?.strategy === 'Webhook' ? conversionWebhook(this.#tools, definition) : undefined
    const kinds = kindsOf(definition, { ends: ended.signal, converter }).filter(({ group, version }) => !this.#tools.kinds.isBuiltin(group, version))
    return { uid: metadata.uid, made, kinds, ended, closed }
  }

  #withdraw(name: string): void {
    const known = this.#serving.get(name)
    if (!known) return
    this.#serving.delete(name)
    this.#tools.kinds.set(ownerOf(name), [])
    known.ended.abort()
    if (known.kinds[0]) this.#tools.resources.drop(known.kinds[0], { instances: false })
  }

  async #writeStatus({ metadata: { name, uid } }: CustomResourceDefinition): Promise<void> {
    const { clock } = this.#tools
    const make = (current: unknown): CustomResourceDefinition => {
      const fresh = structuredClone(current) as CustomResourceDefinition
      // Another one of the same name: it is looked at when its turn comes.
      if (fresh.metadata.uid === uid && !fresh.metadata.deletionTimestamp) fresh.status = planStatus(fresh, this.#taken(fresh), rfc3339(clock.now()))
      return fresh
    }
    try {
      await updateObject(this.#tools, { kind, namespace: '', name, subresource: 'status', user: systemMaster, dryRun: false, make })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  /** At most once at a time for each; it takes as long as the instances take to go. */
  async #clean(definition: CustomResourceDefinition): Promise<void> {
    const { name, uid = '' } = definition.metadata
    if (this.#cleaning.has(uid)) return
    this.#cleaning.add(uid)
    try {
      await cleanUp(this.#tools, definition, this.#serving.get(name)?.kinds[0])
    } catch (error) {
      if (!this.#tools.ending.aborted) this.#tools.log.error({ err: error, key: name }, 'Deleting the instances of a CustomResourceDefinition failed')
    } finally {
      this.#cleaning.delete(uid)
    }
  }
}

const ownerOf = (name: string): string => `crd/${name}`
