import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { load } from 'js-yaml'
import type { HttpsOptions } from './https.ts'

/** What `httpsTransport` needs, as a kubeconfig file tells it; all but the clock. */
export type KubeconfigOptions = Omit<HttpsOptions, 'clock'> & {
  /** The namespace of the context; `default` when it has none. */
  readonly namespace: string
}

interface Named<K extends string, V> { readonly name: string; readonly entry?: V; readonly [key: string]: unknown | K }
interface Cluster { server?: string; 'certificate-authority'?: string; 'certificate-authority-data'?: string; 'insecure-skip-tls-verify'?: boolean; 'tls-server-name'?: string }
interface User { 'client-certificate'?: string; 'client-certificate-data'?: string; 'client-key'?: string; 'client-key-data'?: string; token?: string; tokenFile?: string; exec?: unknown; 'auth-provider'?: unknown; username?: string }
interface Context { cluster: string; user: string; namespace?: string }

/** Reads the current (or the named) context of a kubeconfig file, with the files it points to. */
export async function loadKubeconfig(path: string, contextName?: string): Promise<KubeconfigOptions> {
  const config = load(await readFile(path, 'utf8')) as Record<string, unknown> | undefined
  if (typeof config !== 'object' || config === null) throw new Error(`Cannot read kubeconfig ${path}: it is not a YAML object`)
  const name = contextName ?? config['current-context']
  const context = pick<Context>(config, path, 'contexts', 'context', name)
  const cluster = pick<Cluster>(config, path, 'clusters', 'cluster', context.cluster)
  const user = context.user ? pick<User>(config, path, 'users', 'user', context.user) : {}
  if (!cluster.server) throw new Error(`Cannot use kubeconfig ${path}: cluster ${context.cluster} has no server`)
  for (const way of ['exec', 'auth-provider', 'username'] as const) {
    if (user[way]) throw new Error(`Cannot use kubeconfig ${path}: user ${context.user} authenticates by ${way}, which is not supported`)
  }

  const file = (name: string) => readFile(resolve(dirname(path), name))
  const material = async (data: string | undefined, name: string | undefined) => data ? Buffer.from(data, 'base64') : name ? await file(name) : undefined
  return {
    server: cluster.server,
    namespace: context.namespace || 'default',
    ca: await material(cluster['certificate-authority-data'], cluster['certificate-authority']),
    cert: await material(user['client-certificate-data'], user['client-certificate']),
    key: await material(user['client-key-data'], user['client-key']),
    // A token file is rotated under us (bound service account tokens): it is read anew each time.
    token: user.tokenFile ? async () => (await file(user.tokenFile!)).toString().trim() : user.token,
    insecure: cluster['insecure-skip-tls-verify'] ?? false,
    serverName: cluster['tls-server-name'],
  }
}

function pick<V>(config: Record<string, unknown>, path: string, list: string, field: string, name: unknown): V {
  const entries = Array.isArray(config[list]) ? config[list] as Named<string, V>[] : []
  const found = entries.find((entry) => entry?.name === name)?.[field]
  if (typeof found !== 'object' || found === null) throw new Error(`Cannot use kubeconfig ${path}: there is no ${field} named ${JSON.stringify(name)}`)
  return found as V
}
