import { badRequest } from '../../../api/errors.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import { Eviction } from '../../../api/types/policy-v1.ts'
import type { ResourceContext } from '../context.ts'
import { checkDeleteOptions } from '../delete-options.ts'
import { writeOptions } from '../options.ts'
import { readObject } from '../read-body.ts'
import { valueResponse } from '../respond.ts'
import type { Tools } from '../tools.ts'
import { deleteObject } from '../verbs/delete-object.ts'

/** A deletion that asks first. There are no disruption budgets yet, so nobody says no. */
export async function evict(tools: Tools, context: ResourceContext): Promise<ApiResponse> {
  const { info, request, user } = context
  const { dryRun, fieldValidation } = writeOptions(request.query, 'CreateOptions')
  const eviction: Eviction = readObject(context, { apiVersion: 'policy/v1', kind: 'Eviction', schema: Eviction }, fieldValidation)
  if (eviction.metadata.name && eviction.metadata.name !== info.name) throw badRequest('name in URL does not match name in Eviction object')
  const asked = checkDeleteOptions(eviction.deleteOptions ?? {})
  await deleteObject(tools, { kind: pods, namespace: info.namespace, name: info.name, options: asked.options, user, dryRun: dryRun || asked.dryRun })
  return valueResponse(context, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 })
}
