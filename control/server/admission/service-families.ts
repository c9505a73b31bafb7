import { settleFamilies } from '../allocators/service-spec.ts'
import type { AdmissionPlugin } from './admission.ts'

/** Settles of which address families a Service is, before it is validated and its addresses are allocated. */
export const serviceFamilies: AdmissionPlugin = {
  name: 'ServiceFamilies',
  admit({ kind, operation, subresource, object, old }) {
    if (kind.group !== '' || kind.resource !== 'services' || subresource !== '' || operation === 'delete') return
    settleFamilies(object, operation === 'update' ? old as typeof object : undefined)
  },
}
