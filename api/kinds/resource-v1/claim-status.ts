import type { FieldError } from '../../errors.ts'
import type { AllocationResult, DeviceRequestAllocationResult, ResourceClaim, ResourceClaimConsumerReference } from '../../types/resource-v1/resource-claim.ts'
import { validateConditions } from '../validation/conditions.ts'
import { semanticEqual } from '../validation/equal.ts'
import { duplicate, each, forbidden, invalid, invalidFor, notSupported, required, tooMany } from '../validation/field.ts'
import { dnsLabel } from '../validation/names.ts'
import { validateConfiguration } from './claim-validation.ts'
import { validateDriverName, validatePoolName } from './names.ts'
import { isRepeated } from '../validation/repeated.ts'

const mostReservations = 256

/** What drivers and the scheduler may say of a claim, and what they may not take back. */
export function validateClaimStatus({ metadata, spec, status }: ResourceClaim, { status: old }: ResourceClaim): FieldError[] {
  const { allocation, reservedFor = [], devices } = status ?? {}
  const uids = reservedFor.map(({ uid }) => uid)
  const reservedBefore = new Set((old?.reservedFor ?? []).map(({ uid }) => uid))
  const added = uids.some((uid) => !reservedBefore.has(uid))
  const identities = (devices ?? []).map(({ driver, pool, device, shareID = '' }) => [driver, pool, device, shareID].join('/'))
  return [
    ...(reservedFor.length > mostReservations ? [tooMany('status.reservedFor', reservedFor.length, mostReservations)] : each(reservedFor, 'status.reservedFor', validateConsumer)),
    ...each(uids, 'status.reservedFor', (uid, path, index) => (isRepeated(uids, uid, index) ? [duplicate(`${path}.uid`, uid)] : [])),
    ...(allocation ? validateAllocation(allocation, new Set((spec.devices?.requests ?? []).flatMap(({ name, firstAvailable }) => [name, ...(firstAvailable ?? []).map((sub) => `${name}/${sub.name}`)])), 'status.allocation') : []),
    ...each(devices, 'status.devices', ({ driver, pool, device, conditions }, path, index) => [
      ...validateDriverName(driver, `${path}.driver`), ...validatePoolName(pool, `${path}.pool`), ...(device ? invalidFor(`${path}.device`, device, dnsLabel(device)) : [required(`${path}.device`)]),
      ...(isRepeated(identities, identities[index]!, index) ? [duplicate(path, identities[index])] : []),
      ...validateConditions(conditions, `${path}.conditions`),
    ]),
    ...(reservedFor.length > 0 && !allocation ? [forbidden('status.reservedFor', 'may not be specified when `allocated` is not set')] : []),
    ...(added && metadata.deletionTimestamp ? [forbidden('status.reservedFor', 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set')] : []),
    ...(old?.allocation && allocation && !semanticEqual(old.allocation, allocation) ? [invalid('status.allocation', allocation, 'field is immutable')] : []),
  ]
}

function validateConsumer({ resource, name, uid }: ResourceClaimConsumerReference, field: string): FieldError[] {
  return [...(resource ? [] : [required(`${field}.resource`)]), ...(name ? [] : [required(`${field}.name`)]), ...(uid ? [] : [required(`${field}.uid`)])]
}

function validateAllocation({ devices }: AllocationResult, requests: ReadonlySet<string>, field: string): FieldError[] {
  const { results = [], config = [] } = devices ?? {}
  const sources = ['FromClaim', 'FromClass']
  return [
    ...(results.length > 32 ? [tooMany(`${field}.devices.results`, results.length, 32)] : each(results, `${field}.devices.results`, (result, path) => validateResult(result, requests, path))),
    ...(config.length > 64 ? [tooMany(`${field}.devices.config`, config.length, 64)] : each(config, `${field}.devices.config`, (each, path) => [
      ...(each.source ? sources.includes(each.source) ? [] : [notSupported(`${path}.source`, each.source, sources)] : [required(`${path}.source`)]), ...validateConfiguration(each, path),
    ])),
  ]
}

function validateResult({ request, driver, pool, device }: DeviceRequestAllocationResult, requests: ReadonlySet<string>, field: string): FieldError[] {
  return [
    ...(requests.has(request) ? [] : [invalid(`${field}.request`, request, "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'")]),
    ...validateDriverName(driver, `${field}.driver`), ...validatePoolName(pool, `${field}.pool`),
    ...(device ? invalidFor(`${field}.device`, device, dnsLabel(device)) : [required(`${field}.device`)]),
  ]
}
