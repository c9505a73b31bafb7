import { systemClock, type Clock } from './clock.ts'
import { createCgroups } from './cgroups.ts'
import { createExec, type Exec } from './exec.ts'
import { machineFiles } from './machine-files.ts'
import { createMounts } from './mounts.ts'
import { createNodeInfo } from './node-info.ts'
import { createProbeNetwork } from './probe-network.ts'

export interface MachineOptions {
  /** A directory on the file system whose size is the node's `ephemeral-storage`; must exist. */
  readonly directory: string
  readonly exec?: Exec
  readonly clock?: Clock
}

/** The real machine behind the agent's `Machine`. */
export const createMachine = ({ directory, exec = createExec(), clock = systemClock }: MachineOptions) => Object.freeze({
  files: machineFiles,
  mounts: createMounts({ exec }),
  cgroups: createCgroups(),
  facts: createNodeInfo({ directory }),
  network: createProbeNetwork({ clock }),
})
