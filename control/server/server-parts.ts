import { localApiServices } from './aggregation/local-services.ts'
import { bootstrapPriorityClasses } from './admission/bootstrap-priority-classes.ts'
import { loadAdmission } from './admission/load-plugins.ts'
import { bootstrapRoles } from './authorization/bootstrap/bootstrap-roles.ts'
import { customResources } from './custom-resources/custom-resources.ts'
import { flowControl } from './flow-control.ts'
import { policyTypeChecking } from './admission/policies/type-checking.ts'
import type { ServerPart } from './parts.ts'

/** The parts, in the order in which they start: first who decides what is allowed, then who adds to what is served. */
export const serverParts: readonly ServerPart[] = Object.freeze([
  loadAdmission,
  bootstrapRoles,
  bootstrapPriorityClasses,
  flowControl,
  localApiServices,
  customResources,
  policyTypeChecking,
])
