import type { ApiResponse } from '../../../api/transport.ts'
import type { ResourceContext } from '../context.ts'
import { warnerOf } from '../context.ts'
import { checkNames, checkPathName } from '../object-names.ts'
import { entryResponse } from '../object-response.ts'
import { optionsObject, writeOptions } from '../options.ts'
import { managerOf } from '../ownership.ts'
import { expectedOf, readObject } from '../read-body.ts'
import type { Tools } from '../tools.ts'
import { updateObject } from './update-object.ts'

/** PUT of an object or of a view of it that has the same form (`status`, `finalize`, …). */
export async function update(tools: Tools, context: ResourceContext): Promise<ApiResponse> {
  const { kind, info, request, user } = context
  checkPathName(info.name)
  const { dryRun, fieldValidation } = writeOptions(request.query, 'UpdateOptions')
  const object = readObject(context, expectedOf(kind), fieldValidation)
  checkNames(kind, object, info.namespace, info.name)
  if (kind.namespaced) object.metadata.namespace ||= info.namespace
  const { entry, created } = await updateObject(tools, {
    kind, namespace: info.namespace, name: info.name, subresource: info.subresource, user, dryRun, warn: warnerOf(context), make: () => structuredClone(object),
    manager: managerOf(request.query, request.headers), options: optionsObject(request.query, 'UpdateOptions'), createOptions: optionsObject(request.query, 'CreateOptions'),
  })
  return entryResponse(tools, context, created ? 201 : 200, entry)
}
