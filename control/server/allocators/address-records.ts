import { isAlreadyExists, isNotFound } from '../../../api/errors.ts'
import { canonicalIP } from '../../../api/kinds/validation/ip.ts'
import { ipAddresses, ipAllocator, managedByLabel } from '../../../api/kinds/networking-v1/ip-address.ts'
import { systemMaster } from '../../../api/transport.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { IPAddress } from '../../../api/types/networking-v1/ip-address.ts'
import type { Tools } from '../tools.ts'
import { createObject } from '../verbs/create-object.ts'
import { deleteObject } from '../verbs/delete-object.ts'
import { createRecords } from './records.ts'
import type { Records } from './records.ts'
import { familyOf } from './service-families.ts'
import { addressesOf } from './service-spec.ts'

/** Who holds which cluster IP, as `IPAddress` objects, whose name is the address in its canonical form. */
export type AddressRecords = Records<string>

export const createAddressRecords = (tools: Tools, changed: (address: string, recorded: boolean) => void): AddressRecords => createRecords(tools, {
  what: 'a cluster IP',
  cache: tools.resources.cache(ipAddresses),
  keyOf: (address) => tools.resources.key(ipAddresses, '', canonicalIP(address)),
  readHeld: ({ metadata }) => metadata.name,
  heldBy: addressesOf,
  same: (one, other) => canonicalIP(one) === canonicalIP(other),
  holderOf(record) {
    const { group, resource, namespace = '', name = '' } = (record as IPAddress).spec.parentRef ?? {}
    return record.metadata.labels?.[managedByLabel] === ipAllocator && !group && resource === 'services' ? { namespace, name } : undefined
  },
  async create(address, service) {
    try {
      await createObject(tools, { kind: ipAddresses, object: recordOf(canonicalIP(address), service), namespace: '', user: systemMaster, dryRun: false })
      return true
    } catch (error) {
      if (isAlreadyExists(error)) return false
      throw error
    }
  },
  async erase(address) {
    try {
      await deleteObject(tools, { kind: ipAddresses, namespace: '', name: canonicalIP(address), options: {}, user: systemMaster, dryRun: false })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  },
}, changed)

const recordOf = (address: string, { metadata: { namespace, name } }: Service) => ({
  apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress',
  metadata: { name: address, labels: { 'ipaddress.kubernetes.io/ip-family': familyOf(address), [managedByLabel]: ipAllocator } },
  spec: { parentRef: { resource: 'services', namespace, name } },
})
