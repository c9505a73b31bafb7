import type { Files } from '../host/files.ts'
import { renderConflist, type ConflistOptions } from './conflist.ts'
import { renderExecutable, type ExecutableLanguage, type ExecutableOptions } from './executable.ts'
import { loopbackExecutable } from './loopback.ts'

/** Where the runtime looks for plugins and networks. */
export interface CniPaths {
  /** `/opt/cni/bin` */
  readonly binDir: string
  /** `/etc/cni/net.d` */
  readonly confDir: string
}

export interface InstallOptions extends ExecutableOptions, Pick<CniPaths, 'binDir'> {
  /** Default: Perl where it is. */
  readonly language?: ExecutableLanguage
}

/** The name of the executable, and the `type` in network configurations. */
export const pluginType = 'k8ts'

export const loopbackPath = ({ binDir }: Pick<CniPaths, 'binDir'>): string => `${binDir}/loopback`
export const executablePath = ({ binDir }: Pick<CniPaths, 'binDir'>): string => `${binDir}/${pluginType}`
export const conflistPath = ({ confDir }: Pick<CniPaths, 'confDir'>, name: string): string => `${confDir}/10-${name}.conflist`

/** Installs the executables; true when ours was not so already. */
export const installCni = async (files: Files, options: InstallOptions): Promise<boolean> => {
  await files.ensureDir(options.binDir, 0o755)
  await files.writeIfChanged(loopbackPath(options), loopbackExecutable, { mode: 0o755 })
  const language = options.language ?? (await files.exists('/usr/bin/perl') ? 'perl' : 'shell')
  return files.writeIfChanged(executablePath(options), renderExecutable(language, options), { mode: 0o755 })
}

/** Writes the network, which tells the runtime that pods may start. The executable must be there before. */
export const writeConflist = async (files: Files, confDir: string, options: Omit<ConflistOptions, 'type'>): Promise<boolean> => {
  await files.ensureDir(confDir, 0o755)
  return files.writeIfChanged(conflistPath({ confDir }, options.name), renderConflist({ ...options, type: pluginType }), { mode: 0o644 })
}

/** Both gone; absence is fine. */
export const uninstallCni = async (files: Files, paths: CniPaths, name: string): Promise<void> => {
  await files.removeIfExists(conflistPath(paths, name))
  await files.removeIfExists(executablePath(paths))
  await files.removeIfExists(loopbackPath(paths))
}
