import type { AdmissionPlugin } from './admission.ts'
import { settleServiceAddresses } from '../allocators/service-spec.ts'

/** Brings the fields of a Service that speak of addresses in line with each other, before they are validated and allocated. */
export const serviceAddresses: AdmissionPlugin = {
  name: 'ServiceAddresses',
  admit({ kind, operation, subresource, object, old }) {
    if (kind.group !== '' || kind.resource !== 'services' || subresource !== '' || operation === 'delete') return
    settleServiceAddresses(object, operation === 'update' ? old as typeof object : undefined)
  },
}
