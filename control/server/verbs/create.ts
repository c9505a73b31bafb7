import type { ApiResponse } from '../../../api/transport.ts'
import { methodNotAllowed } from '../../../api/errors.ts'
import type { ResourceContext } from '../context.ts'
import { warnerOf } from '../context.ts'
import { entryResponse } from '../object-response.ts'
import { optionsObject, writeOptions } from '../options.ts'
import { managerOf } from '../ownership.ts'
import { expectedOf, readObject } from '../read-body.ts'
import type { Tools } from '../tools.ts'
import { createObject } from './create-object.ts'

export async function create(tools: Tools, context: ResourceContext): Promise<ApiResponse> {
  const { kind, info, request, user } = context
  if (kind.namespaced && !info.namespace) throw methodNotAllowed(kind, 'create')
  const { dryRun, fieldValidation } = writeOptions(request.query, 'CreateOptions')
  const object = readObject(context, expectedOf(kind), fieldValidation)
  const entry = await createObject(tools, { 
    kind, object, namespace: info.namespace, user, dryRun, warn: warnerOf(context), manager: managerOf(request.query, request.headers), options: optionsObject(request.query, 'CreateOptions'),
  })
  return entryResponse(tools, context, 201, entry)
}
