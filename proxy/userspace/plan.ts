import type { Family, Route, Target } from '../table.ts'

/**
 * The ways into a route. Each has its own list of endpoints and therefore a listener of its own, even while two lists
 * happen to be equal: else a listener, and the UDP flows through it, would come and go with a pod on another node.
 */
export type Way = 'internal' | 'external' | 'insiders'

/** A socket that must be open. */
export interface WantedListener {
  /** The same for as long as the route and its way in are there, whatever their endpoints. */
  readonly key: string
  readonly route: Route
  readonly family: Family
  readonly protocol: 'TCP' | 'UDP'
  readonly targets: readonly Target[]
}

export const listenerKey = (route: Route, way: Way): string => `${route.id} ${way}`

/** What we can carry. For SCTP Node has no sockets. */
export const isCarried = (route: Route): route is Route & { readonly protocol: 'TCP' | 'UDP' } => route.protocol !== 'SCTP'

/** The listeners that a route needs: one for each way that somebody can come and that leads somewhere. */
export function listenersOf(route: Route): WantedListener[] {
  if (!isCarried(route)) return []
  const { family, protocol } = route
  return ways(route).filter((way) => route[way].length > 0)
    .map((way) => ({ key: listenerKey(route, way), route, family, protocol, targets: route[way] }))
}

function ways(route: Route): Way[] {
  const fromOutside = route.nodePort !== undefined || route.externalIPs.length + route.loadBalancerIPs.length > 0
  if (!fromOutside) return ['internal']
  // Under policy Cluster insiders are nobody apart.
  return route.masqueradeExternal ? ['internal', 'external'] : ['internal', 'external', 'insiders']
}

/**
 * The route as the kernel is to know it: each way leads to its listener alone. What leads nowhere stays as it was, refused
 * or dropped; affinity is ours. Routes that we cannot carry lead nowhere.
 */
export function redirect(route: Route, listenerAt: (key: string) => Target | undefined): Route {
  const lead = (way: Way): readonly Target[] => {
    const listener = listenerAt(listenerKey(route, way))
    return listener ? [listener] : []
  }
  const [internal, external] = [lead('internal'), lead('external')]
  const redirected = { ...route, internal, external, insiders: route.masqueradeExternal ? external : lead('insiders'), affinitySeconds: undefined }
  return isCarried(route) ? redirected : { ...redirected, dropInternal: false, dropExternal: false }
}
