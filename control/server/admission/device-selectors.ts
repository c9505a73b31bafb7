import { CelError } from '../../../api/cel/cel.ts'
import type { CelEnvironment, CelType } from '../../../api/cel/cel.ts'
import { loadCel } from '../../../api/cel/load.ts'
import { invalid } from '../../../api/errors.ts'
import type { FieldError } from '../../../api/errors.ts'
import type { DeviceClass, DeviceSelector, ResourceClaim, ResourceClaimSpec, ResourceClaimTemplate } from '../../../api/types/resource-v1/resource-claim.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'

type Place = readonly [field: string, selectors: readonly DeviceSelector[] | undefined]

/** Refuses device classes and claims whose expressions do not compile. What did not change is not looked at again. */
export const deviceSelectors: AdmissionPlugin = {
  name: 'DeviceSelectors',
  validate(request) {
    const { kind, object, old, subresource } = request
    if (kind.group !== 'resource.k8s.io' || !object || subresource !== '') return
    const given = placesOf(kind.kind, object).filter(([, selectors]) => selectors?.length)
    if (given.length === 0 || (old && JSON.stringify(placesOf(kind.kind, old)) === JSON.stringify(placesOf(kind.kind, object)))) return
    return check(request, given)
  },
}

function placesOf(kind: string, object: object): Place[] {
  if (kind === 'DeviceClass') return [['spec.selectors', (object as DeviceClass).spec.selectors]]
  if (kind === 'ResourceClaim') return ofClaim((object as ResourceClaim).spec, 'spec')
  return kind === 'ResourceClaimTemplate' ? ofClaim((object as ResourceClaimTemplate).spec.spec, 'spec.spec') : []
}

const ofClaim = (spec: ResourceClaimSpec, field: string): Place[] => (spec.devices?.requests ?? []).flatMap(({ exactly, firstAvailable = [] }, i): Place[] => {
  const at = `${field}.devices.requests[${i}]`
  return [[`${at}.exactly.selectors`, exactly?.selectors], ...firstAvailable.map(({ selectors }, j): Place => [`${at}.firstAvailable[${j}].selectors`, selectors])]
})

const dynamic: CelType = { kind: 'dyn' }
const byDomain = (items: CelType): CelType => ({ kind: 'map', items: { kind: 'map', items } })

/** What an expression is told of a device: attributes and capacity by the domain and the rest of their names. */
const environment: CelEnvironment = {
  variables: {
    device: {
      kind: 'object', name: 'DRADevice',
      fields: { driver: { kind: 'string' }, attributes: byDomain(dynamic), capacity: byDomain({ kind: 'quantity' }), allowMultipleAllocations: { kind: 'bool' } },
    },
  },
}

async function check({ kind, name, object }: AdmissionRequest, places: readonly Place[]): Promise<void> {
  const { celResultType } = await loadCel()
  const errors = places.flatMap(([field, selectors]) => selectors!.flatMap(({ cel }, i): FieldError[] => {
    const value = cel?.expression ?? ''
    const refuse = (detail: string): FieldError[] => [{ type: 'Invalid', field: `${field}[${i}].cel.expression`, value, detail }]
    try {
      const type = celResultType(value, environment)
      return type === 'bool' || type === 'dyn' || type === 'any' ? [] : refuse(`must evaluate to bool or the unknown type, not ${type}`)
    } catch (error) {
      if (error instanceof CelError) return refuse(error.message)
      throw error
    }
  }))
  if (errors.length > 0) throw invalid(kind, name || object!.metadata.name, errors)
}
