import type { Container } from '../../api/types/core-v1/container.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { Files } from '../machine.ts'
import { ConfigError } from '../pods/env.ts'
import { expand } from '../pods/expand.ts'
import type { Mount, MountPropagation } from '../runtime/runtime.ts'
import type { Volumes } from './volumes.ts'

const propagations: Readonly<Record<string, MountPropagation>> = {
  None: 'PROPAGATION_PRIVATE', HostToContainer: 'PROPAGATION_HOST_TO_CONTAINER', Bidirectional: 'PROPAGATION_BIDIRECTIONAL',
}

/** The `volumeMounts` of a container as the runtime wants them. Makes missing subPaths. Throws `ConfigError`. */
export async function containerMounts(pod: Pod, container: Container, environment: ReadonlyMap<string, string>, volumes: Volumes, files: Files): Promise<Mount[]> {
  const mounts: Mount[] = []
  for (const mount of container.volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find(({ name }) => name === mount.name)
    if (!volume) throw new ConfigError(`cannot find volume ${JSON.stringify(mount.name)} to mount into container ${JSON.stringify(container.name)}`)
    const root = volumes.pathOf(pod, volume)
    const subPath = mount.subPathExpr ? expandStrictly(mount.subPathExpr, environment) : mount.subPath ?? ''
    mounts.push({
      containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
      hostPath: subPath ? await insideVolume(files, root, subPath, mount.name) : root,
      readonly: mount.readOnly ?? false,
      propagation: propagations[mount.mountPropagation ?? 'None'] ?? 'PROPAGATION_PRIVATE',
    })
  }
  return mounts
}

function expandStrictly(expression: string, environment: ReadonlyMap<string, string>): string {
  return expand(expression, (name) => environment.get(name) ?? failExpansion(name))
}

function failExpansion(name: string): never {
  throw new ConfigError(`failed to expand subPathExpr: missing value for ${JSON.stringify(name)}`)
}

/** The real path of a subPath. A container that can write to the volume may have put a link there that leads out of it: refused. */
async function insideVolume(files: Files, root: string, subPath: string, volume: string): Promise<string> {
  const refused = new ConfigError(`failed to prepare subPath for volumeMount ${JSON.stringify(volume)} of container`)
  if (subPath.startsWith('/') || subPath.split('/').includes('..')) throw refused
  const path = `${root}/${subPath}`
  if (!await files.stat(path)) await makeInside(files, root, subPath, refused)
  const [real, realRoot] = [await files.realpath(path), await files.realpath(root)]
  if (real !== realRoot && !real.startsWith(`${realRoot}/`)) throw refused
  return real
}

/** Makes a directory step by step, open to whom the volume is open, never through a link that leaves it. */
async function makeInside(files: Files, root: string, subPath: string, refused: Error): Promise<void> {
  const realRoot = await files.realpath(root)
  const mode = (await files.stat(root))?.mode ?? 0o750
  let path = root
  for (const part of subPath.split('/').filter(Boolean)) {
    path = `${path}/${part}`
    const isNew = !await files.stat(path)
    if (isNew) await files.mkdir(path, 0o750)
    const real = await files.realpath(path)
    if (!real.startsWith(`${realRoot}/`)) throw refused
    // Beside the mask of our own process.
    if (isNew) await files.chmod(path, mode)
  }
}
