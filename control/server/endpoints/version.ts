import { valueResponse } from '../respond.ts'
import type { Endpoint } from './endpoints.ts'

/** The API level we speak, and that it is us who speak it. */
export const defaultVersion = 'v1.36.0+k8ts'

/** `/version`, in the shape of `version.Info`. */
export function version(gitVersion: string): Endpoint {
  const [, major = '1', minor = '0'] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? []
  const info = Object.freeze({
    major, minor, emulationMajor: major, emulationMinor: minor, minCompatibilityMajor: major, minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion, gitCommit: '', gitTreeState: 'clean', buildDate: '1970-01-01T00:00:00Z',
    goVersion: `node${process.versions.node}`, compiler: 'v8', platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  })
  return (context) => valueResponse(context, 200, info)
}
