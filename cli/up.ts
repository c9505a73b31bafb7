import type { Config } from './config.ts'
import { ensureDirectories } from './directories.ts'
import { checkWorkerKeys } from './certificates/check-worker-keys.ts'
import { ensureKeys } from './keys.ts'
import { paths, type Layout } from './layout.ts'
import { alone } from './lock.ts'
import type { Machine } from './machine.ts'
import { linkKubeconfig } from './up/link-kubeconfig.ts'
import { prepareMachine, programOf, requireRoot, type Preparation } from './up/prepare-machine.ts'
import { settle, type Asked } from './up/settle.ts'
import { startParts } from './up/start-parts.ts'

export interface UpOptions extends Preparation {
  readonly layout: Layout
  readonly asked: Asked
}

/**
 * From nothing to a Ready node; on a worker, back to what joining made. Every step looks first and changes only what is not right yet, so it
 * can be run at any time.
 */
export async function up(options: UpOptions, machine: Machine): Promise<void> {
  const { layout, asked, own } = options
  const { steps, clock } = machine
  requireRoot('up')
  await ensureDirectories(layout)
  await alone(layout, {}, async () => {
    await prepareMachine(options, machine)
    const config = await steps.step('Configuration', () => settle(layout, asked))
    await steps.step('Keys and certificates', () => (config.role === 'worker' ? checkWorkerKeys(config, clock) : ensureKeys(config, clock)))
    await startParts(config, machine, await programOf(machine))
    await tell(config, own, machine)
  })
}

async function tell(config: Config, own: boolean, { steps }: Machine): Promise<void> {
  if (config.role === 'worker') return steps.note(`\nThis worker of ${config.serverURL} is up after {elapsed}.\n`)
  const { kubeconfig } = paths(config)
  const linked = own && (await linkKubeconfig(kubeconfig))
  steps.note('\nThe cluster is up after {elapsed}. Try:\n')
  if (!linked) steps.note(`  export KUBECONFIG=${kubeconfig}`)
  steps.note('  kubectl get nodes -o wide\n  ./k8ts demo\n  ./k8ts status\n')
}
