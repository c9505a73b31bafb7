import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFakeExec } from '../../host/fake-exec.ts'
import { createExec, isMissingCommand } from '../../host/exec.ts'
import { writeAtomic } from '../../host/files.ts'
import type { Service } from './services.ts'
import { createSystemd, unitText } from './systemd.ts'

const service: Service = { name: 'k8ts-agent', description: 'k8ts node agent', command: ['/bin/sleep', '100%', 'a "b" $HOME'], environment: { PATH: '/usr/bin' }, after: ['k8ts-containerd'], keepsChildren: true, logFile: '/var/log/k8ts/agent.log', directories: ['/run/k8ts'], reads: 'abc' }

/** For tests that make the directories. */
const here = (): Service => ({ ...service, directories: [join(unitDir, 'run')], logFile: join(unitDir, 'log', 'agent.log') })

let unitDir: string
beforeEach(async () => { unitDir = await mkdtemp(join(tmpdir(), 'k8ts-units-')) })
afterEach(() => rm(unitDir, { recursive: true, force: true }))

/** A systemctl that remembers which unit runs. */
function fakeSystemctl() {
  let active = false
  const exec = createFakeExec(({ args }) => {
    if (args[0] === 'restart') active = true
    if (args[0] === 'stop') active = false
    return args[0] === 'show' ? `ActiveState=${active ? 'active' : 'inactive'}\nSubState=${active ? 'running' : 'dead'}\nMainPID=${active ? 42 : 0}\n` : ''
  })
  return { exec, verbs: () => exec.calls.map(({ args }) => args[0]) }
}

test('a unit is written, enabled and started once; a changed one is restarted', async () => {
  const { exec, verbs } = fakeSystemctl()
  const manager = createSystemd({ exec, unitDir })
  expect(await manager.ensure(here())).toBe('started')
  expect(verbs()).toEqual(['daemon-reload', 'enable', 'show', 'restart'])
  expect(await manager.ensure(here())).toBe('running')
  expect(await manager.status('k8ts-agent')).toEqual({ running: true, pid: 42 })
  expect(await manager.ensure({ ...here(), environment: {} })).toBe('restarted')
  expect(await manager.ensure({ ...here(), environment: {}, reads: 'other certificates' })).toBe('restarted')
  await manager.remove('k8ts-agent')
  expect((await readdir(unitDir)).sort()).toEqual(['log', 'run'])
})

test('after a reboot systemd makes the directories, and never stops trying', () => {
  const lines = unitText(service).split('\n')
  for (const line of ['RuntimeDirectory="k8ts"', 'RuntimeDirectoryPreserve=yes', 'LogsDirectory="k8ts"', 'StartLimitIntervalSec=0', 'StandardOutput=append:/var/log/k8ts/agent.log']) expect(lines).toContain(line)
})

test('a dollar is a variable in the command only', () => {
  const text = unitText({ ...service, environment: { PATH: '/opt/$me/bin:/50%' } })
  expect(text).toContain('ExecStart="/bin/sleep" "100%%" "a \\"b\\" $$HOME"\n')
  expect(text).toContain('Environment="PATH=/opt/$me/bin:/50%%"\n')
})

test('one that dies again and again is told from one that was stopped', async () => {
  const of = (text: string) => createSystemd({ exec: createFakeExec(() => text), unitDir }).status('k8ts-agent')
  expect(await of('ActiveState=activating\nSubState=auto-restart\nMainPID=0\nNRestarts=4\n')).toEqual({ running: false, detail: 'activating (auto-restart)', restarts: 4 })
  expect(await of('ActiveState=inactive\nSubState=dead\nMainPID=0\nNRestarts=0\n')).toEqual({ running: false, detail: 'inactive (dead)' })
})

test('systemd itself finds nothing wrong with the unit', async ({ skip }) => {
  await writeAtomic(join(unitDir, 'k8ts-agent.service'), unitText(service))
  const { stderr } = await createExec().run('systemd-analyze', ['verify', join(unitDir, 'k8ts-agent.service')], { okCodes: [0, 1] }).catch((error: unknown) => {
    if (isMissingCommand(error)) return skip('systemd-analyze is not installed')
    throw error
  })
  expect(stderr.split('\n').filter((line) => line.includes('k8ts-agent.service'))).toEqual([])
})
