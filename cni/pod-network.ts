import type { Links } from '../host/links.ts'
import { conflistPath, installCni, pluginType, uninstallCni, writeConflist, type CniPaths, type InstallOptions } from './install.ts'
import { renderConflist } from './conflist.ts'
import { defaults, parseConfig, type NetworkConfig } from './config.ts'
import type { CniHost } from './host.ts'
import { planPeerRoutes, type Peer } from './peer-routes.ts'
import { createPlugin, type CniPlugin } from './plugin.ts'
import { createSerial } from './serial.ts'
import { createCniServer } from './server.ts'

/** The pod network of one node, for the composition root: the plugin, its socket, its executable, its configuration. */
export interface PodNetwork {
  readonly plugin: CniPlugin
  /** Installs the executable and listens for it. Pods start once `setPodCIDRs` was called. */
  start(): Promise<void>
  /** The node's `spec.podCIDRs`: bridge and rules are made, then the runtime is told. Call again with every change. */
  setPodCIDRs(cidrs: readonly string[]): Promise<void>
  /** All other nodes: their pods are routed through them, those of nodes that are gone no longer. Nodes share a network (no tunnel). */
  setPeers(peers: readonly Peer[]): Promise<void>
  /** Stops listening. Pods stay connected, and the executable goes on by itself. */
  stop(): Promise<void>
  /** After `stop`: every link, rule, address and file of ours is gone. */
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
  /** Default: that of the link of the default route, so that no packet of a pod is too long for the way out. */
  readonly mtu?: number
  /** Default: nftables where it works. */
  readonly rules?: 'nftables' | 'iptables'
}

export const createPodNetwork = (options: PodNetworkOptions): PodNetwork => {
  const { host, name = 'k8ts', bridge = defaults.bridge, dataDir = defaults.dataDir, clusterCIDRs } = options
  const plugin = createPlugin(host)
  const server = createCniServer({ socket: options.socket, handle: plugin.handle, files: host.files, logger: host.logger })
  let subnets: readonly string[] = []
  let told = false
  const serial = createSerial()

  const network = async () => {
    const rules = (await plugin.networks.writer({ rules: options.rules })).kind
    const mtu = options.mtu ?? await uplinkMtu(plugin.networks.links)
    return { name, bridge, subnets, clusterCIDRs, mtu, dataDir, rules }
  }
  const config = async (): Promise<NetworkConfig> => {
    const list = JSON.parse(renderConflist({ ...await network(), type: pluginType })) as { plugins: [Record<string, unknown>] }
    return parseConfig({ ...list.plugins[0], cniVersion: '1.1.0', name })
  }

  const setPeers = async (peers: readonly Peer[]): Promise<void> => {
    const { links } = plugin.networks
    const { set, remove } = planPeerRoutes(peers, await links.routes(), (await config()).clusterCIDRs)
    for (const route of remove) await links.deleteRoute(route)
    for (const route of set) {
      await links.setRoute(route).catch(error => host.logger.warn({ err: error, route }, 'Failed to set the route to the pods of a node'))
    }
  }

  return {
    plugin,
    async start() {
      await server.listen()
      await installCni(host.files, options)
    },
    async setPodCIDRs(cidrs) {
      if (told && cidrs.join() === subnets.join()) return
      subnets = [...cidrs]
      if (subnets.length === 0) {
        told = false
        return
      }
      await plugin.networks.ensure(await config())
      const wrote = await writeConflist(host.files, options.confDir, await network())
      told = true
      if (wrote) host.logger.info({ path: conflistPath(options, name), subnets }, 'Wrote the network configuration')
    },
    setPeers: peers => serial.run('peers', () => setPeers(peers)),
    async stop() {
      await server.close()
    },
    async cleanup() {
      told = false
      await uninstallCni(host.files, options, name)
      const settings = await config()
      const store = await plugin.networks.state(settings)
      await setPeers([])
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
    },
    ready: () => told ? undefined : 'cni plugin not initialized: the node has no pod CIDR yet',
  }
}

const uplinkMtu = async (links: Links): Promise<number | undefined> => {
  const [route] = (await links.routes()).filter(({ to }) => to === 'default').sort((a, b) => (a.metric ?? 0) - (b.metric ?? 0))
  return route?.dev === undefined ? undefined : (await links.get(route.dev))?.mtu
}
