import { clusterCIDRs } from './addresses.ts'
import { configDefaults, loadConfig, type Config } from './config.ts'
import { ensureDirectories } from './directories.ts'
import { checkWorkerKeys } from './certificates/check-worker-keys.ts'
import { ensureKeys } from './keys.ts'
import { paths, type Layout } from './layout.ts'
import { alone } from './lock.ts'
import type { Machine } from './machine.ts'
import { layCables, openWayOut } from './nodes/network.ts'
import { ensureNodes } from './nodes/nodes.ts'
import { nodesProblems, planNodes, usesNodesNetwork } from './nodes/plan.ts'
import { linkKubeconfig } from './up/link-kubeconfig.ts'
import { prepareMachine, prepareProxyMode, programOf, requireRoot, type Preparation } from './up/prepare-machine.ts'
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
    const config = await steps.step('Configuration', () => settleWithNodes(layout, asked, machine))
    await prepareProxyMode(config, options, machine)
    await steps.step('Keys and certificates', () => (config.role === 'worker' ? checkWorkerKeys(config, clock) : ensureKeys(config, clock)))
    await startParts(config, machine, await programOf(machine))
    if (config.role === 'server') await ensureNodes(config, machine)
    await tell(config, own, machine)
  })
}

/** With several nodes on this machine the first has its address from their network, which must be there before it is settled on. */
async function settleWithNodes(layout: Layout, asked: Asked, { exec }: Machine): Promise<Config> {
  const before = await loadConfig(layout)
  if (before?.role === 'worker' && asked.nodes !== undefined) throw new Error('This machine is a worker: several nodes on one machine are made on the server')
  const wanted = { ...configDefaults, nodeName: '', ...before, ...asked, ...layout }
  const wrong = nodesProblems(wanted)
  if (wrong.length) throw new Error(`Cannot set up this machine: ${wrong.join('; ')}`)
  const plan = planNodes(wanted)
  if (!usesNodesNetwork({ ...wanted, nodeIP: before?.nodeIP ?? '' })) return settle(layout, asked)
  await layCables(plan, exec)
  const config = await settle(layout, { ...(wanted.nodes > 1 && { nodeIP: plan.address }), ...asked })
  await openWayOut(plan, exec, clusterCIDRs(config))
  return config
}

async function tell(config: Config, own: boolean, { steps }: Machine): Promise<void> {
  if (config.role === 'worker') return steps.note(`\nThis worker of ${config.serverURL} is up after {elapsed}.\n`)
  const { kubeconfig } = paths(config)
  const linked = own && (await linkKubeconfig(kubeconfig))
  steps.note('\nThe cluster is up after {elapsed}. Try:\n')
  if (!linked) steps.note(`  export KUBECONFIG=${kubeconfig}`)
  steps.note('  kubectl get nodes -o wide\n  ./k8ts demo\n  ./k8ts status\n')
}
