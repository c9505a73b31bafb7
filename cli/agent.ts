import { pino, type Logger } from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { createAgent } from '../agent/agent.ts'
import { criRuntime } from '../agent/runtime/cri.ts'
import { createClient } from '../api/client/create-client.ts'
import { httpsTransport } from '../api/client/https.ts'
import { createInformers } from '../api/client/informers.ts'
import { nodes } from '../api/kinds/core-v1/node.ts'
import { systemClock as clock } from '../host/clock.ts'
import { createExec } from '../host/exec.ts'
import { createMachine } from '../host/machine-linux.ts'
import { nodeIPs, everyAddress } from './addresses.ts'
import { podDns, startNodeDns } from './agent/dns.ts'
import { openNodeCertificates } from './agent/node-certificates.ts'
import { runAtOwnAddress, type Running } from './agent/run-at-own-address.ts'
import { startServiceProxy } from './agent/service-proxy.ts'
import { startPodNetwork } from './agent/start-pod-network.ts'
import { loadConfig, type Config } from './config.ts'
import { serveHealth } from './health.ts'
import { prepareKernel } from './install/kernel.ts'
import { apiServerURL } from './keys.ts'
import { paths, type Layout } from './layout.ts'
import { podNetworkOf } from './network.ts'
import { reviveNodes } from './nodes/nodes.ts'
import { untilSignal } from './signals.ts'

/** The node agent with the proxy, the DNS and the pod network in one process. Ends on SIGTERM and SIGINT; containers and rules stay. */
export async function runAgent(layout: Layout, home: string): Promise<void> {
  const config = await loadConfig(layout)
  if (!config) throw new Error(`There is no configuration in ${layout.dataDir}; run k8ts up first`)
  const log = pino({ level: process.env.K8TS_LOG ?? 'info', base: null })
  const exec = createExec()
  const { revived } = await reviveNodes(config, { exec, clock, home, node: process.execPath })
  revived.catch((error: unknown) => log.error({ err: error }, 'Start the other nodes of this machine: failed; run k8ts up'))
  await runAtOwnAddress(config, { exec, clock, log, signalled: untilSignal() }, (settled) => startAgent(settled, log, home))
}

async function startAgent(config: Config, log: Logger, home: string): Promise<Running> {
  const exec = createExec()
  const metrics = new Registry()
  // The default looks at the event loop a hundred times a second, which is all that an idle process would do.
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: 1000 })
  const ending = new AbortController()
  const deps = { clock, log, signal: ending.signal }
  const certificates = await openNodeCertificates(config, deps)
  // One for agent, proxy and DNS: a node may see what they look at.
  const transport = httpsTransport({ server: apiServerURL(config), credentials: certificates.credentials, clock })
  const client = createClient(transport, { userAgent: 'k8ts-agent' })
  const informers = createInformers(client, deps)

  // Not only `up` does it: after a reboot nothing else would.
  await prepareKernel(exec)
  const network = await startPodNetwork(config, { nodes: informers.of(nodes), network: podNetworkOf(config, { exec, home, log }), clock, log, signal: ending.signal })
  const runtime = criRuntime(paths(config).containerd.socket)
  const machine = createMachine({ directory: config.dataDir, exec, clock })
  const agent = createAgent({
    client, clock, log, runtime, metrics, network,
    machine, ...podDns(config),
    nodeName: config.nodeName, nodeIP: nodeIPs(config),
    rootDir: paths(config).agent, podLogsDir: config.podLogsDir, containerLogsDir: config.containerLogsDir,
    cgroupRoot: config.cgroupRoot, cgroupDriver: 'cgroupfs',
    serving: { host: everyAddress(config), port: config.kubeletPort, clientCA: certificates.ca, ...certificates.serving },
  })
  certificates.keep(client)
  const dns = startNodeDns(config, { client, informers, resolvConf: () => machine.facts.resolvConf(), clock, log, metrics, signal: ending.signal })
  const proxy = await startServiceProxy(config, { client, informers, exec, clock, log, metrics, signal: ending.signal })
  const closeHealth = await serveHealth(config.healthPort, { agent: agent.ready, proxy: proxy.ready }, { 'the container runtime': runtime.version })
  const stop = async () => {
    ending.abort()
    await Promise.all([proxy.stop(), dns.stop(), agent.stop(), closeHealth()])
    await network.stop()
    await informers.stop()
    runtime.close()
    transport.close()
  }
  return { ready: agent.ready, stop }
}
