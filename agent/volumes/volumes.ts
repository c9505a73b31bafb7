import { quantityValue } from '../../api/schema/quantity.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { Volume } from '../../api/types/core-v1/volume.ts'
import type { Machine } from '../machine.ts'
import { writePayload } from './atomic-writer.ts'
import type { Owner, Payload } from './atomic-writer.ts'
import { prepareHostPath } from './host-path.ts'
import { configMapPayload, downwardPayload, projectedPayload, secretPayload, tokenOwner, VolumeError } from './payload.ts'
import type { PayloadSources } from './payload.ts'
import { ownTree } from './ownership.ts'

/** The volumes of this node's pods, on its disk. */
export interface Volumes {
  /** Sets up every volume of the pod and brings the contents of those made from API objects up to date. Idempotent; rejects with the first `MountError`. */
  mount(pod: Pod, sources: PayloadSources): Promise<void>
  /** Takes away everything of the pod from the disk. */
  remove(uid: string): Promise<void>
  /** Where the volume stands; for hostPath the path itself. */
  pathOf(pod: Pod, volume: Volume): string
  /** Pods of which something is on the disk. */
  uids(): Promise<string[]>
}

/** `message` is the whole sentence of the Event `FailedMount`. */
export class MountError extends Error {
  override readonly name = 'MountError'
  constructor(volume: string, cause: unknown) {
    super(`MountVolume.SetUp failed for volume ${JSON.stringify(volume)} : ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** The directory names the original uses, so that either agent finds the other's volumes. */
const plugins: Readonly<Record<string, string>> = {
  emptyDir: 'empty-dir', configMap: 'configmap', secret: 'secret', downwardAPI: 'downward-api', projected: 'projected', hostPath: 'host-path',
}

export const volumeSource = (volume: Volume): string => Object.keys(volume).find((key) => key !== 'name' && volume[key as keyof Volume] !== undefined) ?? 'emptyDir'

export function createVolumes({ files, mounts }: Pick<Machine, 'files' | 'mounts'>, rootDir: string): Volumes {
  const podDir = (uid: string): string => `${rootDir}/pods/${uid}`
  const pathOf = (pod: Pod, volume: Volume): string =>
    volume.hostPath?.path ?? `${podDir(pod.metadata.uid!)}/volumes/kubernetes.io~${plugins[volumeSource(volume)]}/${volume.name}`

  async function setUp(pod: Pod, volume: Volume, sources: PayloadSources): Promise<void> {
    const source = volumeSource(volume)
    if (!plugins[source]) throw new VolumeError(`volume type ${source} is not supported by this node`)
    if (volume.hostPath) return prepareHostPath(files, volume.hostPath.path, volume.hostPath.type ?? '')
    const path = pathOf(pod, volume)
    if (volume.emptyDir || source === 'emptyDir') return emptyDir(pod, volume, path)
    const payload = await payloadOf(pod, volume, sources)
    await files.mkdir(path, 0o777)
    if (source !== 'configMap') await mounts.tmpfs(path, { mode: 0o777 })
    const group = pod.spec.securityContext?.fsGroup
    await writePayload(files, path, group === undefined ? payload : groupReadable(payload), ownerOf(pod, volume))
  }

  async function emptyDir(pod: Pod, volume: Volume, path: string): Promise<void> {
    const { medium = '', sizeLimit } = volume.emptyDir ?? {}
    if (medium !== '' && medium !== 'Memory') throw new VolumeError(`emptyDir medium ${medium} is not supported by this node`)
    const isNew = !await files.stat(path)
    if (isNew) {
      await files.mkdir(path, 0o777)
      await files.chmod(path, 0o777)
    }
    if (medium === 'Memory') await mounts.tmpfs(path, { mode: 0o777, ...(sizeLimit && { sizeBytes: quantityValue(sizeLimit) }) })
    const group = pod.spec.securityContext?.fsGroup
    // Later it is the pod's own business who owns what in it.
    if (isNew && group !== undefined) await ownTree(files, path, group)
  }

  return {
    pathOf,
    async mount(pod, sources) {
      await Promise.all((pod.spec.volumes ?? []).map(async (volume) => {
        try {
          await setUp(pod, volume, sources)
        } catch (error) {
          throw new MountError(volume.name, error)
        }
      }))
    },
    async remove(uid) {
      await mounts.unmountBelow(podDir(uid))
      await files.remove(podDir(uid))
    },
    uids: () => files.list(`${rootDir}/pods`),
  }
}

function payloadOf(pod: Pod, volume: Volume, sources: PayloadSources): Promise<Payload> {
  const { configMap, secret, downwardAPI, projected } = volume
  if (configMap) return configMapPayload(configMap, configMap.defaultMode, sources)
  if (secret) return secretPayload({ ...secret, name: secret.secretName }, secret.defaultMode, sources)
  if (downwardAPI) return downwardPayload(pod, downwardAPI.items ?? [], downwardAPI.defaultMode, sources)
  return projectedPayload(pod, projected?.sources ?? [], projected?.defaultMode, sources)
}

/** With an fsGroup its members may read: that is what the group is for. */
const groupReadable = (payload: Payload): Payload =>
  new Map([...payload].map(([path, file]) => [path, { ...file, mode: file.mode | 0o440 }]))

function ownerOf(pod: Pod, volume: Volume): Owner | undefined {
  const gid = pod.spec.securityContext?.fsGroup
  const hasToken = volume.projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken)
  const uid = hasToken ? tokenOwner(pod) : undefined
  return gid === undefined && uid === undefined ? undefined : { uid: uid ?? -1, gid: gid ?? -1 }
}
