import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { kill } from 'node:process'
import type { Clock } from '../../host/clock.ts'
import type { Exec } from '../../host/exec.ts'
import { ensureDir, readIfExists, removeIfExists } from '../../host/files.ts'
import type { Service, ServiceManager } from './services.ts'

interface PidFile {
  readonly pid: number
  /** When the process began, in the kernel's ticks since boot: a pid that was handed out again has another. */
  readonly started: string
  readonly boot: string
  readonly definition: string
}

export interface ProcessesOptions {
  readonly exec: Exec
  readonly clock: Clock
  readonly pidDir: string
  /** How long a process may take to end by itself before it is killed. */
  readonly patienceMs?: number
}

/** Detached processes with pid and log files, for machines without systemd. Nobody starts them again but `k8ts up`. */
export function createProcesses({ exec, clock, pidDir, patienceMs = 20_000 }: ProcessesOptions): ServiceManager {
  const pidFile = (name: string) => `${pidDir}/${name}.json`

  async function read(name: string): Promise<PidFile | undefined> {
    const known = parse((await readIfExists(pidFile(name))) ?? '')
    return known && known.boot === (await bootId()) && known.started === (await startOf(known.pid)) ? known : undefined
  }
  const find = async (name: string): Promise<PidFile | undefined> => {
    const known = (await read(name)) ?? (await findByMark(pidFile(name), clock))
    // It may have written its pid file while it was looked for.
    return known?.definition === lost ? ((await read(name)) ?? known) : known
  }

  const stop: ServiceManager['stop'] = async (name) => {
    const known = await find(name)
    if (known) {
      signal(known.pid, 'SIGTERM')
      const deadline = clock.now() + patienceMs
      while ((await startOf(known.pid)) === known.started) {
        if (clock.now() > deadline) signal(known.pid, 'SIGKILL')
        await clock.sleep(20)
      }
    }
    await removeIfExists(pidFile(name))
  }

  return {
    kind: 'processes',
    stop,
    remove: stop,
    async status(name) {
      const known = await find(name)
      return known ? { running: true, pid: known.pid } : { running: false }
    },
    async ensure(service) {
      const definition = fingerprint(service)
      const known = await find(service.name)
      if (known?.definition === definition) return 'running'
      if (known) await stop(service.name)
      for (const directory of [pidDir, ...service.directories]) await ensureDir(directory)
      const environment = { ...service.environment, [mark]: pidFile(service.name), PATH: service.environment.PATH ?? process.env.PATH }
      const started = await exec.spawn('/bin/sh', ['-c', launch, 'sh', pidFile(service.name), definition, ...service.command], { env: environment, logFile: service.logFile, detached: true })
      let ended = false
      void started.exited.then(() => { ended = true })
      while (!ended && (await read(service.name))?.pid !== started.pid) await clock.sleep(2)
      return known ? 'restarted' : 'started'
    },
  }
}

/**
 * The process writes its own pid file, and only then becomes the service: whoever starts it may be killed at any moment
 * and leaves none that nobody knows. `exec` keeps the pid and the time of its beginning.
 */
const launch = `
  tmp="$1.$$.tmp" file=$1 definition=$2; shift 2
  read -r boot </proc/sys/kernel/random/boot_id
  stat=$(cat /proc/$$/stat); started() { echo "\${20}"; }
  printf '{"pid":%s,"started":"%s","boot":"%s","definition":"%s"}' "$$" "$(started \${stat##*) })" "$boot" "$definition" >"$tmp" && mv "$tmp" "$file" && exec "$@"`

const fingerprint = ({ command, environment, reads }: Service): string => createHash('sha256').update(JSON.stringify([command, environment, reads])).digest('hex')

function parse(text: string): PidFile | undefined {
  try {
    const value = JSON.parse(text) as PidFile
    return Number.isInteger(value.pid) && value.pid > 1 ? value : undefined
  } catch {
    return undefined // half written by something that was killed: the process, if any, is not known
  }
}

/** Names the pid file in the environment of the process, so that one is found whose pid file was lost or damaged. */
const mark = 'K8TS_PID_FILE'

/** Its children have the mark too, but only the process itself leads a session. */
async function findByMark(pidFile: string, clock: Clock): Promise<PidFile | undefined> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const marked = await Promise.all(pids.map(async (pid) => {
    const fields = await statOf(Number(pid))
    if (fields?.[3] !== pid || !(await environOf(pid, clock)).includes(`${mark}=${pidFile}`)) return undefined
    return { pid: Number(pid), started: fields[19]!, boot: await bootId(), definition: await definitionOf(pid) }
  }))
  return marked.find((process) => process !== undefined)
}

/** While a process becomes another program (`exec`) the kernel shows no environment of it for a moment. */
async function environOf(pid: string, clock: Clock): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    if (text || attempt === 5) return text.split('\0')
    await clock.sleep(2)
  }
}

const lost = 'lost'

/** One that is about to write its pid file still has in its arguments how it was started; of one that lost it nobody knows. */
async function definitionOf(pid: string): Promise<string> {
  const [, , script, , , definition] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
  return script === launch && definition ? definition : lost
}

const bootId = async (): Promise<string> => (await readIfExists('/proc/sys/kernel/random/boot_id'))?.trim() ?? ''

const startOf = async (pid: number): Promise<string | undefined> => (await statOf(pid))?.[19]

/**
 * The fields of /proc/PID/stat from the third on (state; session is [3], the time of its beginning [19]); undefined when
 * there is no such process or it is a zombie. The name in the second may hold anything.
 */
async function statOf(pid: number): Promise<string[] | undefined> {
  const stat = await readIfExists(`/proc/${pid}/stat`).catch(() => undefined)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields && fields[0] !== 'Z' ? fields : undefined
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    kill(pid, name)
  } catch {
    // It ended in the meantime.
  }
}
