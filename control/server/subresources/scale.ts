import { invalid, methodNotAllowed, notFound } from '../../../api/errors.ts'
import type { Kind, ScaleAccess } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import { Scale } from '../../../api/types/autoscaling-v1.ts'
import type { ResourceContext } from '../context.ts'
import { checkNames, checkPathName } from '../object-names.ts'
import { faceOf, objectResponse } from '../object-response.ts'
import { writeOptions } from '../options.ts'
import { patcherFor } from '../patcher.ts'
import { readObject } from '../read-body.ts'
import type { Expected } from '../read-body.ts'
import type { Tools } from '../tools.ts'
import { updateObject } from '../verbs/update-object.ts'

const expected: Expected = { apiVersion: 'autoscaling/v1', kind: 'Scale', schema: Scale }

/** `…/scale`: the object's number of replicas under one common form. */
export async function scale(tools: Tools, context: ResourceContext): Promise<ApiResponse> {
  const { kind, info, request, user } = context
  checkPathName(info.name)
  const access = kind.subresources![info.subresource]!.scale!
  if (info.verb === 'get') {
    const entry = await tools.resources.cache(kind).get(tools.resources.key(kind, info.namespace, info.name))
    if (!entry) throw notFound(kind, info.name)
    return objectResponse(tools, context, 200, viewOf(access, faceOf(kind, entry.object)))
  }
  const next = info.verb === 'update' ? replacing(context) : info.verb === 'patch' ? patching(context) : undefined
  if (!next) throw methodNotAllowed(kind, info.verb)
  const { dryRun } = writeOptions(request.query, info.verb === 'update' ? 'UpdateOptions' : 'PatchOptions')
  const make = (current: KubeObject | undefined): KubeObject => {
    if (!current) throw notFound(kind, info.name)
    return withScale(kind, access, current, next(viewOf(access, current)))
  }
  const { entry } = await updateObject(tools, { kind, namespace: info.namespace, name: info.name, subresource: '', user, dryRun, make })
  return objectResponse(tools, context, 200, viewOf(access, faceOf(kind, entry.object)))
}

function viewOf(access: ScaleAccess, object: KubeObject): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const selector = access.selector(object)
  return {
    kind: 'Scale', apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace && { namespace }), uid, resourceVersion, creationTimestamp },
    spec: { replicas: access.getReplicas(object) },
    status: { replicas: access.statusReplicas(object), ...(selector && { selector }) },
  }
}

function replacing(context: ResourceContext): (current: Scale) => Scale {
  const { fieldValidation } = writeOptions(context.request.query, 'UpdateOptions')
  const asked: Scale = readObject(context, expected, fieldValidation)
  checkNames(context.kind, asked, context.info.namespace, context.info.name)
  return () => asked
}

function patching(context: ResourceContext): (current: Scale) => Scale {
  const apply = patcherFor(context, expected)
  return (current) => apply(current as unknown as KubeObject) as Scale
}

function withScale(kind: Kind, access: ScaleAccess, current: KubeObject, asked: Scale): KubeObject {
  const replicas = asked.spec?.replicas ?? 0
  if (replicas < 0) throw invalid({ group: 'autoscaling', kind: 'Scale' }, current.metadata.name, [{ type: 'Invalid', field: 'spec.replicas', value: replicas, detail: 'must be greater than or equal to 0' }])
  const object = structuredClone(current)
  object.metadata.resourceVersion = asked.metadata.resourceVersion
  if (asked.metadata.uid && asked.metadata.uid !== current.metadata.uid) object.metadata.uid = asked.metadata.uid
  access.setReplicas(object, replicas)
  object.kind = kind.kind
  return object
}
