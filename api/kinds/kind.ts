import type { FieldError } from '../errors.ts'
import type { KubeObject } from '../object.ts'
import type { Decoded, FieldValidation } from '../schema/decode.ts'
import type { StructSchema } from '../schema/schema.ts'
import type { UserInfo } from '../transport.ts'
import type { Scale } from '../types/autoscaling-v1.ts'

/**
 * A kind of the API, declared as one value. Routing, discovery, OpenAPI, tables, defaulting, validation and the typed
 * client all derive from it; a CustomResourceDefinition becomes such a value at run time.
 *
 * All functions are pure: no clock, no random number, no look at the store. What needs those (uids, timestamps,
 * cluster IPs, node ports) is done by the server's verbs and admission.
 */
export interface Kind<T extends KubeObject = any> {
  /** `''` for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  /** The plural, lower-case: `pods`. */
  readonly resource: string
  readonly singular: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly namespaced: boolean
  readonly verbs: readonly Verb[]
  readonly schema: StructSchema
  /** One sentence of our own, for `kubectl explain`. */
  readonly doc: string
  /** The key segment under `/registry/` where the original stores it: `pods`, `minions`, `services/specs`. */
  readonly storage: string
  /**
   * This is a further group or version of another kind's storage (`events.k8s.io/v1 Event` of `core/v1 Event`). The
   * server stores, watches and lists in the form of `storedAs.kind` (same `storage`) and converts at the door; both
   * functions leave their argument as it is. Defaulting and validation are those of the kind that was asked for.
   */
  readonly storedAs?: StoredAs
  /** Kept out of the history and flushed lazily (Lease, Event). */
  readonly ephemeral?: boolean
  readonly subresources?: Readonly<Record<string, Subresource>>

  /**
   * How a JSON value becomes an object, for kinds whose declaration came at run time (a CustomResourceDefinition's structural
   * schema prunes, defaults and judges in its own way). `noticed` is what a
   * reader of another form than JSON has noticed already. Absent: `decode(schema, …)`.
   */
  decode?(value: unknown, mode: FieldValidation, text?: string, noticed?: readonly string[]): Decoded<T>
  /** The JSON schema that is published in OpenAPI v2 and v3 instead of the one that follows from `schema`. */
  readonly openApi?: { readonly v2: object; readonly v3: object }
  /** No protobuf form (custom resources): answers are JSON, whatever is preferred. */
  readonly jsonOnly?: boolean
  /** Aborts when this declaration is withdrawn or another takes its place: its watches end. */
  readonly ends?: AbortSignal
  /** No new objects, while the definition goes; those there are can still be changed and deleted. */
  readonly closed?: boolean
  /** The kind of its lists, when it is not the kind with `List` behind it. */
  readonly listKind?: string

  /** Fills defaults in place, on a private copy, before admission. Idempotent. */
  default?(object: T): void
  /**
   * Brings a new object into the form in which the user may have it (resets `status`, sets `generation: 1`, …), in place.
   * Runs after defaulting, before validation. `by`: who writes, and when.
   */
  prepareForCreate?(object: T, by?: Author): void
  /** The same for an update of the main resource: restores `status` from `old`, raises `generation` when the spec changed. */
  prepareForUpdate?(object: T, old: T, by?: Author): void
  /** Every failed check of a new object, metadata excluded (the server checks that for all kinds). */
  validate(object: T): FieldError[]
  /** Every failed check of a change (immutable fields and `validate`). */
  validateUpdate?(object: T, old: T): FieldError[]
  /** What the user is told about an object that is good and yet hardly meant; without `old` it is new. */
  warnings?(object: T, old?: T): string[]
  /** Told with every answer: `v1 Endpoints is deprecated in v1.33+; …`. */
  readonly deprecated?: string

