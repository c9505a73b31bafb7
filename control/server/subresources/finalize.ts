import { notFound } from '../../../api/errors.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import type { Namespace } from '../../../api/types/core-v1/namespace.ts'
import type { ResourceContext } from '../context.ts'
import { checkNames } from '../object-names.ts'
import { entryResponse } from '../object-response.ts'
import { optionsObject, writeOptions } from '../options.ts'
import { managerOf } from '../ownership.ts'
import { expectedOf, readObject } from '../read-body.ts'
import type { Tools } from '../tools.ts'
import { updateObject } from '../verbs/update-object.ts'

/** PUT `namespaces/x/finalize`: only `spec.finalizers` changes; without the last one a terminating namespace is gone. */
export async function finalizeNamespace(tools: Tools, context: ResourceContext): Promise<ApiResponse> {
  const { kind, info, request, user } = context
  const { dryRun, fieldValidation } = writeOptions(request.query, 'UpdateOptions')
  const asked: Namespace = readObject(context, expectedOf(kind), fieldValidation)
  checkNames(kind, asked, '', info.name)
  const make = (current: KubeObject | undefined): Namespace => {
    if (!current) throw notFound(kind, info.name)
    const namespace = structuredClone(current) as Namespace
    namespace.metadata.resourceVersion = asked.metadata.resourceVersion
    if (asked.metadata.uid) namespace.metadata.uid = asked.metadata.uid
    const finalizers = asked.spec?.finalizers ?? []
    namespace.spec = finalizers.length > 0 ? { finalizers } : {}
    return namespace
  }
  const { entry } = await updateObject(tools, { kind, namespace: '', name: info.name, subresource: info.subresource, user, dryRun, make, manager: managerOf(request.query, request.headers), options: optionsObject(request.query, 'UpdateOptions') })
  return entryResponse(tools, context, 200, entry)
}
