import type { AdmissionPlugin } from './admission.ts'
import { refuse } from './refuse.ts'

/** Lets everything through. Deprecated in the original; it means nothing. */
export const alwaysAdmit: AdmissionPlugin = { name: 'AlwaysAdmit', optIn: true }

/** Refuses everything, for tests. */
export const alwaysDeny: AdmissionPlugin = {
  name: 'AlwaysDeny', optIn: true,
  validate(request) {
    throw refuse(request, 'admission control is denying all modifications')
  },
}
