import { ApiError, forbidden, notFound } from '../../../api/errors.ts'
import { namespaces } from '../../../api/kinds/core-v1/namespace.ts'
import type { Namespace } from '../../../api/types/core-v1/namespace.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { memoryOf } from './memory.ts'
import { refuse } from './refuse.ts'

export const namespaceMemory = memoryOf<Namespace>(namespaces)
const immortal = new Set(['default', 'kube-system', 'kube-public'])
/** Asked by people who may not know which namespaces there are. */
const isAccessReview = ({ kind }: AdmissionRequest): boolean => kind.group === 'authorization.k8s.io' && kind.resource === 'localsubjectaccessreviews'

/**
 * New objects need a namespace that is there and not going away; the cluster's own namespaces stay. What exists may be changed
 * and deleted in any namespace, or one that is going away could never be emptied.
 */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  load: namespaceMemory.load,
  admit(request, tools) {
    const { kind, operation, name } = request
    if (kind.group === '' && kind.resource === 'namespaces') {
      if (operation === 'delete' && immortal.has(name)) throw forbidden(kind, name, 'this namespace may not be deleted')
      return
    }
    if (!kind.namespaced || operation !== 'create' || isAccessReview(request)) return
    return namespaceMemory.find(tools, '', request.namespace, (found) => {
      if (!found) throw notFound(namespaces, request.namespace)
      if (found.status?.phase === 'Terminating' || found.metadata.deletionTimestamp) throw terminating(request)
    })
  },
}

function terminating(request: AdmissionRequest): ApiError {
  const { namespace } = request
  const error = refuse(request, `unable to create new content in namespace ${namespace} because it is being terminated`)
  const cause = { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }
  return new ApiError(error.code, error.reason, error.message, { ...error.details, causes: [cause] })
}

/** Nothing at all is done in a namespace that is not there. */
export const namespaceExists: AdmissionPlugin = {
  name: 'NamespaceExists', optIn: true,
  load: namespaceMemory.load,
  validate({ kind, operation, namespace }, tools) {
    if (!kind.namespaced || operation === 'connect') return
    return namespaceMemory.find(tools, '', namespace, (found) => {
      if (!found) throw notFound(namespaces, namespace)
    })
  },
}
