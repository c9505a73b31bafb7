import { dirname } from 'node:path'
import { ensureDir, removeIfExists, writeIfChanged } from '../../host/files.ts'
import type { Exec } from '../../host/exec.ts'
import type { Service, ServiceManager } from './services.ts'

export const unitText = (service: Service): string => `# Written by k8ts up; changes are overwritten. Started with what ${service.reads} stands for.
[Unit]
Description=${service.description}
After=network-online.target ${service.after.map((name) => `${name}.service`).join(' ')}
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
${directoriesOf(service)}
ExecStart=${service.command.map((word) => quoted(word).replaceAll('$', '$$$$')).join(' ')}
${Object.entries(service.environment).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`).join('\n')}
Restart=always
RestartSec=1
KillMode=${service.keepsChildren ? 'process' : 'mixed'}
Delegate=yes
LimitNOFILE=1048576
TasksMax=infinity
OOMScoreAdjust=-999
StandardOutput=append:${service.logFile}
StandardError=append:${service.logFile}

[Install]
WantedBy=multi-user.target
`

/**
 * /run is empty after a reboot, and systemd opens the log before it starts anything: so systemd must make the
 * directories. They are shared by our units and stay when one of them stops.
 */
function directoriesOf({ directories, logFile }: Service): string {
  const below = (parent: string, paths: readonly string[]) => [...new Set(paths)].filter((path) => path.startsWith(`${parent}/`)).map((path) => path.slice(parent.length + 1))
  const line = (name: string, paths: readonly string[]) => (paths.length ? [`${name}=${paths.map(quoted).join(' ')}`, `${name}Mode=0700`] : [])
  return [...line('RuntimeDirectory', below('/run', directories)), 'RuntimeDirectoryPreserve=yes', ...line('LogsDirectory', below('/var/log', [dirname(logFile)]))].join('\n')
}

/** systemd.syntax(7): `%` begins a specifier. In `ExecStart`, and only there, `$` begins a variable. */
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`

export function createSystemd({ exec, unitDir = '/etc/systemd/system' }: { exec: Exec; unitDir?: string }): ServiceManager {
  const systemctl = (...args: string[]) => exec.run('systemctl', args, { timeoutMs: 120_000 })
  const file = (name: string) => `${unitDir}/${name}.service`
  const status: ServiceManager['status'] = async (name) => {
    const { stdout } = await systemctl('show', '--property=ActiveState,SubState,MainPID,NRestarts', `${name}.service`)
    const fields = Object.fromEntries(stdout.trim().split('\n').map((line) => line.split('=', 2)))
    if (fields.ActiveState === 'active') return { running: true, pid: Number(fields.MainPID) }
    const detail = `${fields.ActiveState} (${fields.SubState})`
    return fields.SubState === 'auto-restart' ? { running: false, detail, restarts: Number(fields.NRestarts) } : { running: false, detail }
  }
  const stop: ServiceManager['stop'] = async (name) => {
    await exec.run('systemctl', ['stop', `${name}.service`], { okCodes: [0, 5], timeoutMs: 120_000 })
  }
  return {
    kind: 'systemd',
    status,
    stop,
    async ensure(service) {
      for (const directory of [...service.directories, dirname(service.logFile)]) await ensureDir(directory)
      const changed = await writeIfChanged(file(service.name), unitText(service), { mode: 0o644 })
      if (changed) await systemctl('daemon-reload')
      await systemctl('enable', '--quiet', `${service.name}.service`)
      const { running } = await status(service.name)
      if (running && !changed) return 'running'
      await systemctl('restart', `${service.name}.service`)
      return running ? 'restarted' : 'started'
    },
    async remove(name) {
      await stop(name)
      await exec.run('systemctl', ['disable', '--quiet', `${name}.service`], { okCodes: [0, 1] })
      if (await removeIfExists(file(name))) await systemctl('daemon-reload')
    },
  }
}
