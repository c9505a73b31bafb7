import { ApiError, forbidden, notFound } from '../../../api/errors.ts'
import { namespaces } from '../../../api/kinds/core-v1/namespace.ts'
import type { Namespace } from '../../../api/types/core-v1/namespace.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'

const immortal = new Set(['default', 'kube-system', 'kube-public'])

/** Objects need a namespace that is there, new ones one that is not going away; the cluster's own namespaces stay. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  async admit(request, tools) {
    const { kind, operation, name } = request
    if (kind.group === '' && kind.resource === 'namespaces') {
      if (operation === 'delete' && immortal.has(name)) throw forbidden(kind, name, 'this namespace may not be deleted')
      return
    }
    if (!kind.namespaced || operation !== 'create') return
    const namespace = request.namespace
    const entry = await tools.resources.cache(namespaces).get(tools.resources.key(namespaces, '', namespace))
    if (!entry) throw notFound(namespaces, namespace)
    const found = entry.object as Namespace
    if (found.status?.phase === 'Terminating' || found.metadata.deletionTimestamp) throw terminating(request)
  },
}

function terminating({ kind, name, namespace }: AdmissionRequest): ApiError {
  const error = forbidden(kind, name, `unable to create new content in namespace ${namespace} because it is being terminated`)
  const cause = { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }
  return new ApiError(error.code, error.reason, error.message, { ...error.details, causes: [cause] })
}