  /**
   * The columns `kubectl get` prints after `Name`, with `Age` in its place (before the wide ones). A kind with a column
   * of format `name` of its own (Event) gets no leading `Name`. Absent: `Name` and `Created At`.
   */
  readonly columns?: readonly Column<T>[]
  /** No column tells the age of the objects. */
  readonly ageless?: true
  /** Field selectors beside `metadata.name` and `metadata.namespace`: `spec.nodeName`, `status.phase`. */
  readonly fieldLabels?: Readonly<Record<string, (object: T) => string>>
  /** What a first deletion changes of the object beside its `deletionTimestamp` (a finalizer that holds it, a condition); returns a copy. `now` as RFC 3339. */
  markForDeletion?(object: T, now: string): T
  /** For `deletionGracePeriodSeconds`: how long a delete waits for a node's agent (pods); absent: deleted at once. */
  gracePeriod?(object: T, asked: number | undefined): number
  /** Names are checked as: subdomain (the default), label, or a rule of the kind's own that returns what is wrong. */
  readonly nameRule?: 'subdomain' | 'label' | 'label1035' | ((name: string) => string[])
  /** `AllowUnconditionalUpdate`: a PUT without resourceVersion overwrites. Default true. */
  readonly unconditionalUpdate?: boolean
  /** `AllowCreateOnUpdate`: a PUT of an absent object creates it. Default false. */
  readonly createOnUpdate?: boolean
}

export interface StoredAs {
  readonly kind: Kind
  toStored(object: any): KubeObject
  /** Takes the place of `toStored` where somebody else has to be asked (the conversion webhook of a CustomResourceDefinition). */
  toStoredLater?(object: any): Promise<KubeObject>
  fromStored(object: any): KubeObject
  /**
   * Asks whoever must be asked before `fromStored` can answer for these (frozen) objects; nothing to wait for when it can already.
   * Rejects with the `ApiError` of a failed conversion.
   */
  ready?(objects: readonly KubeObject[]): Promise<void> | undefined
}

/** Who writes, and when (RFC 3339), for kinds that keep it. */
export interface Author { readonly user: UserInfo; readonly now: string }

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch'

/**
 * `status`: the same object, only `status` (and what `prepare` lets through) changes.
 * `scale`: an `autoscaling/v1 Scale` view. `custom`: a hand-written handler of the server, found by `resource/name`.
 */
export interface Subresource {
  readonly type: 'status' | 'scale' | 'custom'
  readonly verbs: readonly Verb[]
  /** What discovery says when it is not the parent's: `Scale` of `autoscaling/v1`, `Binding` of `v1`, … */
  readonly kind?: string
  readonly group?: string
  readonly version?: string
  /** Paths for `scale`, as in a CRD: `.spec.replicas`, `.status.replicas`, and how the label selector is printed. */
  readonly scale?: ScaleAccess
  prepareForUpdate?(object: any, old: any, by?: Author): void
  validateUpdate?(object: any, old: any): FieldError[]
}

export interface ScaleAccess<T = any> {
  getReplicas(object: T): number
  setReplicas(object: T, replicas: number): void
  /** Where the replicas stand, for their ownership; absent: `.spec.replicas`. */
  readonly replicasPath?: string
  statusReplicas(object: T): number
  /** In `metav1.FormatLabelSelector` form: `app=web,tier in (a,b)`. */
  selector(object: T): string
  /** The `Scale` of an older version: its type, and the way there (from `autoscaling/v1`) and back. */
  readonly face?: { readonly apiVersion: string; readonly schema: StructSchema; show(scale: Scale): object; take(asked: object): Scale }
}

/** A column of the server-side table (`meta.k8s.io/v1 Table`). */
export interface Column<T extends KubeObject = KubeObject> {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format?: string
  readonly description?: string
  /** 0: always shown; 1: with `-o wide`. */
  readonly priority?: number
  /** The cell; `now` (milliseconds) is for ages. Null where there is nothing to show. */
  value(object: T, now: number): string | number | boolean | null
}

/** `v1` or `apps/v1`. */
export const apiVersionOf = (kind: Pick<Kind, 'group' | 'version'>): string => (kind.group ? `${kind.group}/${kind.version}` : kind.version)
