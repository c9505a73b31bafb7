import { systemClock, type Clock } from '../host/clock.ts'
import { createExec, type Exec } from '../host/exec.ts'
import { searchPath } from './install/packages.ts'
import type { Layout } from './layout.ts'
import { defaultLayout, paths } from './layout.ts'
import { serviceManager } from './services/manager.ts'
import type { ServiceManager } from './services/services.ts'
import { createSteps, type Steps } from './steps.ts'

/** What the commands of a person (`up`, `down`, `status`, …) work with. */
export interface Machine {
  readonly exec: Exec
  readonly clock: Clock
  readonly steps: Steps
  /** The checkout. */
  readonly home: string
  /** The Node that runs us, for the services to run with. */
  readonly node: string
  readonly path: string
  manager(layout: Layout): ServiceManager
}

export function thisMachine(home: string): Machine {
  const path = searchPath(process.env.PATH)
  process.env.PATH = path
  const exec = createExec()
  const clock = systemClock
  return {
    exec, clock, home, path, node: process.execPath,
    steps: createSteps({ out: process.stdout, clock }),
    manager: (layout) => serviceManager({ exec, clock, pidDir: paths(layout).pids, own: layout.dataDir === defaultLayout.dataDir }),
  }
}
