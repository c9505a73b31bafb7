import { persistentVolumeClaims } from '../../../api/kinds/core-v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../../api/kinds/core-v1/persistent-volume.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import { csiDrivers } from '../../../api/kinds/storage-v1/csi-driver.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { UserInfo } from '../../../api/transport.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Volume } from '../../../api/types/core-v1/volume.ts'
import type { Tools } from '../tools.ts'

/** Whose token, for which pod, is asked for by whom. */
interface Wanted { readonly pod: Pod; readonly account: string; readonly user: UserInfo }

/**
 * Why a node may not have a token for these audiences, undefined when it may: they must be what a volume of the pod asks for, by itself or by
 * its CSI driver, or what the node was given by the verb `request-serviceaccounts-token-audience`. A node in wrong hands could otherwise pass
 * for its pods with whom they have nothing to do.
 */
export async function wrongAudience(tools: Tools, audiences: readonly string[], { pod, account, user }: Wanted): Promise<string | undefined> {
  const [audience = '', ...more] = audiences
  if (more.length > 0) return 'node may only request 0 or 1 audiences'
  for (const volume of pod.spec.volumes ?? []) if (await asksFor(tools, pod, volume, audience)) return undefined
  const namespace = pod.metadata.namespace!
  const question = { user, isResource: true, path: '', verb: 'request-serviceaccounts-token-audience', group: '', version: 'v1', namespace, resource: audience, name: account, subresource: '' }
  const { verdict } = await tools.authorizer.authorize(question)
  return verdict === 'allow' ? undefined : `audience ${JSON.stringify(audience)} not found in pod spec volume, ${user.name} is not authorized to request tokens for this audience`
}

async function asksFor(tools: Tools, pod: Pod, volume: Volume, audience: string): Promise<boolean> {
  if (volume.projected?.sources?.some(({ serviceAccountToken: token }) => token && (token.audience ?? '') === audience)) return true
  const name = volume.csi?.driver ?? await driverOfClaim(tools, pod, volume)
  const driver = name ? await find(tools, csiDrivers, '', name) : undefined
  return driver?.spec.tokenRequests?.some((request) => request.audience === audience) ?? false
}

async function driverOfClaim(tools: Tools, { metadata }: Pod, { name, persistentVolumeClaim, ephemeral }: Volume): Promise<string | undefined> {
  const claimName = persistentVolumeClaim?.claimName ?? (ephemeral && `${metadata.name}-${name}`)
  const claim = claimName ? await find(tools, persistentVolumeClaims, metadata.namespace!, claimName) : undefined
  const volume = claim?.spec.volumeName ? await find(tools, persistentVolumes, '', claim.spec.volumeName) : undefined
  return volume?.spec.csi?.driver
}

const find = async <T extends KubeObject>({ resources }: Tools, kind: Kind<T>, namespace: string, name: string): Promise<T | undefined> =>
  (await resources.cache(kind).get(resources.key(kind, namespace, name)))?.object as T | undefined
