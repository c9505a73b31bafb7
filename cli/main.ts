import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError, Option } from 'commander'
import { askedAuthentication, withAuthentication } from './authentication-flags.ts'
import type { Config } from './config.ts'
import { askedDns, withDns } from './dns-flags.ts'
import { parseToken, parseTtl, type TokenText } from './join/bootstrap-token.ts'
import { defaultLayout, layoutUnder, type Layout } from './layout.ts'
import { thisMachine } from './machine.ts'
import { askedPodNetwork, withPodNetwork } from './pod-network-flags.ts'
import { askedProxy, withProxy } from './proxy-flags.ts'

/**
 * The command line. Each command loads only what it needs: `k8ts status` should not wait for the API server's modules. The
 * background parts run from files joined elsewhere (programs.ts) and are told where the checkout is.
 */
const home = process.env.K8TS_HOME ?? dirname(dirname(fileURLToPath(import.meta.url)))
const print = (line: string): void => void process.stdout.write(`${line}\n`)

const program = new Command('k8ts').description('Kubernetes in TypeScript').showHelpAfterError('(see k8ts --help)')

const withLayout = (command: Command): Command => command
  .addOption(new Option('--root <directory>', 'keep everything of this cluster below one directory').conflicts(['dataDir', 'runDir', 'logDir']))
  .option('--data-dir <directory>', 'state', defaultLayout.dataDir)
  .option('--run-dir <directory>', 'sockets and pid files', defaultLayout.runDir)
  .option('--log-dir <directory>', 'logs of the parts', defaultLayout.logDir)
/** Absolute, since the services run somewhere else than the person who starts them. */
const layoutOf = ({ root, dataDir, runDir, logDir }: { root?: string } & Layout): Layout =>
  root ? layoutUnder(resolve(root)) : { dataDir: resolve(dataDir), runDir: resolve(runDir), logDir: resolve(logDir) }

const port = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 65_535) throw new InvalidArgumentError('must be a port, 1 to 65535')
  return value
}

const seconds = (text: string): number => {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('must be seconds, as a number')
  return Number(text)
}

const token = (text: string): TokenText => {
  const parsed = parseToken(text)
  // Not what was given: it may be nearly right, and this goes to logs.
  if (!parsed) throw new Error('The token must be like abcdef.0123456789abcdef')
  return parsed
}

const ttl = (text: string): number => {
  const parsed = parseTtl(text)
  if (parsed === undefined) throw new InvalidArgumentError('must be a time like 24h or 90m, or 0')
  return parsed
}

const list = (text: string): string[] => text.split(',').map((name) => name.trim()).filter(Boolean)

/** What every machine is asked that becomes a node. */
const withNode = (command: Command): Command => command
  .option('--node-name <name>', 'default: the host name')
  .option('--kubelet-port <port>', 'default 10250', port)
  .option('--health-port <port>', 'of the agent on loopback; default 10248', port)
  .option('--cgroup-root <group>', 'parent of the cgroups of pods; default /')
  .option('--pod-logs-dir <directory>', 'default /var/log/pods')
  .option('--offline', 'install nothing', false)

withNode(withProxy(withDns(withPodNetwork(withAuthentication(withLayout(program.command('up').description('make this machine a cluster, or mend the one it is; changes nothing that is right')))))))
  .option('--node-ip <addresses>', 'one, or one of each family with a comma between; default: those of the network card that others reach')
  .option('--nodes <number>', 'how many nodes on this machine, those beside the first in network namespaces; default 1', Number)
  .option('--node-network <network>', 'of several nodes on this machine; default 10.213.0.0/24')
  .option('--api-port <port>', 'default 6443', port)
  .option('--cluster-cidr <networks>', 'addresses of pods: one network, or one of each family with a comma between, the first being the primary; default 10.244.0.0/16')
  .option('--service-cidr <networks>', 'addresses of Services, likewise; default 10.96.0.0/16')
  .option('--node-cidr-mask-size-ipv4 <length>', "prefix length of a node's share of the addresses of pods; default 24", Number)
  .option('--node-cidr-mask-size-ipv6 <length>', 'default 64', Number)
  .option('--service-node-port-range <first-last>', 'default 30000-32767')
  .option('--enable-admission-plugins <names>', 'to run beside the standard ones, with commas between', list)
  .option('--disable-admission-plugins <names>', 'standard ones that are not to run', list)
  .action(async (options) => {
    const { up } = await import('./up.ts')
    const layout = layoutOf(options)
    await up({ layout, asked: askedFor(options), offline: options.offline, own: layout.dataDir === defaultLayout.dataDir }, thisMachine(home))
  })

withNode(withProxy(withPodNetwork(withLayout(program.command('join <server>').description('make this machine a worker of the cluster of a server, HOST or HOST:PORT, or mend the one it is; what is not said is as the server has it')))))
  .addOption(new Option('--token <token>', 'as ./k8ts token create prints it').env('K8TS_TOKEN').makeOptionMandatory())
  .option('--ca-hash <hashes>', 'sha256:… of the public key of the cluster\'s authority; with commas between', list, [])
  .option('--unsafe-skip-ca-verification', 'trust whoever has the token, where the hash is not known', false)
  .option('--wait <seconds>', 'how long to wait for a server that is not there yet', seconds, 0)
  .option('--node-ip <address>', 'default: the address of the network card that reaches the server')
  .option('--dns-port <port>', 'of the agent, UDP and TCP; default 10053', port)
  .action(async (server: string, options) => {
    const { join } = await import('./join.ts')
    const { parseServer } = await import('./join/discover.ts')
    const url = parseServer(server)
    if (!url) throw new Error(`${JSON.stringify(server)} is not a server; name it as HOST or HOST:PORT`)
    const wrong = options.caHash.find((hash: string) => !/^sha256:[0-9a-f]{64}$/.test(hash))
    if (wrong !== undefined) throw new Error(`--ca-hash ${JSON.stringify(wrong)} is not sha256: and 64 hexadecimal digits`)
    if (options.caHash.length === 0 && !options.unsafeSkipCaVerification) throw new Error('Name the hash of the cluster\'s authority with --ca-hash, as ./k8ts token create prints it; or say --unsafe-skip-ca-verification')
    const layout = layoutOf(options)
    await join({ layout, server: url, token: token(options.token), caHashes: options.caHash, waitSeconds: options.wait, asked: askedFor(options), offline: options.offline, own: layout.dataDir === defaultLayout.dataDir }, thisMachine(home))
  })

