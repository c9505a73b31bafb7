import type { Service } from '../../../api/types/core-v1/service.ts'
import type { CachedResource } from '../../store/cache.ts'
import { StoreError } from '../../store/log.ts'
import type { Tools } from '../tools.ts'
import { createRecords } from './records.ts'
import type { Records } from './records.ts'
import { nodePortsOf } from './service-spec.ts'

/** Beside the original's map of all ports, which is one object with a bit for each: here each is an object, and writers of different ports never wait for each other. */
const resource: CachedResource = { prefix: '/registry/ranges/servicenodeports/', apiVersion: 'v1', kind: 'RangeAllocation' }
const holder = 'service'

/** Who holds which node port. Nobody but the servers of the cluster sees these objects. */
export type PortRecords = Records<number>

export const createPortRecords = (tools: Tools, changed: (port: number, recorded: boolean) => void): PortRecords => {
  const { store } = tools
  const cache = store.cache.forResource(resource)
  const keyOf = (port: number): string => `${resource.prefix}${port}`
  return createRecords(tools, {
    what: 'a node port', cache, keyOf,
    readHeld: ({ metadata }) => Number(metadata.name),
    heldBy: nodePortsOf,
    same: (one, other) => one === other,
    holderOf({ metadata }) {
      const [namespace = '', name = ''] = metadata.annotations?.[holder]?.split('/') ?? []
      return { namespace, name }
    },
    async create(port, service) {
      try {
        await store.create(resource, keyOf(port), recordOf(port, service))
        return true
      } catch (error) {
        if (error instanceof StoreError && error.reason === 'exists') return false
        throw error
      }
    },
    async erase(port) {
      const entry = await cache.get(keyOf(port))
      if (!entry) return
      await store.delete(resource, keyOf(port), entry.revision).catch((error: unknown) => {
        // Another server of the cluster was faster.
        if (!(error instanceof StoreError) || error.reason !== 'conflict') throw error
      })
    },
  }, changed)
}

const recordOf = (port: number, { metadata: { namespace, name } }: Service) =>
  ({ apiVersion: 'v1', kind: 'RangeAllocation', metadata: { name: String(port), annotations: { [holder]: `${namespace}/${name}` } } })
