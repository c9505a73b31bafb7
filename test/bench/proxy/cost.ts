import { readdirSync, readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { setFlagsFromString } from 'node:v8'

/** Processor time that has been used, in milliseconds. */
export interface Cost {
  /** By this process, its threads included. */
  readonly own: number
  /** By the programs it has started: those that have ended, and those that run. In steps of 10 ms, so to be summed over many. */
  readonly children: number
}

/** All so far. */
export function cost(): Cost {
  const { user, system } = process.cpuUsage()
  const [, ...ended] = ticksIn(`/proc/${process.pid}/stat`)
  const running = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((pid) => ticksIn(`/proc/${pid}/stat`)).filter(([parent]) => parent === process.pid)
  return { own: (user + system) / 1000, children: 10 * [ended.slice(2), ...running.map((ticks) => ticks.slice(1))].flat().reduce((sum, ticks) => sum + ticks, 0) }
}

/** What has been used since. */
export function since(before: Cost): Cost {
  const now = cost()
  return { own: now.own - before.own, children: now.children - before.children }
}

/** The parent, and ticks: own user and system, children's user and system (`proc(5)`). Nothing for a process that is gone. */
function ticksIn(path: string): number[] {
  try {
    const fields = readFileSync(path, 'utf8').split(') ').at(-1)!.split(' ')
    return [fields[1], fields[11], fields[12], fields[13], fields[14]].map(Number)
  } catch {
    return []
  }
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Live JavaScript objects of this process, in MiB. */
export function heapMiB(): number {
  collect()
  return process.memoryUsage().heapUsed / 2 ** 20
}
