import { Option, type Command } from 'commander'
import { ipvsSchedulers } from '../proxy/ipvs/schedulers.ts'
import { proxyModes } from './proxy-config.ts'

/** Names of kube-proxy, whose settings they are. */
export const withProxy = (command: Command): Command => command
  .addOption(new Option('--proxy-mode <mode>', 'how Services are programmed into the kernel').choices(proxyModes))
  .addOption(new Option('--ipvs-scheduler <scheduler>', 'in mode ipvs, how an endpoint is chosen; default rr').choices(ipvsSchedulers))
  .option('--ipvs-strict-arp', 'in mode ipvs, answer ARP for an address only on the link that has it')
  .option('--nodeport-addresses <networks>', 'answer node ports only at addresses of these networks, with commas between; or primary: only where others reach the node. Default: at all addresses but loopback',
    (text: string) => text.split(',').map((network) => network.trim()).filter(Boolean))
  .option('--proxy-sync-period <seconds>', 'how often to look whether somebody altered the rules of Services; default 30', Number)
  .option('--proxy-healthz-bind-address <address:port>', "where the proxy of each node answers /healthz and /livez; empty: nowhere. Default 0.0.0.0:10256, at all addresses")

export const askedProxy = (options: Record<string, unknown>): Record<string, unknown> => ({
  proxyMode: options.proxyMode, ipvsScheduler: options.ipvsScheduler, ipvsStrictARP: options.ipvsStrictArp,
  nodePortAddresses: options.nodeportAddresses, proxySyncPeriod: options.proxySyncPeriod, proxyHealthzBindAddress: options.proxyHealthzBindAddress,
})
