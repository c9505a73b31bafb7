import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../host/clock.ts'
import { createExec, type Exec } from '../../host/exec.ts'
import { createProcesses } from './processes.ts'
import type { Service, ServiceManager } from './services.ts'

describe('background processes', () => {
  let directory: string
  let manager: ServiceManager
  const service = (script: string): Service => ({ name: 'sleeper', description: '', command: ['sh', '-c', script], environment: {}, after: [], keepsChildren: false, logFile: join(directory, 'log'), directories: [join(directory, 'run')], reads: '' })
  const pidFile = () => join(directory, 'pids', 'sleeper.json')

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'k8ts-processes-'))
    manager = createProcesses({ exec: createExec(), clock: systemClock, pidDir: join(directory, 'pids'), patienceMs: 500 })
  })
  afterEach(async () => {
    await manager.stop('sleeper')
    await rm(directory, { recursive: true, force: true })
  })

  test('start once, stay while the definition stays, restart when it changes', async () => {
    expect(await manager.ensure(service('exec sleep 1000'))).toBe('started')
    const first = await manager.status('sleeper')
    expect(first.running).toBe(true)
    expect(await manager.ensure(service('exec sleep 1000'))).toBe('running')
    expect(await manager.status('sleeper')).toEqual(first)
    expect(await manager.ensure(service('exec sleep 2000'))).toBe('restarted')
    expect((await manager.status('sleeper')).pid).not.toBe(first.pid)
  })

  test('one that reads other files at its start than it did is restarted', async () => {
    await manager.ensure(service('exec sleep 1000'))
    expect(await manager.ensure({ ...service('exec sleep 1000'), reads: 'renewed certificates' })).toBe('restarted')
  })

  test('one that cannot be started is not running, and its log says why', async () => {
    await manager.ensure({ ...service(''), command: ['/nonexistent/program'] })
    await expect.poll(() => manager.status('sleeper')).toEqual({ running: false })
    expect(await readFile(join(directory, 'log'), 'utf8')).toMatch(/not found/)
  })

  test('one whose starter is killed at once is known all the same', async () => {
    // A starter that never gets as far as to hear that the process began.
    const exec: Exec = { ...createExec(), spawn: async (...spawning) => { await createExec().spawn(...spawning); return new Promise(() => {}) } }
    void createProcesses({ exec, clock: systemClock, pidDir: join(directory, 'pids') }).ensure(service('exec sleep 1000'))
    await expect.poll(async () => (await manager.status('sleeper')).running).toBe(true)
    expect(await manager.ensure(service('exec sleep 1000'))).toBe('running')
  })

  test('one that has not written its pid file yet is known by its arguments', async () => {
    const bin = join(directory, 'bin')
    await mkdir(bin)
    // What writes the pid file needs `cat`; this one waits.
    await writeFile(join(bin, 'cat'), `#!/bin/sh\nwhile [ ! -e ${bin}/go ]; do sleep 0.02; done; exec /bin/cat "$@"\n`, { mode: 0o755 })
    const slow = { ...service('exec sleep 1000'), environment: { PATH: `${bin}:${process.env.PATH}` } }
    const first = manager.ensure(slow)
    await expect.poll(async () => (await manager.status('sleeper')).running).toBe(true)
    expect(await manager.ensure(slow)).toBe('running')
    await writeFile(join(bin, 'go'), '')
    expect(await first).toBe('started')
  })

  test.for(['lost', 'half written'])('one whose pid file is %s is found, and started anew since nobody knows how it was started', async (how) => {
    await manager.ensure(service('while kill -0 $$ 2>/dev/null; do sleep 0.1; done & exec sleep 1000'))
    const first = await manager.status('sleeper')
    await (how === 'lost' ? rm(pidFile()) : truncate(pidFile(), 8))
    expect(await manager.status('sleeper')).toEqual(first)
    expect(await manager.ensure(service('exec sleep 1000'))).toBe('restarted')
    expect((await manager.status('sleeper')).pid).not.toBe(first.pid)
  })

  test('one that died is started again', async () => {
    await manager.ensure(service('exec sleep 1000'))
    const { pid } = await manager.status('sleeper')
    process.kill(pid!, 'SIGKILL')
    while ((await manager.status('sleeper')).running) await systemClock.sleep(5)
    expect(await manager.ensure(service('exec sleep 1000'))).toBe('started')
  })

  test('one that does not listen to TERM is killed', async () => {
    await manager.ensure(service('trap "" TERM; echo ready; while :; do sleep 0.05; done'))
    while (!(await readFile(join(directory, 'log'), 'utf8').catch(() => '')).includes('ready')) await systemClock.sleep(5)
    await manager.stop('sleeper')
    expect(await manager.status('sleeper')).toEqual({ running: false })
  })

  test.for([
    { name: 'half written', text: '{"pid": 12' },
    { name: 'of another boot', text: (pid: number) => JSON.stringify({ pid, started: '1', boot: 'another', definition: '' }) },
    { name: 'of a process whose number was given to someone else', text: (pid: number, boot: string) => JSON.stringify({ pid, started: '1', boot, definition: '' }) },
  ])('a pid file $name names nobody, and nobody is killed for it', async ({ text }) => {
    await manager.ensure(service('exec sleep 1000'))
    await manager.stop('sleeper')
    const bystander = await createExec().spawn('sleep', ['1000'])
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
    await writeFile(pidFile(), typeof text === 'string' ? text : text(bystander.pid, boot))
    expect(await manager.status('sleeper')).toEqual({ running: false })
    await manager.stop('sleeper')
    expect(() => process.kill(bystander.pid, 0)).not.toThrow()
    bystander.kill('SIGKILL')
    await bystander.exited
  })
})
