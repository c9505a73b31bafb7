import type { Service } from '../../../api/types/core-v1/service.ts'
import type { AdmissionPlugin } from './admission.ts'
import { refuse } from './refuse.ts'

/** A Service takes no more external addresses than it has: any of them could be somebody else's. */
export const denyServiceExternalIPs: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs', optIn: true,
  validate(request) {
    const { kind, operation, subresource, object, old } = request
    if (kind.group !== '' || kind.resource !== 'services' || subresource !== '' || (operation !== 'create' && operation !== 'update')) return
    const before = (old as Service | undefined)?.spec?.externalIPs ?? []
    if ((object as Service).spec?.externalIPs?.some((address) => !before.includes(address))) throw refuse(request, 'Use of external IPs is denied by admission control')
  },
}