const tokens = program.command('token').description('with which other machines join the cluster of this one')
withLayout(tokens.command('create [token]').description('make one, and print the command that joins; a token of yours may be given, or - for the one in K8TS_TOKEN'))
  .option('--ttl <time>', 'how long it may be used: 24h, 90m, 7d; 0 for ever', ttl, 24 * 3600)
  .option('--description <text>', 'what it is for', '')
  .option('--print-join-command', 'for those used to kubeadm: the command is printed anyway')
  .option('--bare', 'print the token alone', false)
  .action(async (given: string | undefined, options) => {
    const { createToken } = await import('./token.ts')
    await createToken({ layout: layoutOf(options), token: given === undefined ? undefined : token(given === '-' ? process.env.K8TS_TOKEN ?? '' : given), ttl: options.ttl, description: options.description, bare: options.bare }, thisMachine(home), print)
  })
withLayout(tokens.command('list').description('those there are, without their secret halves'))
  .action(async (options) => {
    const { listTokens } = await import('./token.ts')
    await listTokens({ layout: layoutOf(options) }, thisMachine(home), print)
  })
withLayout(tokens.command('delete <token>').description('take one back, by its first half; nodes that joined with it stay'))
  .action(async (given: string, options) => {
    const { deleteToken } = await import('./token.ts')
    await deleteToken({ layout: layoutOf(options), token: given }, thisMachine(home), print)
  })

withLayout(program.command('leave').description('take this worker out of its cluster; everything of it goes'))
  .action(async (options) => {
    const { leave } = await import('./leave.ts')
    await leave({ layout: layoutOf(options) }, thisMachine(home))
  })

withLayout(program.command('down').description('stop the cluster; containers, links and rules go, state stays'))
  .option('--purge', 'remove all state too', false)
  .action(async (options) => {
    const { down } = await import('./down.ts')
    await down({ layout: layoutOf(options), purge: options.purge }, thisMachine(home))
  })

withLayout(program.command('status').description('how the parts and the node are'))
  .action(async (options) => {
    const { status } = await import('./status.ts')
    process.exitCode = await status({ layout: layoutOf(options) }, thisMachine(home), print)
  })

withLayout(program.command('logs [part]').description('logs of the server, the agent or containerd; default: all'))
  .option('-f, --follow', 'go on with what is written', false)
  .action(async (part: string | undefined, options) => {
    const { tailArguments } = await import('./status.ts')
    const tail = await thisMachine(home).exec.spawn('tail', await tailArguments(layoutOf(options), part, options.follow))
    tail.stdout?.pipe(process.stdout)
    tail.stderr?.pipe(process.stderr)
    process.exitCode = (await tail.exited).code ?? 0
  })

withLayout(program.command('demo').description('build a small image, run examples/web.yaml, and ask it six times'))
  .action(async (options) => {
    const { demo } = await import('./demo.ts')
    await demo({ layout: layoutOf(options) }, thisMachine(home), print)
  })

program.command('test [patterns...]').description('install what the tests need and run them, all or those whose path matches')
  .action(async (patterns: string[]) => {
    const { runTests } = await import('./test.ts')
    process.exitCode = await runTests({ ...thisMachine(home), only: patterns })
  })

withLayout(program.command('server').description('the control plane in the foreground'))
  .action(async (options) => {
    const { runServer } = await import('./server.ts')
    await runServer(layoutOf(options))
  })

withLayout(program.command('agent').description('the node agent with proxy and pod network in the foreground'))
  .action(async (options) => {
    const { runAgent } = await import('./agent.ts')
    await runAgent(layoutOf(options), home)
  })

function askedFor(options: Record<string, unknown>): Partial<Omit<Config, keyof Layout>> {
  const asked: Record<string, unknown> = {
    nodeName: options.nodeName, nodeIP: options.nodeIp, nodes: options.nodes, nodeNetwork: options.nodeNetwork, apiPort: options.apiPort, kubeletPort: options.kubeletPort, healthPort: options.healthPort, clusterCIDR: options.clusterCidr,
    serviceCIDR: options.serviceCidr, nodeCIDRMaskSizeIPv4: options.nodeCidrMaskSizeIpv4, nodeCIDRMaskSizeIPv6: options.nodeCidrMaskSizeIpv6, serviceNodePortRange: options.serviceNodePortRange, cgroupRoot: options.cgroupRoot, podLogsDir: options.podLogsDir,
    enableAdmissionPlugins: options.enableAdmissionPlugins, disableAdmissionPlugins: options.disableAdmissionPlugins,
    ...askedAuthentication(options), ...askedPodNetwork(options), ...askedDns(options), ...askedProxy(options),
    // Links to logs elsewhere would point collectors at pods that are not this machine's own.
    ...(options.podLogsDir !== undefined && { containerLogsDir: null }),
  }
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
}

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`k8ts: ${error instanceof Error ? error.message : String(error)}\n`)
  if (process.env.K8TS_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  process.exit(1) // A part that failed half way may have sockets and threads open that would keep it alive, useless.
}
