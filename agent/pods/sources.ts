import type { Client } from '../../api/client/client.ts'
import type { Deps } from '../../api/client/deps.ts'
import type { Informer } from '../../api/client/informer.ts'
import { startInformer } from '../../api/client/start-informer.ts'
import { isNotFound } from '../../api/errors.ts'
import { configMaps } from '../../api/kinds/core-v1/config-map.ts'
import { secrets } from '../../api/kinds/core-v1/secret.ts'
import type { Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Secret } from '../../api/types/core-v1/config.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { Service } from '../../api/types/core-v1/service.ts'
import type { PayloadSources } from '../volumes/payload.ts'
import type { Tokens } from '../volumes/tokens.ts'
import type { EnvSources } from './env.ts'
import { references } from './references.ts'
import type { Reference } from './references.ts'
import { serviceEnvironment } from './service-env.ts'

/** The API objects pods are made from. Only those that pods of this node name are asked for, one by one: a node may see no others. */
export interface PodSources {
  payload(pod: Pod): PayloadSources
  environment(pod: Pod, podIPs: readonly string[]): Promise<{ readonly env: EnvSources; readonly pullSecrets: readonly Secret[] }>
  hostIPs(): Promise<readonly string[]>
  /** Watches what the pod refers to and calls `changed(uid)`; ends the watches of what it no longer refers to. */
  follow(pod: Pod): void
  forget(uid: string): void
  stop(): void
}

export interface SourcesOptions extends Deps {
  readonly client: Client
  readonly services: Informer<Service>
  readonly tokens: Tokens
  readonly hostIPs: readonly string[]
  readonly allocatable: () => Promise<Readonly<Record<string, string>>>
  readonly changed: (uid: string) => void
}

interface Followed { readonly informer: Informer; readonly users: Set<string> }

export function createPodSources(options: SourcesOptions): PodSources {
  const { client, changed } = options
  const followed = new Map<string, Followed>()
  const idOf = (reference: Reference): string => `${reference.kind}/${reference.namespace}/${reference.name}`
  const kinds = { configMap: configMaps, secret: secrets } as const

  /** From the watch when it has caught up, otherwise asked for: the answer must not be older than the pod. */
  async function find<T extends KubeObject>(kind: Kind<T>, reference: Reference): Promise<T | undefined> {
    const watched = followed.get(idOf(reference))?.informer
    const cached = watched?.hasSynced ? watched.get({ namespace: reference.namespace, name: reference.name }) : undefined
    if (cached) return cached as T
    try {
      return await client.get(kind, { namespace: reference.namespace, name: reference.name })
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  function watch(reference: Reference): Followed {
    const users = new Set<string>()
    const scope = { namespace: reference.namespace, fieldSelector: `metadata.name=${reference.name}` }
    const informer = startInformer(client, kinds[reference.kind] as Kind<KubeObject>, scope, options)
    const tell = (): void => { if (informer.hasSynced) for (const uid of users) changed(uid) }
    informer.on({ add: tell, update: tell, delete: tell })
    return { informer, users }
  }

  function release(uid: string, keep: ReadonlySet<string>): void {
    for (const [id, { informer, users }] of followed) {
      if (keep.has(id) || !users.delete(uid) || users.size > 0) continue
      followed.delete(id)
      void informer.stop()
    }
  }

  const facts = async (podIPs: readonly string[]) => ({ podIPs, hostIPs: options.hostIPs, allocatable: await options.allocatable() })

  return {
    hostIPs: async () => options.hostIPs,
    payload: (pod) => {
      const namespace = pod.metadata.namespace!
      return {
        configMap: (name) => find(configMaps, { kind: 'configMap', namespace, name }),
        secret: (name) => find(secrets, { kind: 'secret', namespace, name }),
        token: (source) => options.tokens.get(pod, source),
        facts: () => facts(pod.status?.podIPs?.map(({ ip }) => ip) ?? []),
      }
    },
    async environment(pod, podIPs) {
      const namespace = pod.metadata.namespace!
      const found = new Map<string, KubeObject | undefined>()
      await Promise.all(references(pod).map(async (reference) => { found.set(idOf(reference), await find(kinds[reference.kind] as Kind<KubeObject>, reference)) }))
      const look = (kind: Reference['kind'], name: string): any => found.get(idOf({ kind, namespace, name }))
      await options.services.synced
      const env: EnvSources = {
        configMap: (name) => look('configMap', name),
        secret: (name) => look('secret', name),
        services: serviceEnvironment(options.services.list(), namespace, pod.spec.enableServiceLinks ?? true),
        facts: await facts(podIPs),
      }
      return { env, pullSecrets: (pod.spec.imagePullSecrets ?? []).flatMap(({ name }) => look('secret', name ?? '') ?? []) }
    },
    follow(pod) {
      const uid = pod.metadata.uid!
      const wanted = references(pod)
      for (const reference of wanted) {
        const id = idOf(reference)
        const entry = followed.get(id) ?? watch(reference)
        followed.set(id, entry)
        entry.users.add(uid)
      }
      release(uid, new Set(wanted.map(idOf)))
    },
    forget(uid) { release(uid, new Set()) },
    stop() {
      for (const { informer } of followed.values()) void informer.stop()
      followed.clear()
    },
  }
}
