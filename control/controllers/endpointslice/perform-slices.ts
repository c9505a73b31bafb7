import type { Client } from '../../../api/client/client.ts'
import { isNotFound } from '../../../api/errors.ts'
import { endpointSlices as sliceKind } from '../../../api/kinds/discovery-v1/endpoint-slice.ts'
import type { EndpointSlice } from '../../../api/types/discovery-v1.ts'
import type { Expectations } from '../shared/expectations.ts'
import { unless } from '../shared/unless.ts'
import type { SlicesPlan } from './plan-family.ts'
import { managedByLabel, serviceNameLabel } from './plan-family.ts'

/** Files slices under the key of the service they name. */
export const byService = {
  service: (slice: EndpointSlice): string[] => [`${slice.metadata.namespace}/${slice.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`],
}

export const serviceOf = (slice: EndpointSlice): string => `${slice.metadata.namespace}/${slice.metadata.labels?.[serviceNameLabel] ?? ''}`
export const isManagedBy = (slice: EndpointSlice, manager: string): boolean => slice.metadata.labels?.[managedByLabel] === manager

/** Creates before it removes, so that no address is missing in between. `key` is what the creations are expected under. */
export async function performSlices(client: Client, expectations: Expectations, key: string, { create, update, remove }: SlicesPlan): Promise<void> {
  if (create.length > 0) expectations.expectCreations(key, create.length)
  for (const slice of create) await client.create(sliceKind, slice).catch((error: unknown) => { expectations.forget(key); throw error })
  for (const slice of update) await client.update(sliceKind, slice)
  for (const { metadata: { namespace, name, uid = '' } } of remove) {
    await client.delete(sliceKind, { namespace, name }, { preconditions: { uid } }).catch(unless(isNotFound))
  }
}
