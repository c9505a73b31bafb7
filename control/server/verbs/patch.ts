import { notFound } from '../../../api/errors.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import type { ResourceContext } from '../context.ts'
import { warnerOf } from '../context.ts'
import { checkPathName } from '../object-names.ts'
import { entryResponse } from '../object-response.ts'
import { writeOptions } from '../options.ts'
import { patcherFor } from '../patcher.ts'
import { expectedOf } from '../read-body.ts'
import type { Tools } from '../tools.ts'
import { updateObject } from './update-object.ts'

/** PATCH in the three classic kinds; applied anew to what is there whenever somebody else was faster. */
export async function patch(tools: Tools, context: ResourceContext): Promise<ApiResponse> {
  const { kind, info, request, user } = context
  checkPathName(info.name)
  const { dryRun } = writeOptions(request.query, 'PatchOptions')
  const apply = patcherFor(context, expectedOf(kind))
  const { entry } = await updateObject(tools, {
    kind, namespace: info.namespace, name: info.name, subresource: info.subresource, user, dryRun, warn: warnerOf(context),
    make(current) {
      if (!current) throw notFound(kind, info.name)
      return apply(current)
    },
  })
  return entryResponse(tools, context, 200, entry)
}
