import type { Exec } from '../../../host/exec.ts'
import type { Sysctl } from '../../../host/sysctl.ts'

/** Kernel settings of wherever commands run: of another machine, or of a network namespace. Values without spaces. */
export const createExecSysctl = (exec: Exec): Sysctl => ({
  async get(name) {
    const { code, stdout } = await exec.run('cat', [`/proc/sys/${name}`], { okCodes: [0, 1] })
    return code === 0 ? stdout.trimEnd() : undefined
  },
  async set(name, value) {
    // The shell reads a byte at a time, and such files end after the first piece: `read` says so, with the value in hand.
    const { code } = await exec.run('sh', ['-c', `read -r now < /proc/sys/${name}; test "$now" != ${value} && { echo ${value} > /proc/sys/${name} || exit 2; }`], { okCodes: [0, 1] })
    return code === 0
  },
})
