import type { Logger } from 'pino'
import { systemClock as clock } from '../../host/clock.ts'
import { createConntrack } from '../../host/conntrack.ts'
import { createDummyLink } from '../../host/dummy-link.ts'
import { isMissingCommand, type Exec } from '../../host/exec.ts'
import { createIpset } from '../../host/ipset.ts'
import { createIptables } from '../../host/iptables.ts'
import { createIpvs } from '../../host/ipvs.ts'
import { createLocalAddresses } from '../../host/local-address.ts'
import { nftGeneration } from '../../host/netlink/nft-generation.ts'
import { createNft } from '../../host/nft.ts'
import { createSysctl } from '../../host/sysctl.ts'
import type { Backend, BackendOptions } from '../../proxy/backend.ts'
import { createIptablesBackend } from '../../proxy/iptables/backend.ts'
import { createIpvsBackend, ipvsLink, type IpvsOptions } from '../../proxy/ipvs/backend.ts'
import { createNftablesBackend } from '../../proxy/nftables/backend.ts'
import { createUserspaceBackend, removeListenerAddress } from '../../proxy/userspace/backend.ts'
import { createIptablesGuard, createNftGuard } from '../../proxy/userspace/guard.ts'
import type { ProxyModeSetting } from '../proxy-config.ts'

/** The proxy modes there are on this machine, put together; and how what each may have left is taken away. */
function modesOf(exec: Exec, log: Pick<Logger, 'warn'>, { ipvs, ...options }: ModeOptions) {
  const [nft, iptables] = [createNft({ exec, resident: true, generation: nftGeneration }), createIptables({ exec })]
  const userspaceTools = { addresses: createLocalAddresses({ exec }), conntrack: createConntrack({ exec }) }
  const guards = { nftables: createNftGuard(nft), iptables: createIptablesGuard(iptables) }
  const backends = { nftables: createNftablesBackend({ nft, ...options }), iptables: createIptablesBackend({ iptables, ...options }) }
  const ipvsBackend = createIpvsBackend({
    ipvs: createIpvs({ exec }), ipset: createIpset({ exec }), iptables, link: createDummyLink({ exec, name: ipvsLink }), sysctl: createSysctl(),
    conntrack: userspaceTools.conntrack, clock, ...ipvs, ...options,
  })
  const removals: Readonly<Record<Exclude<ProxyModeSetting, 'auto'>, () => Promise<void>>> = {
    nftables: () => backends.nftables.cleanup(),
    iptables: () => backends.iptables.cleanup(),
    ipvs: () => ipvsBackend.cleanup(),
    // Without the rules of the mode below, which may be the one to be used next.
    userspace: async () => {
      await removeListenerAddress(userspaceTools)
      for (const guard of Object.values(guards)) await guard.remove().catch(ignoreMissingTool)
    },
  }
  const userspaceOver = (kind: keyof typeof backends): Backend =>
    createUserspaceBackend({ inner: backends[kind], guard: guards[kind], ...userspaceTools, clock, log })
  return { backends, ipvsBackend, removals, userspaceOver }
}

interface ModeOptions extends BackendOptions { readonly ipvs?: Pick<IpvsOptions, 'scheduler' | 'strictARP'> }

export interface Choice {
  readonly backend: Backend
  /** Takes away what other modes may have left; for when the rules of this one stand, so that no connection finds none. */
  removeOthers(): Promise<void>
}

/** The backend of the mode that was asked for. Throws one sentence when the machine cannot do it. */
export async function chooseBackend(mode: ProxyModeSetting, { exec, log, ...options }: { exec: Exec; log: Logger } & ModeOptions): Promise<Choice> {
  const { backends, ipvsBackend, removals, userspaceOver } = modesOf(exec, log, options)
  if (mode === 'ipvs') {
    const noIpvs = await ipvsBackend.supported()
    if (noIpvs) throw new Error(`Cannot use proxy mode ipvs: ${noIpvs}`)
  }
  const noNftables = mode === 'iptables' || mode === 'ipvs' ? undefined : await backends.nftables.supported()
  if (mode === 'nftables' && noNftables) throw new Error(`Cannot use proxy mode nftables: ${noNftables}`)
  const kernel = mode === 'iptables' || noNftables ? 'iptables' : 'nftables'
  if (noNftables) log.warn({ why: noNftables }, 'Using iptables for Services, because nftables does not work here')
  const used = mode === 'userspace' ? ['userspace', kernel] : mode === 'ipvs' ? ['ipvs'] : [kernel]
  return {
    backend: mode === 'ipvs' ? ipvsBackend : mode === 'userspace' ? userspaceOver(kernel) : backends[kernel],
    async removeOthers() {
      for (const [other, remove] of Object.entries(removals)) {
        if (!used.includes(other)) await remove().catch((error: unknown) => log.debug({ err: error }, `Cannot look for rules of the ${other} mode`))
      }
    },
  }
}

/** Takes away what any mode may have left on this machine. */
export async function removeServiceRules(exec: Exec): Promise<void> {
  const { removals } = modesOf(exec, { warn: () => {} }, { clusterCIDRs: [], nodePortAddresses: [] })
  for (const remove of Object.values(removals)) await remove().catch(ignoreMissingTool)
}

/** Without the tool there are no rules of ours either. */
function ignoreMissingTool(error: unknown): void {
  const missing = isMissingCommand(error) || (error as { reason?: unknown } | null)?.reason === 'missing'
  if (!missing) throw error
}
