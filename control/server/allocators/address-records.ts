import { isAlreadyExists, isNotFound } from '../../../api/errors.ts'
import { ipAddresses } from '../../../api/kinds/networking-v1/ip-address.ts'
import { canonicalIP } from '../../../api/kinds/validation/ip.ts'
import { services } from '../../../api/kinds/core-v1/service.ts'
import { systemMaster } from '../../../api/transport.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { IPAddress } from '../../../api/types/networking-v1/ip-address.ts'
import type { CacheEntry } from '../../store/cache.ts'
import type { Tools } from '../tools.ts'
import { createObject } from '../verbs/create-object.ts'
import { deleteObject } from '../verbs/delete-object.ts'
import { familyOf } from './service-families.ts'
import { addressesOf } from './service-spec.ts'

const managedBy = 'ipaddress.kubernetes.io/managed-by'
const allocator = 'ipallocator.k8s.io'

/** How long an address may be recorded before its service is there: another server may be about to write that. */
const grace = 60_000

/**
 * Who holds which cluster IP, as `IPAddress` objects: an object's name is the address in its canonical form, so that the store itself refuses the second
 * holder, whichever server of the cluster asks.
 */
export interface AddressRecords {
  has(address: string): boolean
  /** False when somebody else holds it. */
  write(address: string, service: Service): Promise<boolean>
  /** Gives back what the service holds; what is somebody else's stays. Never rejects: a record that could not be removed is found at the next start. */
  remove(address: string, service: Service): Promise<void>
  /** Records what services hold and nobody wrote down, and forgets what is held for services that do not come. */
  repair(): Promise<void>
}

/** `changed` is told of every address that begins or ceases to be recorded, in the moment the watch cache sees it. */
export function createAddressRecords(tools: Tools, changed: (address: string, held: boolean) => void): AddressRecords {
  const { log, clock, ending } = tools
  const cache = tools.resources.cache(ipAddresses)
  const serviceCache = tools.resources.cache(services)
  const keyOf = (address: string): string => tools.resources.key(ipAddresses, '', canonicalIP(address))
  const find = (address: string): IPAddress | undefined => cache.peek(keyOf(address))?.object as IPAddress | undefined

  /** The service that is recorded, when it still holds the address. */
  const holder = ({ metadata, spec }: IPAddress): Service | undefined => {
    const { group, resource, namespace = '', name = '' } = spec.parentRef ?? {}
    if (group || resource !== 'services') return undefined
    const service = serviceCache.peek(tools.resources.key(services, namespace, name))?.object as Service | undefined
    return service && addressesOf(service).some((address) => canonicalIP(address) === metadata.name) ? service : undefined
  }

  const write = async (address: string, service: Service): Promise<boolean> => {
    try {
      await createObject(tools, { kind: ipAddresses, object: recordOf(address, service), namespace: '', user: systemMaster, dryRun: false })
      return true
    } catch (error) {
      if (isAlreadyExists(error)) return false
      throw error
    }
  }

  const erase = async (address: string): Promise<void> => {
    try {
      await deleteObject(tools, { kind: ipAddresses, namespace: '', name: canonicalIP(address), options: {}, user: systemMaster, dryRun: false })
    } catch (error) {
      if (!isNotFound(error) && !ending.aborted) log.error({ err: error, address }, 'Giving back a cluster IP failed')
    }
  }

  const orphans = (): IPAddress[] => cache.peekAll().map(({ object }) => object as IPAddress).filter((record) => record.metadata.labels?.[managedBy] === allocator && !holder(record))

  /** Only what was held for nobody all the time goes. */
  const forget = (): void => {
    const found = new Set(orphans().map(({ metadata }) => metadata.uid))
    if (found.size === 0) return
    const cancel = clock.after(grace, () => {
      ending.removeEventListener('abort', cancel)
      for (const { metadata } of orphans()) if (found.has(metadata.uid)) void erase(metadata.name!)
    }, { unref: true })
    ending.addEventListener('abort', cancel, { once: true })
  }

  const seen = (current: CacheEntry | undefined, previous: CacheEntry | undefined): void => {
    if (current) return changed(current.object.metadata.name!, true)
    const record = previous!.object as IPAddress
    const service = holder(record)
    if (!service) return changed(record.metadata.name!, false)
    // Somebody deleted the record of an address that is in use.
    if (!ending.aborted) write(record.metadata.name!, service).catch((error: unknown) => log.error({ err: error, address: record.metadata.name }, 'Recording a cluster IP anew failed'))
  }
  cache.observe(seen)

  return {
    has: (address) => find(address) !== undefined,
    write,
    async remove(address, service) {
      const record = find(address)
      const { namespace, name } = record?.spec.parentRef ?? {}
      if (record?.metadata.labels?.[managedBy] === allocator && namespace === service.metadata.namespace && name === service.metadata.name) await erase(address)
    },
    async repair() {
      await Promise.all([cache.ready(), serviceCache.ready()])
      const missing = serviceCache.peekAll().map(({ object }) => object as Service).flatMap((service) => addressesOf(service).filter((address) => !find(address)).map((address) => write(address, service)))
      await Promise.all(missing)
      forget()
    },
  }
}

const recordOf = (address: string, { metadata: { namespace, name } }: Service) => ({
  apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress',
  metadata: { name: canonicalIP(address), labels: { 'ipaddress.kubernetes.io/ip-family': familyOf(address), [managedBy]: allocator } },
  spec: { parentRef: { resource: 'services', namespace, name } },
})
