import { ApiError } from '../../../api/errors.ts'
import type { AdmissionPlugin } from '../admission/admission.ts'

/** No new custom resources while their definition goes. */
export const customResourcesTerminating: AdmissionPlugin = {
  name: 'CustomResourceTerminating',
  admit({ operation, kind }) {
    if (operation !== 'create' || !kind.closed) return
    throw new ApiError(405, 'MethodNotAllowed', 'create not allowed while custom resource definition is terminating', { ...(kind.group && { group: kind.group }), kind: kind.resource })
  },
}
