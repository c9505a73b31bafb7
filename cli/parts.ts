import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readIfExists } from '../host/files.ts'
import type { Config } from './config.ts'
import { paths } from './layout.ts'
import type { Service } from './services/services.ts'

export type PartName = 'containerd' | 'server' | 'agent'

/** The background services of a member, in the order in which they start. */
export const partNames = ['containerd', 'server', 'agent'] as const satisfies readonly PartName[]

/** Those that this member has. */
export const partsOf = ({ role }: Pick<Config, 'role'>): readonly PartName[] => (role === 'worker' ? partNames.filter((part) => part !== 'server') : partNames)

export const logFileOf = (config: Pick<Config, 'logDir'>, part: PartName): string => join(config.logDir, `${part}.log`)

/** What the parts read when they start, as one short text each: when it differs, they must be started again. */
export async function readsOf(config: Config): Promise<Record<PartName, string>> {
  const { pki, containerd } = paths(config)
  const names = (await readdir(pki)).filter((name) => /\.(crt|key|pub)$/.test(name)).sort()
  const keys = await Promise.all(names.map((name) => readFile(join(pki, name), 'utf8')))
  // An address that the agent finds out by itself is none that it reads.
  const { nodeIP, ...settings } = config
  const ours = digest(JSON.stringify(Object.entries(config.role === 'worker' && !config.fixedNodeIP ? settings : { ...settings, nodeIP }).sort()), ...keys)
  return { containerd: digest((await readIfExists(containerd.config)) ?? ''), server: ours, agent: ours }
}

const digest = (...texts: string[]): string => createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 16)

/** The services of this member. `home` is the checkout, `node` the Node to run it with, `main` the program it runs. */
export function servicesOf(config: Config, reads: Readonly<Record<PartName, string>>, { home, node, path, main }: { home: string; node: string; path: string; main: string }): Record<PartName, Service> {
  const k8ts = (part: 'server' | 'agent') => [node, ...memory[part], main, part, '--data-dir', config.dataDir, '--run-dir', config.runDir, '--log-dir', config.logDir]
  const environment = { PATH: path, NODE_COMPILE_CACHE: join(home, '.runtime', 'compile-cache'), K8TS_HOME: home }
  const service = (part: PartName, description: string, command: string[], more: Partial<Service> = {}): Service =>
    ({ name: `k8ts-${part}`, description, command, environment, after: [], keepsChildren: false, logFile: logFileOf(config, part), directories: [config.runDir], reads: reads[part], ...more })
  return {
    containerd: service('containerd', 'k8ts container runtime', ['containerd', '--config', paths(config).containerd.config], { environment: { PATH: path }, keepsChildren: true }),
    server: service('server', 'k8ts control plane', k8ts('server')),
    agent: service('agent', 'k8ts node agent', k8ts('agent'), { after: ['k8ts-containerd'], keepsChildren: true }),
  }
}

/** V8 otherwise lets the heap grow to gigabytes before it looks for what can be freed. */
const memory = {
  server: ['--max-semi-space-size=4'],
  agent: ['--max-semi-space-size=2'],
}
