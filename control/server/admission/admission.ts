import type { Kind } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { UserInfo } from '../../../api/transport.ts'
import type { Warner } from '../context.ts'
import type { Tools } from '../tools.ts'
import { beginSecondRound } from './matching/reinvocation.ts'

/** A write on its way into the store, as admission sees it; or (`connect`) a stream that is to be opened to a pod, service or node. */
export interface AdmissionRequest {
  readonly operation: 'create' | 'update' | 'delete' | 'connect'
  /** The kind of the resource asked for; with `subresource` what `object` is may be another (`Scale`, `Binding`, `Eviction`, `TokenRequest`, `PodExecOptions`). */
  readonly kind: Kind
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  /** The new object, defaulted, not yet validated; may be changed by `admit`. Absent for deletions. */
  readonly object: any
  /** The object there is, frozen. Absent for creations and (before it was read) deletions. */
  readonly old: KubeObject | undefined
  readonly user: UserInfo
  readonly dryRun: boolean
  /** The `CreateOptions`, `UpdateOptions`, `PatchOptions` or `DeleteOptions` of the request, with `apiVersion` and `kind`; what webhooks are told. */
  readonly options?: Readonly<Record<string, unknown>> | undefined
  /** Tells the user a sentence (`Warning: 299`). */
  readonly warn?: Warner | undefined
}

/** Throws `ApiError` to refuse. */
export interface AdmissionPlugin {
  readonly name: string
  /** Runs only where it is asked for (`enableAdmissionPlugins`). */
  readonly optIn?: true
  /** Brings into memory what the plugin looks at, so that it has nothing to wait for later. */
  load?(tools: Tools): Promise<void>
  /** Changes the object. All of them run before any `validate`. */
  admit?(request: AdmissionRequest, tools: Tools): void | Promise<void>
  /** Looks at the object as it will be stored. */
  validate?(request: AdmissionRequest, tools: Tools): void | Promise<void>
}

/* Most plugins have nothing to wait for: only what is a promise is awaited. */

export async function admit(tools: Tools, request: AdmissionRequest): Promise<void> {
  await admitOnce(tools, request)
  // Webhooks and policies may ask to see again what others changed after them (`reinvocationPolicy`).
  if (beginSecondRound(request)) await admitOnce(tools, request)
}

async function admitOnce(tools: Tools, request: AdmissionRequest): Promise<void> {
  for (const plugin of tools.admission) {
    const waiting = plugin.admit?.(request, tools)
    if (waiting) await waiting
  }
}

export async function validateAdmission(tools: Tools, request: AdmissionRequest): Promise<void> {
  for (const plugin of tools.admission) {
    const waiting = plugin.validate?.(request, tools)
    if (waiting) await waiting
  }
}
