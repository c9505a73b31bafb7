import type { Logger } from 'pino'
import type { Informer } from '../../api/client/informer.ts'
import type { Node } from '../../api/types/core-v1/node.ts'
import type { Peer } from '../../cni/overlay/paths.ts'
import type { PodNetwork } from '../../cni/pod-network.ts'
import type { Clock } from '../../host/clock.ts'

export interface FollowOptions {
  /** Of all nodes. */
  readonly nodes: Pick<Informer<Node>, 'on' | 'list' | 'synced'>
  readonly network: Pick<PodNetwork, 'setPodCIDRs' | 'setPeers' | 'sync'>
  readonly nodeName: string
  readonly clock: Clock
  readonly log: Pick<Logger, 'error'>
  /** Ends it. */
  readonly signal: AbortSignal
}

/** How often it is looked whether all is still as it was made. */
export const syncPeriodMs = 30_000
const firstRetryMs = 500

/**
 * Keeps the pod network equal to the Node objects: this node's share, and the way to all others. One update at a time;
 * one that fails is tried again, ever more slowly; and when nothing happens it is looked after every 30 s, since others
 * have hands on routes too. Resolves when the signal has ended it.
 */
export async function followNodes({ nodes, network, nodeName, clock, log, signal }: FollowOptions): Promise<void> {
  let wake = () => {}
  signal.addEventListener('abort', () => wake(), { once: true })
  // Before all are known, those not seen yet would be taken for gone.
  await Promise.race([nodes.synced, new Promise<void>(resolve => { wake = resolve })])
  if (signal.aborted) return
  const changed = () => wake()
  const stopWatching = nodes.on({ add: changed, update: changed, delete: changed })
  let tried = ''
  let done = ''
  let retryMs = firstRetryMs
  let dueAt = 0
  while (!signal.aborted) {
    const share = shareOf(nodes.list(), nodeName)
    const wanted = JSON.stringify(share)
    if (wanted !== tried || clock.now() >= dueAt) {
      const failure = await apply(network, share, wanted === done)
      if (failure) log.error({ err: failure, retryMs }, 'Cannot set up the pod network')
      tried = wanted
      done = failure ? '' : wanted
      dueAt = clock.now() + (failure ? retryMs : syncPeriodMs)
      retryMs = failure ? Math.min(retryMs * 2, syncPeriodMs) : firstRetryMs
      continue // What came meanwhile woke nobody.
    }
    await new Promise<void>(resolve => {
      const cancel = clock.after(Math.max(0, dueAt - clock.now()), resolve, { unref: true })
      wake = () => { cancel(); resolve() }
    })
  }
  stopWatching()
}

interface Share { readonly podCIDRs: readonly string[]; readonly peers: readonly Peer[] }

/** What the Node objects say, in an order of its own, so that nothing but a change of content counts. */
function shareOf(nodes: readonly Node[], nodeName: string): Share {
  const own = nodes.find(node => node.metadata.name === nodeName)
  const peers = nodes.filter(node => node !== own).map(peerOf).filter(({ podCIDRs }) => podCIDRs.length > 0)
  return { podCIDRs: own ? podCIDRsOf(own) : [], peers: peers.sort((a, b) => a.name < b.name ? -1 : 1) }
}

const peerOf = (node: Node): Peer => ({
  name: node.metadata.name, podCIDRs: podCIDRsOf(node),
  addresses: (node.status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
})

const podCIDRsOf = ({ spec }: Node): string[] => spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : [])

/** The first failure, all having been tried: a peer's trouble does not keep this node's pods from running. */
async function apply(network: FollowOptions['network'], { podCIDRs, peers }: Share, same: boolean): Promise<Error | undefined> {
  const steps = same ? [network.sync()] : [network.setPeers(peers), network.setPodCIDRs(podCIDRs)]
  const failed = (await Promise.allSettled(steps)).find(outcome => outcome.status === 'rejected')
  return failed && (failed.reason instanceof Error ? failed.reason : new Error(String(failed.reason)))
}
