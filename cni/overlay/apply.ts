import type { Links } from '../../host/links.ts'
import type { Sysctl } from '../../host/sysctl.ts'
import type { NodeView } from './paths.ts'
import type { OverlayPlan, OverlayWorld } from './plan.ts'
import { overlayFamilies, overlayLinkName } from './vxlan-link.ts'

/** What `choosePaths` looks at. */
export const lookAtNode = async (links: Links): Promise<NodeView> => {
  const [all, addresses, routes] = await Promise.all([links.list(), links.addresses(), links.routes()])
  return { links: all, addresses, routes }
}

/** … and `planOverlay` besides. */
export const lookAtOverlay = async (links: Links, view: NodeView): Promise<OverlayWorld> => {
  const names = overlayFamilies.map(overlayLinkName).filter(name => view.links.some(link => link.name === name))
  const [neighbours, forwarding] = await Promise.all([
    names.length === 0 ? [] : links.neighbours().then(all => all.filter(({ dev }) => names.includes(dev))),
    Promise.all(names.map(name => links.forwarding(name))),
  ])
  return { ...view, neighbours, forwarding: forwarding.flat() }
}

/**
 * Does what was planned. A step that fails does not keep the others from being done: one peer's trouble is not that of
 * all. Rejects in the end with what failed; whoever called looks and tries again.
 */
export const applyOverlay = async ({ links, sysctl }: { links: Links; sysctl: Pick<Sysctl, 'set'> }, plan: OverlayPlan): Promise<void> => {
  const failures: Error[] = []
  const each = async <T>(things: readonly T[], step: (thing: T) => Promise<unknown>): Promise<void> => {
    for (const thing of things) await step(thing).catch(error => failures.push(error as Error))
  }
  await each(plan.deleteRoutes, route => links.deleteRoute(route))
  await each(plan.deleteLinks, name => links.delete(name))
  await each(plan.addLinks, async link => {
    await links.addVxlan(link)
    // Loose: a peer may answer directly what came to it through the tunnel, and the other way about.
    await sysctl.set(`net/ipv4/conf/${link.name}/rp_filter`, 2)
  })
  await each(plan.setLinks, ({ name, mtu }) => links.set(name, { mtu, up: true }))
  await each(plan.addAddresses, ({ dev, cidr }) => links.addAddress(dev, cidr))
  await each(plan.deleteNeighbours, neighbour => links.deleteNeighbour(neighbour))
  await each(plan.deleteForwarding, entry => links.deleteForwarding(entry))
  await each(plan.setForwarding, entry => links.setForwarding(entry))
  await each(plan.setNeighbours, neighbour => links.setNeighbour(neighbour))
  await each(plan.setRoutes, route => links.setRoute(route))
  if (failures.length > 0) throw new Error(`Cannot make the way to the pods of other nodes: ${failures.map(({ message }) => message).join('; ')}`, { cause: failures[0] })
}

/** How many things there are to do. */
export const stepsOf = (plan: OverlayPlan): number => Object.values(plan).reduce((sum, things: readonly unknown[]) => sum + things.length, 0)
