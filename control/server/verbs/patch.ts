import { notFound } from '../../../api/errors.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import { applierFor, objectTarget } from '../applier.ts'
import type { ResourceContext } from '../context.ts'
import { warnerOf } from '../context.ts'
import { checkPathName } from '../object-names.ts'
import { entryResponse } from '../object-response.ts'
import { optionsObject, writeOptions } from '../options.ts'
import { managerOf, ownershipOf } from '../ownership.ts'
import { isApply, patcherFor } from '../patcher.ts'
import { expectedOf } from '../read-body.ts'
import type { Tools } from '../tools.ts'
import { updateObject } from './update-object.ts'
import type { Update } from './update-object.ts'

/** PATCH in the three classic kinds and as server-side apply; done anew to what is there whenever somebody else was faster. */
export async function patch(tools: Tools, context: ResourceContext): Promise<ApiResponse> {
  const { kind, info, request, user } = context
  checkPathName(info.name)
  const apply = isApply(context)
  const { dryRun } = writeOptions(request.query, 'PatchOptions', apply)
  const { entry, created } = await updateObject(tools, {
    kind, namespace: info.namespace, name: info.name, subresource: info.subresource, user, dryRun, warn: warnerOf(context), ...(apply ? applying(tools, context) : patching(context)),
    // Admission is told of the update (or creation) that a patch amounts to.
    options: optionsObject(request.query, 'UpdateOptions'), createOptions: optionsObject(request.query, 'CreateOptions'),
  })
  return entryResponse(tools, context, created ? 201 : 200, entry)
}

type Change = Pick<Update, 'make' | 'manager' | 'managed' | 'creates'>

function patching(context: ResourceContext): Change {
  const { kind, info, request } = context
  const change = patcherFor(context, expectedOf(kind))
  return {
    manager: managerOf(request.query, request.headers),
    make(current) {
      if (!current) throw notFound(kind, info.name)
      return change(current)
    },
  }
}

function applying(tools: Tools, context: ResourceContext): Change {
  const { kind, info } = context
  return { managed: true, creates: true, make: applierFor(tools, context, objectTarget(kind, expectedOf(kind), ownershipOf(tools, kind, info.subresource))) }
}
