import { familyOf } from './addresses.ts'
import { CniError, code, type CniVersion, type Interface, type IpConfig, type Result, type RouteConfig } from './spec.ts'

/** The result in the shape of the version asked for: before 1.0 every address names its family, since 1.1 links tell their MTU. */
export const encodeResult = (result: Result, version: CniVersion): string => {
  const old = version.startsWith('0.')
  return JSON.stringify({
    cniVersion: version,
    interfaces: result.interfaces.map(({ mtu, ...link }) => ({ ...link, ...(version === '1.1.0' && mtu !== undefined && { mtu }) })),
    ips: result.ips.map(ip => ({ ...(old && { version: familyOf(ip.address) === 'IPv4' ? '4' : '6' }), ...ip })),
    routes: result.routes,
    dns: result.dns,
  })
}

/** `prevResult` of any version as a `Result`; `undefined` when there is none. */
export const decodeResult = (value: unknown): Result | undefined => {
  if (value === undefined || value === null) return undefined
  const { interfaces = [], ips = [], routes = [], dns = {} } = value as Partial<Record<keyof Result, unknown>>
  if (!isList(interfaces) || !isList(ips) || !isList(routes) || typeof dns !== 'object') {
    throw new CniError(code.decodingFailure, 'prevResult is not a CNI result', JSON.stringify(value).slice(0, 500))
  }
  return {
    interfaces: interfaces as unknown as Interface[],
    ips: ips.map(({ version: _, ...ip }) => ip as unknown as IpConfig),
    routes: routes as unknown as RouteConfig[],
    dns: (dns ?? {}) as Result['dns'],
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
