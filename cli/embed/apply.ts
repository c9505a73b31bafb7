import { loadAll } from 'js-yaml'
import type { Client } from '../../api/client/client.ts'
import { isAlreadyExists } from '../../api/errors.ts'
import { findKind } from '../../api/kinds/registry.ts'
import type { Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/object.ts'

/**
 * Creates what a YAML text of one or more documents describes, in its order; objects that are there already are merged with it.
 * Resolves to the objects as the server has them. What has no namespace goes to `default`.
 */
export async function applyManifest(client: Client, manifest: string): Promise<KubeObject[]> {
  const applied: KubeObject[] = []
  for (const document of loadAll(manifest)) {
    if (document === null || document === undefined) continue
    const { kind, object } = read(document)
    applied.push(await applyOne(client, kind, object))
  }
  return applied
}

async function applyOne(client: Client, kind: Kind<KubeObject>, object: KubeObject): Promise<KubeObject> {
  try {
    return await client.create(kind, object)
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    const { namespace, name } = object.metadata
    return client.patch(kind, { namespace, name: name! }, { type: 'strategic', patch: object })
  }
}

function read(document: unknown): { kind: Kind<KubeObject>; object: KubeObject } {
  const { apiVersion, kind: name, metadata } = document as Partial<KubeObject>
  const [version = '', group = ''] = (apiVersion ?? '').split('/').reverse()
  const kind: Kind<KubeObject> | undefined = findKind(group, version, name ?? '')
  if (!kind) throw new Error(`Cannot apply the manifest: no matches for kind ${JSON.stringify(name)} in version ${JSON.stringify(apiVersion)}`)
  const namespaced = kind.namespaced ? { ...metadata, namespace: metadata?.namespace ?? 'default' } : metadata
  return { kind, object: { ...document as KubeObject, metadata: namespaced as KubeObject['metadata'] } }
}
