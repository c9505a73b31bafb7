import type { Link, Links } from '../host/links.ts'
import { ensureBridge } from './bridge.ts'
import type { NetworkConfig } from './config.ts'
import type { CniHost } from './host.ts'
import type { Attachment, NetworkState } from './ipam.ts'
import { attachmentPorts, desiredRules } from './rules/desired-rules.ts'
import { createIptablesRules } from './rules/iptables-rules.ts'
import { createNftRules } from './rules/nft-rules.ts'
import type { RulesWriter } from './rules/rules.ts'
import { createSerial } from './serial.ts'
import { CniError, code } from './spec.ts'
import { openStateStore, type StateStore } from './state-store.ts'

/** The node's side of the networks, shared by all verbs: links, state, bridge and rules, each made once and remembered. */
export interface Networks {
  readonly host: CniHost
  readonly links: Links
  state(config: NetworkConfig): Promise<StateStore>
  writer(config: Pick<NetworkConfig, 'rules'>): Promise<RulesWriter>
  /** Bridge and rules as they shall be, and the bridge; cheap when they were so before. */
  ensure(config: NetworkConfig): Promise<Link>
  /** The same without trusting memory: what others altered behind our back is put right, what is right is left alone. */
  mend(config: NetworkConfig): Promise<void>
  /** Writes the rules anew; call it in an `update` of the state, so that the newest always wins. */
  applyRules(config: NetworkConfig, state: NetworkState): Promise<void>
  /** UDP flows that no longer lead, or do not lead yet, to this pod. */
  forgetFlows(attachment: Attachment): Promise<void>
  /** Forgets what was ensured: the next call looks again. */
  reset(): void
  close(): Promise<void>
}

export const createNetworks = (host: CniHost): Networks => {
  const links = host.openLinks()
  const serial = createSerial()
  const stores = new Map<string, Promise<StateStore>>()
  const ensured = new Map<string, { bridge: number; signature: string }>()
  const written = new Map<string, { rules: string; text: string }>()
  let found: Promise<RulesWriter> | undefined

  const state = (config: NetworkConfig): Promise<StateStore> => {
    const key = `${config.dataDir}/${config.name}`
    const known = stores.get(key) ?? openStateStore({ ...host, serial, dataDir: config.dataDir, network: config.name })
    stores.set(key, known)
    known.catch(() => stores.delete(key))
    return known
  }
  const writer: Networks['writer'] = async ({ rules }) => {
    if (rules === 'iptables') return createIptablesRules(host.iptables)
    if (rules === 'nftables') return createNftRules(host.nft)
    return found ??= host.nft.unsupported().then(why => why === undefined ? createNftRules(host.nft) : createIptablesRules(host.iptables))
  }
  const applyRules: Networks['applyRules'] = async (config, state) => (await writer(config)).apply(desiredRules(config, state))

  const ensure = async (config: NetworkConfig): Promise<Link> => {
    const signature = signatureOf(config)
    const before = ensured.get(config.name)
    const bridge = await links.get(config.bridge)
    if (bridge?.up && before?.signature === signature && before.bridge === bridge.index) return bridge
    const store = await state(config)
    const now = await store.read()
    await ensureBridge({ links, sysctl: host.sysctl, config, inUse: now.attachments.flatMap(attachment => attachment.addresses) })
    if (before?.signature !== signature) {
      await store.update(async state => {
        await applyRules(config, state)
        return { state, value: undefined }
      })
    }
    const made = await links.get(config.bridge)
    if (!made) throw new CniError(code.tryAgainLater, `bridge ${config.bridge} was removed while it was made`)
    ensured.set(config.name, { bridge: made.index, signature })
    return made
  }

  /** The kernel writes rules its own way; so what it says right after we wrote them is what it must say later. */
  const mendRules = async (config: NetworkConfig): Promise<void> => (await state(config)).update(async state => {
    const [by, rules, before] = [await writer(config), JSON.stringify(desiredRules(config, state)), written.get(config.name)]
    if (before?.rules !== rules || await by.text(config.name) !== before.text) {
      await applyRules(config, state)
      written.set(config.name, { rules, text: await by.text(config.name) })
    }
    return { state, value: undefined }
  })
  const mend = async (config: NetworkConfig): Promise<void> => {
    const now = await (await state(config)).read()
    await ensureBridge({ links, sysctl: host.sysctl, config, inUse: now.attachments.flatMap(attachment => attachment.addresses) })
    await mendRules(config)
    const bridge = await links.get(config.bridge)
    if (bridge) ensured.set(config.name, { bridge: bridge.index, signature: signatureOf(config) })
  }

  return {
    host, links, state, writer, applyRules,
    ensure: config => serial.run(`ensure ${config.name}`, () => ensure(config)),
    mend: config => serial.run(`ensure ${config.name}`, () => mend(config)),
    async forgetFlows(attachment) {
      for (const { protocol, hostPort, hostIP, address } of attachmentPorts(attachment)) {
        if (protocol !== 'udp') continue
        const family = address.includes(':') ? 'IPv6' : 'IPv4'
        await host.conntrack.deleteUdp({ port: hostPort, family, ...(hostIP !== undefined && { dst: hostIP }) })
          .catch(error => host.logger.warn({ err: error, hostPort }, 'Failed to forget UDP flows of a host port'))
      }
    },
    reset() {
      ensured.clear()
      written.clear()
    },
    async close() {
      links.close()
      for (const store of stores.values()) await (await store).close().catch(() => {}) // closed with its removal
    },
  }
}

const signatureOf = ({ bridge, mtu, subnets, ipMasq, clusterCIDRs, rules }: NetworkConfig): string =>
  JSON.stringify([bridge, mtu, subnets.map(subnet => subnet.cidr), ipMasq, clusterCIDRs.map(cidr => cidr.cidr), rules])
