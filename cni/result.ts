import { familyOf, type Family } from './addresses.ts'
import { CniError, code, type CniVersion, type Interface, type IpConfig, type Result, type RouteConfig } from './spec.ts'

/**
 * The result in the shape of the version asked for. Up to 0.2.0 it is one address of each family and no links; before
 * 1.0 every address names its family; since 1.1 links tell their MTU.
 */
export const encodeResult = (result: Result, version: CniVersion): string => {
  if (version === '0.1.0' || version === '0.2.0') return encodeOldest(result, version)
  const old = version.startsWith('0.')
  return JSON.stringify({
    cniVersion: version,
    interfaces: result.interfaces.map(({ mtu, ...link }) => ({ ...link, ...(version === '1.1.0' && mtu !== undefined && { mtu }) })),
    ips: result.ips.map(ip => ({ ...(old && { version: familyOf(ip.address) === 'IPv4' ? '4' : '6' }), ...ip })),
    routes: result.routes,
    dns: result.dns,
  })
}

/** What an address of a family has: `ip4` and `ip6` of the specification up to 0.2.0. */
interface OldestAddress { readonly ip: string; readonly gateway?: string; readonly routes?: readonly RouteConfig[] }

const encodeOldest = ({ ips, routes, dns }: Result, cniVersion: CniVersion): string => {
  const of = (family: Family): OldestAddress | undefined => {
    const first = ips.find(({ address }) => familyOf(address) === family)
    return first && {
      ip: first.address, ...(first.gateway !== undefined && { gateway: first.gateway }),
      routes: routes.filter(({ dst }) => familyOf(dst) === family).map(({ dst, gw }) => ({ dst, ...(gw !== undefined && { gw }) })),
    }
  }
  const [ip4, ip6] = [of('IPv4'), of('IPv6')]
  return JSON.stringify({ cniVersion, ...(ip4 && { ip4 }), ...(ip6 && { ip6 }), dns })
}

/** `prevResult` of any version as a `Result`; `undefined` when there is none. */
export const decodeResult = (value: unknown): Result | undefined => {
  if (value === undefined || value === null) return undefined
  const refuse = (): never => { throw new CniError(code.decodingFailure, 'prevResult is not a CNI result', JSON.stringify(value).slice(0, 500)) }
  if (typeof value !== 'object' || Array.isArray(value)) return refuse()
  const { interfaces, ips, routes, dns, ip4, ip6 } = value as Record<string, unknown>
  const oldest = [ip4, ip6].filter(address => address !== undefined && address !== null)
  if (oldest.length > 0) return decodeOldest(oldest) ?? refuse()
  // Go writes an empty list as null.
  if (!isList(interfaces ?? []) || !isList(ips ?? []) || !isList(routes ?? []) || typeof (dns ?? {}) !== 'object') return refuse()
  const known = (ips ?? []) as Record<string, unknown>[]
  if (known.some(({ address }) => typeof address !== 'string')) return refuse()
  return {
    interfaces: (interfaces ?? []) as Interface[],
    ips: known.map(({ version: _, ...ip }) => ip as unknown as IpConfig),
    routes: (routes ?? []) as RouteConfig[],
    dns: (dns ?? {}) as Result['dns'],
  }
}

const decodeOldest = (addresses: readonly unknown[]): Result | undefined => {
  const known = addresses as readonly (Partial<OldestAddress> | string)[]
  if (!known.every((address): address is OldestAddress => typeof address === 'object' && typeof address.ip === 'string' && isList(address.routes ?? []))) return undefined
  return {
    interfaces: [],
    ips: known.map(({ ip, gateway }) => ({ address: ip, ...(gateway !== undefined && { gateway }) })),
    routes: known.flatMap(({ routes }) => routes ?? []),
    dns: {},
  }
}

const isList = (value: unknown): value is Record<string, unknown>[] =>
  Array.isArray(value) && value.every(entry => typeof entry === 'object' && entry !== null)

/** Ours behind what the plugin before us made; our interface numbers move up. */
export const appendResult = (before: Result | undefined, ours: Result): Result => before === undefined ? ours : {
  interfaces: [...before.interfaces, ...ours.interfaces],
  ips: [...before.ips, ...ours.ips.map(ip => ({ ...ip, ...(ip.interface !== undefined && { interface: ip.interface + before.interfaces.length }) }))],
  routes: [...before.routes, ...ours.routes],
  dns: { ...before.dns, ...ours.dns },
}
