import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Exec } from '../../host/exec.ts'

/** A network configuration list as a runtime reads it from `/etc/cni/net.d`. */
export interface NetworkList {
  readonly cniVersion: string
  readonly name: string
  readonly plugins: readonly ({ readonly type: string; readonly capabilities?: Readonly<Record<string, boolean>> } & Readonly<Record<string, unknown>>)[]
}

export interface Attachment {
  readonly id?: string
  readonly netns?: string
  readonly ifname?: string
  /** What the runtime knows; each plugin gets what its `capabilities` name. */
  readonly runtimeConfig?: Readonly<Record<string, unknown>>
}

/** Calls the plugins of a list as libcni does (CNI specification, section 4: Execution of Network Configurations). */
export interface Runner {
  /** In order, each with the result of the one before. Rejects with what a plugin said. */
  add(list: NetworkList, attachment: Attachment): Promise<Record<string, unknown>>
  /** Backwards, all with the last result. */
  del(list: NetworkList, attachment: Attachment, result: Record<string, unknown>): Promise<void>
  check(list: NetworkList, attachment: Attachment, result: Record<string, unknown>): Promise<void>
  /** One call of the first plugin, as it ends. */
  call(command: string, list: NetworkList, attachment: Attachment, more?: object): Promise<{ code: number; output: string }>
}

export const createRunner = (exec: Exec, binDirs: readonly string[]): Runner => {
  const run = async (command: string, list: NetworkList, plugin: NetworkList['plugins'][number], { id = '', netns = '', ifname = 'eth0', runtimeConfig = {} }: Attachment, more: object = {}) => {
    const { capabilities = {}, ...config } = plugin
    const known = Object.entries(runtimeConfig).filter(([name]) => capabilities[name])
    const path = binDirs.map(directory => join(directory, plugin.type)).find(path => existsSync(path))
    if (path === undefined) throw new Error(`No plugin ${plugin.type} in ${binDirs.join(', ')}`)
    const { stdout, code } = await exec.run(path, [], {
      input: JSON.stringify({ ...config, cniVersion: list.cniVersion, name: list.name, ...(known.length > 0 && { runtimeConfig: Object.fromEntries(known) }), ...more }),
      env: { CNI_COMMAND: command, CNI_CONTAINERID: id, CNI_NETNS: netns, CNI_IFNAME: ifname, CNI_PATH: binDirs.join(':'), CNI_ARGS: '' },
      okCodes: [0, 1], timeoutMs: 60_000,
    })
    return { code, output: stdout.trim() }
  }
  const must = async (...call: Parameters<typeof run>): Promise<string> => {
    const { code, output } = await run(...call)
    if (code !== 0) throw new Error(`${call[0]} of ${call[2].type}: ${output}`)
    return output
  }
  /** Since 0.4.0 DEL gets the result, too. */
  const withResult = (list: NetworkList, result: object): object => ['0.1.0', '0.2.0', '0.3.0', '0.3.1'].includes(list.cniVersion) ? {} : { prevResult: result }
  return {
    async add(list, attachment) {
      let result: Record<string, unknown> | undefined
      for (const plugin of list.plugins) result = JSON.parse(await must('ADD', list, plugin, attachment, result && { prevResult: result })) as Record<string, unknown>
      return result!
    },
    async del(list, attachment, result) {
      for (const plugin of [...list.plugins].reverse()) await must('DEL', list, plugin, attachment, withResult(list, result))
    },
    async check(list, attachment, result) {
      for (const plugin of list.plugins) await must('CHECK', list, plugin, attachment, { prevResult: result })
    },
    call: (command, list, attachment, more) => run(command, list, list.plugins[0]!, attachment, more),
  }
}
