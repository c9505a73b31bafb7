import { decodeInput, decodeVersion, isLinkName, namePattern, parseConfig } from './config.ts'
import type { CniHost } from './host.ts'
import { createNetworks, type Networks } from './networks.ts'
import { createSerial } from './serial.ts'
import { CniError, code, supportedVersions, type CniRequest, type CniVersion, type Reply } from './spec.ts'
import { add, type Attach } from './verbs/add.ts'
import { check } from './verbs/check.ts'
import { del } from './verbs/del.ts'
import { gc } from './verbs/gc.ts'
import { status } from './verbs/status.ts'

/** The plugin: the same code behind the agent's socket and behind the stand-alone executable. */
export interface CniPlugin {
  /** Never rejects: what goes wrong is in the reply. Calls for one attachment run one after the other. */
  handle(request: CniRequest): Promise<Reply>
  readonly networks: Networks
  close(): Promise<void>
}

/** The versions that know a verb. */
const since: Readonly<Record<string, CniVersion>> = { CHECK: '0.4.0', GC: '1.1.0', STATUS: '1.1.0' }

export const createPlugin = (host: CniHost): CniPlugin => {
  const networks = createNetworks(host)
  const serial = createSerial()

  const perform = async (request: CniRequest, raw: Record<string, unknown>): Promise<string> => {
    const { command } = request
    const config = parseConfig(raw)
    const least = since[command]
    if (least && supportedVersions.indexOf(config.version) < supportedVersions.indexOf(least)) {
      throw new CniError(code.incompatibleVersion, `config version does not allow ${command}`, `${config.version} is older than ${least}`)
    }
    const attached = (work: (attach: Attach) => Promise<string | void>) => {
      const attach = parseAttach(request)
      return serial.run(`${config.name}/${attach.containerID}/${attach.ifname}`, async () => await work(attach) ?? '')
    }
    switch (command) {
      case 'ADD': return attached(attach => add(networks, config, attach))
      case 'DEL': return attached(attach => del(networks, config, attach))
      case 'CHECK': return attached(attach => check(networks, config, attach))
      case 'GC': await gc(networks, config); return ''
      case 'STATUS': await status(networks, config); return ''
      default: throw new CniError(code.invalidEnvironment, `unknown CNI_COMMAND: ${command}`)
    }
  }

  return {
    networks,
    async handle(request) {
      let version: CniVersion = '1.1.0'
      try {
        if (request.command === '') throw new CniError(code.invalidEnvironment, 'required env variables [CNI_COMMAND] missing')
        if (request.command === 'VERSION') return { exitCode: 0, output: versions(request.input) }
        const raw = decodeInput(request.input)
        version = decodeVersion(raw)
        return { exitCode: 0, output: await perform(request, raw) }
      } catch (error) {
        const known = error instanceof CniError ? error : new CniError(code.internal, error instanceof Error ? error.message : String(error))
        host.logger.warn({ err: error, command: request.command, containerID: request.containerID }, `Failed CNI ${request.command}`)
        return { exitCode: 1, output: JSON.stringify({ cniVersion: version, code: known.code, msg: known.message, ...(known.details && { details: known.details }) }) }
      }
    },
    close: () => networks.close(),
  }
}

/** VERSION answers whatever it is asked, and repeats the version that was asked in. */
const versions = (input: string): string => {
  let cniVersion = '1.1.0'
  try {
    const asked = decodeInput(input)['cniVersion']
    if (typeof asked === 'string' && /^\d+\.\d+\.\d+$/.test(asked)) cniVersion = asked
  } catch {
    // Someone who speaks no JSON of ours learns here which versions we speak all the same.
  }
  return JSON.stringify({ cniVersion, supportedVersions })
}

/** The environment of ADD, DEL and CHECK. DEL and CHECK of a container whose namespace is gone come without one. */
const parseAttach = ({ command, containerID, ifname, netns, args }: CniRequest): Attach => {
  const missing = [containerID === '' && 'CNI_CONTAINERID', ifname === '' && 'CNI_IFNAME', netns === '' && command !== 'DEL' && 'CNI_NETNS'].filter(Boolean)
  if (missing.length > 0) throw new CniError(code.invalidEnvironment, `required env variables [${missing.join(',')}] missing`)
  if (!namePattern.test(containerID) || containerID.length > 512) throw new CniError(code.invalidEnvironment, `invalid CNI_CONTAINERID ${JSON.stringify(containerID)}`)
  if (!isLinkName(ifname)) throw new CniError(code.invalidEnvironment, `invalid CNI_IFNAME ${JSON.stringify(ifname)}`)
  if (netns !== '' && (!netns.startsWith('/') || netns.includes('\0'))) throw new CniError(code.invalidEnvironment, `invalid CNI_NETNS ${JSON.stringify(netns)}: must be an absolute path`)
  const known = parseArgs(args)
  const [namespace, name] = [known.get('K8S_POD_NAMESPACE'), known.get('K8S_POD_NAME')]
  return { containerID, ifname, netns, pod: namespace !== undefined && name !== undefined ? `${namespace}/${name}` : undefined }
}

const knownArgs = new Set(['IgnoreUnknown', 'K8S_POD_NAMESPACE', 'K8S_POD_NAME', 'K8S_POD_INFRA_CONTAINER_ID', 'K8S_POD_UID'])

/** `A=1;B=2`. An unknown key is refused unless the caller says `IgnoreUnknown`. */
export const parseArgs = (args: string): Map<string, string> => {
  const pairs = new Map<string, string>()
  for (const pair of args === '' ? [] : args.split(';')) {
    const [key, value, ...more] = pair.split('=')
    if (!key || value === undefined || more.length > 0) throw new CniError(code.invalidEnvironment, `invalid CNI_ARGS pair ${JSON.stringify(pair)}`)
    pairs.set(key, value)
  }
  const ignore = /^(1|true|t)$/i.test(pairs.get('IgnoreUnknown') ?? '')
  const unknown = [...pairs.keys()].filter(key => !knownArgs.has(key))
  if (unknown.length > 0 && !ignore) throw new CniError(code.invalidEnvironment, `unknown CNI_ARGS ${JSON.stringify(unknown)}`)
  return pairs
}

