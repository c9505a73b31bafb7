/**
 * The words of the CNI specification (https://www.cni.dev/docs/spec/): what a runtime asks, what it is told, and how
 * errors are numbered. One function is the waist of this room: `(request: CniRequest) => Promise<Reply>`.
 */
export const supportedVersions = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const
export type CniVersion = (typeof supportedVersions)[number]

/** One call of the executable: its environment and its standard input, as they came. */
export interface CniRequest {
  readonly command: string
  readonly containerID: string
  readonly netns: string
  readonly ifname: string
  readonly args: string
  readonly path: string
  /** The network configuration, JSON. */
  readonly input: string
}

/** What the executable prints on standard output, and its exit code. */
export interface Reply { readonly exitCode: number; readonly output: string }

export interface Interface { readonly name: string; readonly mac?: string; readonly mtu?: number; readonly sandbox?: string }
export interface IpConfig { readonly address: string; readonly gateway?: string; readonly interface?: number }
export interface RouteConfig { readonly dst: string; readonly gw?: string }

/** The result of ADD, in the shape of 1.1; `result.ts` writes it for older versions. */
export interface Result {
  readonly interfaces: readonly Interface[]
  readonly ips: readonly IpConfig[]
  readonly routes: readonly RouteConfig[]
  readonly dns: Readonly<Record<string, unknown>>
}

/** Up to 99 the specification's (8 is libcni's own), from 100 ours. */
export const code = {
  incompatibleVersion: 1,
  unsupportedField: 2,
  unknownContainer: 3,
  invalidEnvironment: 4,
  ioFailure: 5,
  decodingFailure: 6,
  invalidConfig: 7,
  invalidNetns: 8,
  tryAgainLater: 11,
  notAvailable: 50,
  limitedConnectivity: 51,
  exhausted: 100,
  alreadyAttached: 101,
  hostPortTaken: 102,
  checkFailed: 103,
  internal: 999,
} as const

/** The one error of this room; printed as `{code, msg, details}`. */
export class CniError extends Error {
  override readonly name = 'CniError'
  readonly code: number
  readonly details: string
  constructor(code: number, message: string, details = '') {
    super(message)
    this.code = code
    this.details = details
  }
}
