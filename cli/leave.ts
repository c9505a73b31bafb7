import { loadConfig } from './config.ts'
import { down } from './down.ts'
import type { Layout } from './layout.ts'
import type { Machine } from './machine.ts'
import { requireRoot } from './up/prepare-machine.ts'

/** Takes a worker out of its cluster and everything of it off the machine. */
export async function leave({ layout }: { layout: Layout }, machine: Machine): Promise<void> {
  requireRoot('leave')
  const config = await loadConfig(layout)
  if (config?.role === 'server') throw new Error('This machine is the server of its cluster, which it cannot leave; ./k8ts down --purge ends the cluster')
  await down({ layout, purge: true }, machine)
}
