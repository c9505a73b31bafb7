import { badRequest, conflict, invalid, notFound } from '../../../api/errors.ts'
import type { FieldError } from '../../../api/errors.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import { Binding } from '../../../api/types/core-v1/binding.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import { rfc3339 } from '../../../host/clock.ts'
import { StoreError } from '../../store/log.ts'
import { admit, validateAdmission } from '../admission/admission.ts'
import { warnerOf } from '../context.ts'
import type { ResourceContext } from '../context.ts'
import { settleNamespace } from '../object-names.ts'
import { optionsObject, writeOptions } from '../options.ts'
import { readObject } from '../read-body.ts'
import { valueResponse } from '../respond.ts'
import type { Tools } from '../tools.ts'

const of = { group: '', resource: 'pods/binding' }

/** POST of a `Binding`, to the pod or to `bindings`: gives a pod its node, once and for all. */
export async function bind(tools: Tools, context: ResourceContext): Promise<ApiResponse> {
  const { dryRun, fieldValidation } = writeOptions(context.request.query, 'CreateOptions')
  const binding: Binding = readObject(context, { apiVersion: 'v1', kind: 'Binding', schema: Binding }, fieldValidation)
  const name = context.info.subresource ? context.info.name : binding.metadata.name ?? ''
  if (binding.metadata.name && binding.metadata.name !== name) throw badRequest('name in URL does not match name in Binding object')
  settleNamespace(pods, binding, context.info.namespace)
  const { kind, info: { namespace, subresource }, user } = context
  const review = { operation: 'create', kind, subresource, namespace, name, object: binding, old: undefined, user, dryRun, options: optionsObject(context.request.query, 'CreateOptions'), warn: warnerOf(context) } as const
  await admit(tools, review)
  const errors = bindingErrors(binding)
  if (errors.length > 0) throw invalid({ group: '', kind: 'Binding' }, binding.metadata.name ?? '', errors)
  await validateAdmission(tools, review)
  const key = tools.resources.key(pods, context.info.namespace, name)
  const now = rfc3339(tools.clock.now())
  try {
    if (dryRun) {
      const entry = await tools.resources.cache(pods).get(key)
      if (!entry) throw notFound(pods, name)
      bound(entry.object as Pod, binding, now)
    } else {
      await tools.store.guaranteedUpdate(tools.resources.of(pods), key, (entry) => bound(entry.object as Pod, binding, now))
    }
  } catch (error) {
    if (error instanceof StoreError && error.reason === 'missing') throw notFound(pods, name)
    throw error
  }
  return valueResponse(context, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 })
}

function bindingErrors({ target }: Binding): FieldError[] {
  const errors: FieldError[] = []
  if (target.kind && target.kind !== 'Node') errors.push({ type: 'NotSupported', field: 'target.kind', value: target.kind, detail: 'supported values: "Node", "<empty>"' })
  if (!target.name) errors.push({ type: 'Required', field: 'target.name', detail: '' })
  return errors
}

/** The pod on its node; 409 when it cannot go there any more. */
function bound(pod: Pod, { metadata, target }: Binding, now: string): Pod {
  const { name } = pod.metadata
  if (metadata.uid && metadata.uid !== pod.metadata.uid) throw conflict(of, name, `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${pod.metadata.uid}`)
  if (pod.metadata.deletionTimestamp) throw conflict(of, name, `pod ${name} is being deleted, cannot be assigned to a host`)
  if (pod.spec.nodeName) throw conflict(of, name, `pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`)
  if (pod.spec.schedulingGates?.length) throw conflict(of, name, `pod ${name} has non-empty .spec.schedulingGates`)
  const others = (pod.status?.conditions ?? []).filter((condition) => condition.type !== 'PodScheduled')
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: now }
  const annotations = metadata.annotations && { annotations: { ...pod.metadata.annotations, ...metadata.annotations } }
  const labels = metadata.labels && { labels: { ...pod.metadata.labels, ...metadata.labels } }
  return {
    ...pod, metadata: { ...pod.metadata, ...annotations, ...labels },
    spec: { ...pod.spec, nodeName: target.name! },
    status: { ...pod.status, conditions: [...others, scheduled] },
  } as Pod
}
