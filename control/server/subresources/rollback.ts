import { badRequest, invalid, notFound } from '../../../api/errors.ts'
import { apiVersionOf } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import { DeploymentRollback } from '../../../api/types/extensions-v1beta1.ts'
import { warnerOf } from '../context.ts'
import { writeOptions } from '../options.ts'
import { readObject } from '../read-body.ts'
import { valueResponse } from '../respond.ts'
import type { ResourceHandler } from '../router.ts'
import { updateObject } from '../verbs/update-object.ts'

/** POST `deployments/x/rollback` of the first versions: writes down to which revision; whoever runs the deployment does the rest. */
export const rollBack: ResourceHandler = async (tools, context) => {
  const { kind, info, request, user } = context
  const { fieldValidation, dryRun } = writeOptions(request.query, 'CreateOptions')
  const asked: DeploymentRollback = readObject(context, { apiVersion: apiVersionOf(kind), kind: 'DeploymentRollback', schema: DeploymentRollback }, fieldValidation)
  if (!asked.name) throw invalid({ group: kind.group, kind: 'DeploymentRollback' }, '', [{ type: 'Required', field: 'name', detail: 'name is required' }])
  if (asked.name !== info.name) throw badRequest('name in URL does not match name in DeploymentRollback object')
  const make = (current: KubeObject | undefined): unknown => {
    if (!current) throw notFound(kind, info.name)
    const next = structuredClone(current) as KubeObject & { spec: { rollbackTo?: object } }
    next.metadata.annotations = { ...next.metadata.annotations, ...asked.updatedAnnotations }
    next.spec.rollbackTo = { ...(asked.rollbackTo?.revision && { revision: asked.rollbackTo.revision }) }
    return next
  }
  await updateObject(tools, { kind, namespace: info.namespace, name: info.name, subresource: '', user, dryRun, make, warn: warnerOf(context) })
  return valueResponse(context, 200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', message: `rollback request for deployment ${JSON.stringify(info.name)} succeeded`, code: 200 })
}
