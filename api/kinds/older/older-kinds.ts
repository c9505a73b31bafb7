import type { Kind } from '../kind.ts'
import { olderAdmissionRegistration } from './admissionregistration.ts'
import { olderApiExtensions } from './apiextensions.ts'
import { olderApps } from './apps.ts'
import { olderAutoscaling } from './autoscaling.ts'
import { olderCertificates } from './certificates.ts'
import { olderDiscovery } from './discovery.ts'
import { extensions } from './extensions.ts'
import { olderPolicy } from './policy.ts'
import { olderReviews } from './reviews.ts'
import { olderSame } from './same-form.ts'

/** Every older version that manifests may still name. The group `extensions` comes last, so that nobody is led into it who asks for a resource by name alone. */
export const olderKinds: readonly Kind[] = Object.freeze([
  ...olderAdmissionRegistration, ...olderApiExtensions, ...olderApps, ...olderAutoscaling, ...olderCertificates, ...olderDiscovery, ...olderPolicy, ...olderReviews, ...olderSame,
  ...extensions,
])
