/**
 * `node test/bench/cluster.ts`: what a person with one machine sees. Brings a cluster up in a network namespace of its
 * own, measures it, and takes it away. Prints one line a figure with its aim; changes nothing outside.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startCluster } from '../../cli/embed/start-cluster.ts'
import { layoutUnder, paths } from '../../cli/layout.ts'
import { partNames } from '../../cli/parts.ts'
import { importImages } from '../lab/images.ts'
import { createUpLab, type UpLab } from '../lab/up-lab.ts'
import { lineOf, percentile, type Figure } from './report.ts'

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}
const show = (figure: Figure): void => console.log(lineOf(figure))

await embedded()
const lab = await createUpLab({ start: false })
try {
  await timeUp(lab)
  await memoryAndIdle(lab)
  await fromInside(lab)
} finally {
  await lab.close()
}

async function embedded(): Promise<void> {
  const times: number[] = []
  for (let run = 0; run < 5; run++) {
    times.push(await seconds(async () => { await using _cluster = await startCluster() }))
  }
  show({ name: 'startCluster() to ready and away again, median of 5', value: percentile(times, 0.5) * 1000, unit: 'ms', aim: { atMost: 500 } })
}

async function timeUp({ k8ts }: UpLab): Promise<void> {
  show({ name: 'up to Ready, everything installed, new cluster', value: await seconds(() => k8ts('up')), unit: 's', aim: { atMost: 5 } })
  show({ name: 'up again, nothing to do', value: await seconds(() => k8ts('up')), unit: 's' })
  await k8ts('down')
  show({ name: 'up to Ready, cluster made before', value: await seconds(() => k8ts('up')), unit: 's', aim: { atMost: 5 } })
}

async function memoryAndIdle({ directory, eventually }: UpLab): Promise<void> {
  const pids = new Map(await Promise.all(partNames.map(async (part) => {
    const file = join(paths(layoutUnder(join(directory, 'k8ts'))).pids, `k8ts-${part}.json`)
    return [part, (JSON.parse(await readFile(file, 'utf8')) as { pid: number }).pid] as const
  })))
  await eventually('the start being over', async () => (await cpuOver(pids, 3_000)) < 0.05)
  show({ name: 'idle CPU of server, agent and containerd', value: (await cpuOver(pids, 20_000)) * 100, unit: '% core', aim: { atMost: 1 } })
  const aims = { server: { atMost: 150 }, agent: { atMost: 120 } }
  for (const [part, pid] of pids) {
    const kib = Number(/^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1])
    show({ name: `resident memory of the ${part}, idle`, value: kib / 1024, unit: 'MiB', ...(part in aims && { aim: aims[part as keyof typeof aims] }) })
  }
}

/** Share of one core that the processes used together over a time. */
async function cpuOver(pids: ReadonlyMap<string, number>, ms: number): Promise<number> {
  const ticks = async () => {
    const stats = await Promise.all([...pids.values()].map((pid) => readFile(`/proc/${pid}/stat`, 'utf8')))
    return stats.reduce((sum, stat) => { const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); return sum + Number(fields[11]) + Number(fields[12]) }, 0)
  }
  const [before, begun] = [await ticks(), performance.now()]
  await new Promise((resolve) => setTimeout(resolve, ms))
  return ((await ticks()) - before) / 100 / ((performance.now() - begun) / 1000)
}

/** Figures measured by a client inside the node's network namespace. */
async function fromInside(lab: UpLab): Promise<void> {
  await importImages(lab)
  const { stdout } = await lab.node.exec.run(process.execPath, [fileURLToPath(new URL('./inside.ts', import.meta.url)), lab.kubeconfig], { timeoutMs: 300_000 })
  for (const figure of JSON.parse(stdout) as Figure[]) show(figure)
}
