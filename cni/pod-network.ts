import { parseSubnet } from './addresses.ts'
import { renderConflist } from './conflist.ts'
import { defaults, parseConfig, type NetworkConfig } from './config.ts'
import type { CniHost } from './host.ts'
import { conflistPath, installCni, pluginType, uninstallCni, writeConflist, type CniPaths, type InstallOptions } from './install.ts'
import { applyOverlay, lookAtNode, lookAtOverlay, stepsOf } from './overlay/apply.ts'
import { choosePaths, type NodeView, type OverlayMode, type Path, type Peer } from './overlay/paths.ts'
import { planOverlay, podMtu } from './overlay/plan.ts'
import { vxlanDefaults, type VxlanOptions } from './overlay/vxlan-link.ts'
import { createPlugin, type CniPlugin } from './plugin.ts'
import { createSerial } from './serial.ts'
import { createCniServer } from './server.ts'

/** The pod network of one node, for the composition root: the plugin, its socket, its executable, its configuration. */
export interface PodNetwork {
  readonly plugin: CniPlugin
  /** Installs the executable and listens for it. Pods start once `setPodCIDRs` was called. */
  start(): Promise<void>
  /** Only listens, for the calls of a runtime that is to remove its pods: without anybody who does, each call starts a Node of its own. */
  listen(): Promise<void>
  /** The node's `spec.podCIDRs`: bridge and rules are made, then the runtime is told. Call again with every change. */
  setPodCIDRs(cidrs: readonly string[]): Promise<void>
  /** All other nodes: their pods are routed to them, or tunnelled; those of nodes that are gone no longer. Call it first, so that the MTU is right from the first pod. */
  setPeers(peers: readonly Peer[]): Promise<void>
  /**
   * Looks whether everything is as the last calls asked for, and mends what is not. All three reject when something
   * could not be done, having done all that could; the same call again is the remedy.
   */
  sync(): Promise<void>
  /** Stops listening. Pods stay connected, and the executable goes on by itself. */
  stop(): Promise<void>
  /** After `stop`: every link, rule, route, address and file of ours is gone. */
  cleanup(): Promise<void>
  /** Why no pod can be connected yet, or `undefined` when one can. The sentence of the node's `NetworkReady`. */
  ready(): string | undefined
}

export interface PodNetworkOptions extends CniPaths, InstallOptions {
  readonly host: CniHost
  /** Default `k8ts`. */
  readonly name?: string
  readonly bridge?: string
  readonly dataDir?: string
  /** Traffic to these leaves with the pod's own address. */
  readonly clusterCIDRs: readonly string[]
  /** How pods of other nodes are reached. Default `auto`. */
  readonly mode?: OverlayMode
  readonly vxlan?: Partial<VxlanOptions>
  /** Default: what fits the link of the default route and the ways to all peers, tunnels counted. */
  readonly mtu?: number
  /** Default: nftables where it works. */
  readonly rules?: 'nftables' | 'iptables'
}

export const createPodNetwork = (options: PodNetworkOptions): PodNetwork => {
  const { host, name = 'k8ts', bridge = defaults.bridge, dataDir = defaults.dataDir, clusterCIDRs, mode = 'auto' } = options
  const vxlan = { ...vxlanDefaults, ...options.vxlan }
  const plugin = createPlugin(host)
  const server = createCniServer({ socket: options.socket, handle: plugin.handle, files: host.files, logger: host.logger })
  const serial = createSerial()
  const asCIDRs = (texts: readonly string[]) => texts.flatMap(text => parseSubnet(text) ?? [])
  let subnets: readonly string[] = []
  let peers: readonly Peer[] = []
  let told = false
  let mtu: number | undefined
  let unreachable = ''

  const network = async () => {
    const rules = (await plugin.networks.writer({ rules: options.rules })).kind
    return { name, bridge, subnets, clusterCIDRs, mtu: options.mtu ?? mtu, dataDir, rules }
  }
  const config = async (): Promise<NetworkConfig> => {
    const list = JSON.parse(renderConflist({ ...await network(), type: pluginType })) as { plugins: [Record<string, unknown>] }
    return parseConfig({ ...list.plugins[0], cniVersion: '1.1.0', name })
  }

  /** Pods that are there keep theirs, and find out by themselves; so it is never raised again while we run, as peers come and go. */
  const fitMtu = (paths: readonly Path[], view: NodeView): void => {
    const fitting = podMtu(paths, view, mode)
    if (fitting !== undefined && (mtu === undefined || fitting < mtu)) mtu = fitting
  }
  const complain = (paths: readonly Path[]): void => {
    const problems = paths.flatMap(path => path.kind === 'none' ? [`${path.peer.name}: ${path.why}`] : []).join('; ')
    if (problems !== unreachable && problems !== '') host.logger.warn({ problems }, 'Cannot reach the pods of some nodes')
    unreachable = problems
  }
  const makeOverlay = async (paths: readonly Path[], view: NodeView): Promise<void> => {
    const { links } = plugin.networks
    const plan = planOverlay(paths, await lookAtOverlay(links, view), { own: asCIDRs(subnets), vxlan })
    if (stepsOf(plan) === 0) return
    await applyOverlay({ links, sysctl: host.sysctl }, plan)
    host.logger.info({ peers: peers.length, steps: stepsOf(plan) }, 'Made the way to the pods of other nodes')
  }

  const sync = async (): Promise<void> => {
    if (subnets.length === 0) return
    const view = await lookAtNode(plugin.networks.links)
    const paths = choosePaths(peers, view, { mode, own: asCIDRs(subnets), clusterCIDRs: asCIDRs(clusterCIDRs) })
    fitMtu(paths, view)
    complain(paths)
    await plugin.networks.mend(await config())
    try {
      await makeOverlay(paths, view)
    } finally {
      // A peer that cannot be reached is no reason to run no pods.
      const wrote = await writeConflist(host.files, options.confDir, await network())
      told = true
      if (wrote) host.logger.info({ path: conflistPath(options, name), subnets }, 'Wrote the network configuration')
    }
  }

  return {
    plugin,
    listen: () => server.listen(),
    async start() {
      await server.listen()
      await installCni(host.files, options)
    },
    setPodCIDRs: cidrs => serial.run('sync', () => {
      subnets = [...cidrs]
      if (subnets.length === 0) told = false
      return sync()
    }),
    setPeers: list => serial.run('sync', () => {
      peers = [...list]
      return sync()
    }),
    sync: () => serial.run('sync', sync),
    async stop() {
      await server.close()
    },
    cleanup: () => serial.run('sync', async () => {
      told = false
      await uninstallCni(host.files, options, name)
      const settings = await config()
      const store = await plugin.networks.state(settings)
      await makeOverlay([], await lookAtNode(plugin.networks.links))
      // A damaged state must not keep anybody from starting afresh: the bridge knows its ports too.
      const remembered = await store.read().then(({ attachments }) => attachments.map(({ veth }) => veth), () => [])
      const { links } = plugin.networks
      const index = (await links.get(bridge))?.index
      const ports = index === undefined ? [] : (await links.list()).filter(({ master }) => master === index).map((link) => link.name)
      for (const veth of new Set([...remembered, ...ports])) await links.delete(veth)
      await plugin.networks.links.delete(bridge)
      await (await plugin.networks.writer(settings)).cleanup(name)
      await store.remove()
      plugin.networks.reset()
      await plugin.close()
    }),
    ready: () => told ? undefined : 'cni plugin not initialized: the node has no pod CIDR yet',
  }
}
