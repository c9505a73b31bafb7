import { join } from 'node:path'
import type { Config } from '../config.ts'
import { prepareKernel } from '../install/kernel.ts'
import { handyPrograms, installHandy, installMissing, ipvsPrograms, missing, neededPrograms, type Needed } from '../install/packages.ts'
import type { Machine } from '../machine.ts'
import { ensurePrograms, removeOldPrograms } from '../programs.ts'

export interface Preparation {
  /** Install nothing; say what is missing. */
  readonly offline: boolean
  /** The machine's own cluster, not one in a directory of its own. */
  readonly own: boolean
}

/** Containers need Linux and root. Throws one sentence. */
export function requireRoot(command: string): void {
  if (process.platform !== 'linux') throw new Error(`k8ts runs containers and needs Linux; this is ${process.platform}`)
  if (process.getuid?.() !== 0) throw new Error(`k8ts ${command} needs root: it starts containers and writes kernel rules. Run it with sudo`)
}

/** What every member needs on its machine, server and worker alike: programs and kernel switches. */
export async function prepareMachine({ offline, own }: Preparation, machine: Machine): Promise<void> {
  const { exec, steps } = machine
  await steps.step('Programs', (say) => (offline ? refuseMissing(neededPrograms, machine) : installMissing(exec, neededPrograms, say)))
  if (own && !offline) await steps.step('Handy programs', (say) => installHandy(exec, handyPrograms, say))
  await steps.step('Kernel', () => prepareKernel(exec))
}

/** What the proxy mode needs beside that. */
export async function prepareProxyMode({ proxyMode }: Pick<Config, 'proxyMode'>, { offline }: Pick<Preparation, 'offline'>, machine: Machine): Promise<void> {
  if (proxyMode !== 'ipvs') return
  await machine.steps.step('Programs for IPVS', (say) => (offline ? refuseMissing(ipvsPrograms, machine) : installMissing(machine.exec, ipvsPrograms, say)))
}

async function refuseMissing(programs: readonly Needed[], { exec }: Machine): Promise<string> {
  const lacking = await missing(exec, programs)
  if (lacking.length) throw new Error(`Missing: ${lacking.map((program) => `${program.command} (package ${program.package})`).join(', ')}. Install them, or leave out --offline`)
  return 'all there'
}

/** What the parts run: the joined program; where it cannot be made (nobody may write here), the sources, which are slower. */
export async function programOf({ home, steps }: Machine): Promise<string> {
  let main = join(home, 'cli', 'main.ts')
  await steps.step('Program', async () => {
    try {
      const programs = await ensurePrograms(home)
      main = programs.main
      if (programs.made) await removeOldPrograms(home, main)
      return programs.made ? 'joined anew' : 'as it is'
    } catch (error) {
      return `from the sources, for joining them failed: ${error instanceof Error ? error.message : String(error)}`
    }
  })
  return main
}
