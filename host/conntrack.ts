import { ExecError, type Exec } from './exec.ts'

/**
 * The kernel's memory of connections. A UDP "connection" to a Service lives as long as packets come, and keeps going to
 * the endpoint it was first sent to: whoever takes an endpoint away must delete its entries.
 */
export interface Conntrack {
  /** Deletes the UDP entries that match all that is given; the number deleted. At least one field is needed. */
  deleteUdp(match: FlowMatch): Promise<number>
  /** The UDP entries of one family that were translated, or wait for an answer: where each was sent, and where it really went. */
  listUdp(family: 'IPv4' | 'IPv6'): Promise<FlowMatch[]>
  /** The same for another protocol. */
  delete(protocol: 'tcp' | 'udp' | 'sctp', match: FlowMatch): Promise<number>
}

export interface FlowMatch {
  /** Where the client sent it: a cluster IP, an external IP. */
  readonly dst?: string
  /** The port the client sent it to: a service port or node port. */
  readonly port?: number
  /** Where it was really sent: the endpoint's address, after DNAT; `dst` itself where there was none. */
  readonly endpoint?: string
  /** The endpoint's port. */
  readonly endpointPort?: number
  /** Needed only where no address tells it. Default `IPv4`. */
  readonly family?: 'IPv4' | 'IPv6'
}

/** `missing`: the tool is not installed. `refused`: anything else. */
export class ConntrackError extends Error {
  override readonly name = 'ConntrackError'
  readonly reason: 'missing' | 'refused'
  constructor(reason: 'missing' | 'refused', message: string) {
    super(message)
    this.reason = reason
  }
}

/** The arguments of `conntrack` for one deletion. */
export const conntrackArgs = (protocol: string, match: FlowMatch): string[] => {
  if (match.dst === undefined && match.port === undefined && match.endpoint === undefined) {
    throw new ConntrackError('refused', 'conntrack: refusing to delete every entry; name an address or a port')
  }
  const v6 = match.family === 'IPv6' || (match.dst ?? match.endpoint ?? '').includes(':')
  return [
    '-D', '-p', protocol, ...(v6 ? ['-f', 'ipv6'] : []),
    ...(match.dst === undefined ? [] : ['--orig-dst', match.dst]),
    ...(match.port === undefined ? [] : ['--orig-port-dst', String(match.port)]),
    // Not `--dst-nat`, which says the same of IPv4 alone: of IPv6 it matches whatever was translated.
    ...(match.endpoint === undefined ? [] : ['--reply-src', match.endpoint]),
    ...(match.endpointPort === undefined ? [] : ['--reply-port-src', String(match.endpointPort)]),
  ]
}

export const createConntrack = ({ exec }: { exec: Exec }): Conntrack => {
  const remove: Conntrack['delete'] = async (protocol, match) => {
    const args = conntrackArgs(protocol, match)
    try {
      const { stderr } = await exec.run('conntrack', args, { timeoutMs: 30_000 })
      return deleted(stderr)
    } catch (error) {
      if (!(error instanceof ExecError)) throw error
      if (error.reason === 'missing') throw new ConntrackError('missing', error.message)
      if (/\b0 flow entries have been deleted/.test(error.stderr)) return 0
      throw new ConntrackError('refused', error.message)
    }
  }
  const listUdp: Conntrack['listUdp'] = async family => {
    try {
      const { stdout } = await exec.run('conntrack', ['-L', '-p', 'udp', '-f', family === 'IPv6' ? 'ipv6' : 'ipv4'], { timeoutMs: 30_000 })
      return stdout.split('\n').flatMap(line => entryOf(line, family) ?? [])
    } catch (error) {
      if (error instanceof ExecError) throw new ConntrackError(error.reason === 'missing' ? 'missing' : 'refused', error.message)
      throw error
    }
  }
  return { delete: remove, deleteUdp: match => remove('udp', match), listUdp }
}

const deleted = (stderr: string): number => Number(/(\d+) flow entries have been deleted/.exec(stderr)?.[1] ?? 0)

/** `udp 17 29 src=CLIENT dst=SERVICE sport=… dport=PORT [UNREPLIED] src=ENDPOINT dst=… sport=ENDPOINT-PORT dport=…` */
const entryOf = (line: string, family: 'IPv4' | 'IPv6'): FlowMatch | undefined => {
  const [, dst, port, endpoint, endpointPort] = /\bdst=(\S+) sport=\d+ dport=(\d+) .*?\bsrc=(\S+) dst=\S+ sport=(\d+)/.exec(line) ?? []
  return dst === undefined || endpoint === undefined ? undefined : { dst, port: Number(port), endpoint, endpointPort: Number(endpointPort), family }
}
