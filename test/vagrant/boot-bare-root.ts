import { readFile } from 'node:fs/promises'
import { kill } from 'node:process'
import { systemClock as clock } from '../../host/clock.ts'
import type { Exec } from '../../host/exec.ts'
import { until } from '../../cli/wait.ts'

/** The first process of a machine: all others end with it. */
export interface FirstProcess {
  /** As this machine knows it. */
  readonly pid: string
  end(): Promise<void>
}

export interface BareRoot {
  /** A directory that is a mount of its own. */
  readonly root: string
  /** The machine's host name. */
  readonly name: string
  /** The group, of every hierarchy, that is the root of the machine's groups. */
  readonly cgroup: string
  /** Files and directories of this machine that show in the other at the same place. */
  readonly borrowed: readonly string[]
}

/** Starts the systemd of a root file system in namespaces of its own, and in the network namespace of `inside`. Resolves once it has reached its target. */
export async function bootBareRoot(inside: Exec, { root, name, cgroup, borrowed }: BareRoot): Promise<FirstProcess> {
  // The process that makes the namespaces must already be in the group that shall be their root.
  const machine = await inside.spawn('sh', ['-ec', `
    for hierarchy in $(awk '/ - cgroup2? / { print $5 }' /proc/self/mountinfo); do
      mkdir -p $hierarchy/${cgroup}
      if [ -e $hierarchy/cpuset.cpus ]; then cat $hierarchy/cpuset.cpus >$hierarchy/${cgroup}/cpuset.cpus; cat $hierarchy/cpuset.mems >$hierarchy/${cgroup}/cpuset.mems; fi
      echo $$ >$hierarchy/${cgroup}/cgroup.procs
    done
    exec unshare --mount --pid --uts --ipc --cgroup --fork --kill-child sh -ec '
      cd ${root}; echo ${name} >etc/hostname; hierarchies=$(grep " - cgroup" /proc/self/mountinfo)
      mount -t proc proc proc; mount -t sysfs sysfs sys; mount --rbind /dev dev
      mount -t tmpfs tmpfs run; mount -t tmpfs tmpfs tmp
      # The same hierarchies as here, seen from the group that is their root there.
      mount -t tmpfs tmpfs sys/fs/cgroup
      echo "$hierarchies" | sed "s/ - / /" | while read -r _ _ _ _ at _ type _ options; do
        mkdir -p .$at
        case $type in cgroup2) mount -t cgroup2 cgroup2 .$at ;; *) mount -t cgroup -o "$(echo "$options" | sed "s/^rw,//; s/^name=/none,name=/")" cgroup .$at ;; esac
      done
      for path in ${borrowed.join(' ')}; do [ ! -e $path ] || mount --bind $path .$path; done
      mkdir -p .before; pivot_root . .before; umount --lazy /.before
      exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=console --log-level=warning --unit=multi-user.target'`])
  let said = ''
  for (const stream of [machine.stdout!, machine.stderr!]) stream.on('data', (text: Buffer) => { said = (said + String(text)).slice(-4000) })
  let ended = false
  void machine.exited.then(() => { ended = true })
  let pid = ''
  const end = async () => {
    if (pid && !ended) kill(Number(pid), 'SIGKILL')
    machine.kill('SIGKILL')
    await machine.exited
  }
  try {
    await until(`The start of ${name}`, async () => {
      if (ended) throw new Error(`The machine did not start: ${said}`)
      pid = (await readFile(`/proc/${machine.pid}/task/${machine.pid}/children`, 'utf8').catch(() => '')).trim()
      if (!pid) return undefined
      const { stdout } = await inside.run('nsenter', ['--target', pid, '--mount', '--pid', '--cgroup', 'systemctl', 'is-active', 'multi-user.target'], { okCodes: [0, 1, 3, 4, 127] }).catch(() => ({ stdout: '' }))
      return stdout.trim() === 'active' || undefined
    }, { clock, deadlineMs: 120_000, everyMs: 200 })
  } catch (error) {
    await end()
    throw error
  }
  return { pid, end }
}
