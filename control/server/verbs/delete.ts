import type { ApiResponse } from '../../../api/transport.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { ResourceContext } from '../context.ts'
import { warnerOf } from '../context.ts'
import { askedDeletion } from '../delete-options.ts'
import { checkPathName } from '../object-names.ts'
import { objectResponse } from '../object-response.ts'
import { valueResponse } from '../respond.ts'
import type { Tools } from '../tools.ts'
import { deleteObject } from './delete-object.ts'

/** Kinds whose deletion answers with the object; the others answer with a `Status`. */
const returned = new Set(['/pods', '/services', '/serviceaccounts', '/podtemplates', '/persistentvolumes', '/persistentvolumeclaims', '/resourcequotas'])

export async function deleteOne(tools: Tools, context: ResourceContext): Promise<ApiResponse> {
  const { kind, info, user } = context
  checkPathName(info.name)
  const asked = askedDeletion(context)
  const { object, gone } = await deleteObject(tools, { kind, namespace: info.namespace, name: info.name, options: asked.options, user, dryRun: asked.dryRun, asked: asked.object, warn: warnerOf(context) })
  const status = !gone && asked.foregroundAsked ? 202 : 200
  if (returned.has(`${kind.group}/${kind.resource}`) || (!gone && isMarked(object))) return objectResponse(tools, context, status, object)
  return valueResponse(context, status, success(kind, object))
}

/** An object that others still hold is shown as it is now. */
const isMarked = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined

const success = (kind: Kind, { metadata }: KubeObject) => ({
  kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success',
  details: { name: metadata.name, ...(kind.group && { group: kind.group }), kind: kind.resource, ...(metadata.uid && { uid: metadata.uid }) },
})
