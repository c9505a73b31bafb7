import type { Secret } from '../../api/types/core-v1/config.ts'
import type { AuthConfig } from '../runtime/runtime.ts'

interface DockerAuth { username?: string; password?: string; auth?: string; identitytoken?: string; registrytoken?: string }

/** The credentials in `imagePullSecrets` that fit a full image name, in order. Unreadable secrets are passed over. */
export function authsFor(image: string, secrets: readonly Secret[]): AuthConfig[] {
  return secrets.flatMap((secret) => Object.entries(entriesOf(secret)).filter(([registry]) => fits(registry, image)).map(([registry, auth]) => authOf(registry, auth)))
}

function entriesOf({ data = {} }: Secret): Record<string, DockerAuth> {
  try {
    if (data['.dockerconfigjson']) return (parse(data['.dockerconfigjson']) as { auths?: Record<string, DockerAuth> }).auths ?? {}
    if (data['.dockercfg']) return parse(data['.dockercfg']) as Record<string, DockerAuth>
  } catch { /* no JSON: as good as absent */ }
  return {}
}

const parse = (base64: string): unknown => JSON.parse(Buffer.from(base64, 'base64').toString('utf8'))

/** `https://index.docker.io/v1/` stands for Docker Hub; otherwise the registry (and path) is a prefix of the image's name. */
function fits(registry: string, image: string): boolean {
  const bare = registry.replace(/^https?:\/\//, '').replace(/\/(v1|v2)?\/?$/, '')
  const prefix = bare === 'index.docker.io' ? 'docker.io' : bare
  return image === prefix || image.startsWith(`${prefix}/`)
}

function authOf(serverAddress: string, { username, password, auth, identitytoken, registrytoken }: DockerAuth): AuthConfig {
  const [user, ...rest] = auth ? Buffer.from(auth, 'base64').toString('utf8').split(':') : []
  return {
    serverAddress,
    username: username ?? user ?? '',
    password: password ?? rest.join(':'),
    identityToken: identitytoken ?? '',
    registryToken: registrytoken ?? '',
  }
}
