import { invalid, methodNotAllowed, notFound } from '../../../api/errors.ts'
import { managedByUpdate } from '../../../api/apply/managed-fields.ts'
import { ownersFromScale, ownersOfScale } from '../../../api/apply/scale-owners.ts'
import type { ReplicasPath } from '../../../api/apply/scale-owners.ts'
import { shapeOf } from '../../../api/apply/shape.ts'
import type { Ownership } from '../../../api/apply/versions.ts'
import { apiVersionOf } from '../../../api/kinds/kind.ts'
import type { Kind, ScaleAccess } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import { Scale } from '../../../api/types/autoscaling-v1.ts'
import { rfc3339 } from '../../../host/clock.ts'
import { applierFor } from '../applier.ts'
import type { ResourceContext } from '../context.ts'
import { warnerOf } from '../context.ts'
import { checkNames, checkPathName } from '../object-names.ts'
import { facesReady, faceOf, objectResponse } from '../object-response.ts'
import { optionsObject, writeOptions } from '../options.ts'
import { kindAt, managerOf, setManagedFields } from '../ownership.ts'
import { isApply, patcherFor } from '../patcher.ts'
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
    await facesReady(kind, [entry.object])
    return objectResponse(tools, context, 200, shown(access, viewOf(access, faceOf(kind, entry.object), replicasPath(tools, kind, access))))
  }
  const next = info.verb === 'update' ? replacing(context, access) : info.verb === 'patch' ? patching(tools, context, access) : undefined
  if (!next) throw methodNotAllowed(kind, info.verb)
  const { dryRun } = writeOptions(request.query, info.verb === 'update' ? 'UpdateOptions' : 'PatchOptions', next.applies)
  const replicasAt = replicasPath(tools, kind, access)
  const make = (current: KubeObject | undefined): KubeObject => {
    if (!current) throw notFound(kind, info.name)
    const shown = viewOf(access, current, replicasAt)
    const asked = next.make(shown)
    if (!next.applies) {
      const writer = { manager: managerOf(request.query, request.headers), now: rfc3339(tools.clock.now()) }
      setManagedFields(asked as unknown as KubeObject, managedByUpdate(ownership, shown as unknown as KubeObject, asked as unknown as KubeObject, false, writer))
    }
    return withScale(kind, access, current, asked, replicasAt)
  }
  const { entry } = await updateObject(tools, {
    kind, namespace: info.namespace, name: info.name, subresource: '', user, dryRun, make, managed: true, face: { subresource: 'scale', show: (object) => viewOf(access, object, replicasAt), take: (object, shown: Scale) => access.setReplicas(object, shown.spec?.replicas ?? 0) }, warn: warnerOf(context), options: optionsObject(request.query, 'UpdateOptions'),
  })
  await facesReady(kind, [entry.object])
  return objectResponse(tools, context, 200, shown(access, viewOf(access, faceOf(kind, entry.object), replicasAt)))
}

/** Where the replicas stand in a version of the kind. */
function replicasPath(tools: Tools, kind: Kind, { replicasPath: path = '.spec.replicas' }: ScaleAccess): ReplicasPath {
  const elements = path.split('.').filter((name) => name !== '').map((name) => `f:${name}`)
  return (apiVersion) => (kindAt(tools, kind, apiVersion) ? elements : undefined)
}

/** The view has one version, and all of it can be written (the status has no effect). */
const ownership: Ownership = { apiVersion: expected.apiVersion, get shape() { return shapeOf(Scale) }, subresource: 'scale', writable: (set) => set, view: () => undefined }
const emptyScale = { apiVersion: expected.apiVersion, kind: expected.kind, metadata: {}, spec: {}, status: {} } as unknown as KubeObject

function viewOf(access: ScaleAccess, object: KubeObject, replicasAt: ReplicasPath): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const selector = access.selector(object)
  const managedFields = ownersOfScale(object.metadata.managedFields, replicasAt)
  return {
    kind: 'Scale', apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace && { namespace }), uid, resourceVersion, creationTimestamp, ...(managedFields && { managedFields }) },
    spec: { replicas: access.getReplicas(object) },
    status: { replicas: access.statusReplicas(object), ...(selector && { selector }) },
  }
}

interface Next {
  readonly applies: boolean
  make(current: Scale): Scale
}

/** The view in the version that was asked for: older ones have their own. */
const shown = ({ face }: ScaleAccess, scale: Scale): KubeObject => (face ? face.show(scale) : scale) as KubeObject
const taken = ({ face }: ScaleAccess, asked: object): Scale => (face ? face.take(asked) : asked as Scale)
const expectedOf = ({ face }: ScaleAccess): Expected => (face ? { apiVersion: face.apiVersion, kind: 'Scale', schema: face.schema } : expected)

function replacing(context: ResourceContext, access: ScaleAccess): Next {
  const { fieldValidation } = writeOptions(context.request.query, 'UpdateOptions')
  const asked = taken(access, readObject(context, expectedOf(access), fieldValidation))
  checkNames(context.kind, asked, context.info.namespace, context.info.name)
  return { applies: false, make: () => asked }
}

function patching(tools: Tools, context: ResourceContext, access: ScaleAccess): Next {
  if (isApply(context)) {
    const apply = applierFor(tools, context, { expected, ownership, empty: emptyScale })
    return { applies: true, make: (current) => apply(current as unknown as KubeObject) as Scale }
  }
  const patch = patcherFor(context, expectedOf(access))
  return { applies: false, make: (current) => taken(access, patch(shown(access, current)) as object) }
}

function withScale(kind: Kind, access: ScaleAccess, current: KubeObject, asked: Scale, replicasAt: ReplicasPath): KubeObject {
  const replicas = asked.spec?.replicas ?? 0
  if (replicas < 0) throw invalid({ group: 'autoscaling', kind: 'Scale' }, current.metadata.name, [{ type: 'Invalid', field: 'spec.replicas', value: replicas, detail: 'must be greater than or equal to 0' }])
  const object = structuredClone(current)
  object.metadata.resourceVersion = asked.metadata.resourceVersion
  if (asked.metadata.uid && asked.metadata.uid !== current.metadata.uid) object.metadata.uid = asked.metadata.uid
  access.setReplicas(object, replicas)
  object.kind = kind.kind
  setManagedFields(object, ownersFromScale(current.metadata.managedFields, asked.metadata.managedFields, apiVersionOf(kind), replicasAt))
  return object
}
