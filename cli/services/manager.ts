import { existsSync } from 'node:fs'
import type { Clock } from '../../host/clock.ts'
import type { Exec } from '../../host/exec.ts'
import { createProcesses } from './processes.ts'
import type { ServiceManager } from './services.ts'
import { createSystemd } from './systemd.ts'

/** systemd where it is the init (sd_booted(3)) and the member is the machine's own; else detached processes. */
export const serviceManager = ({ exec, clock, pidDir, own }: { exec: Exec; clock: Clock; pidDir: string; own: boolean }): ServiceManager =>
  own && existsSync('/run/systemd/system') ? createSystemd({ exec }) : createProcesses({ exec, clock, pidDir })
