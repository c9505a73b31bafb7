import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createExec, ExecError } from '../../host/exec.ts'
import { home } from '../lab/up-lab.ts'

const exec = createExec()
const missing = (process.env.PATH ?? '').split(':').some((directory) => existsSync(join(directory, 'vagrant'))) ? undefined : 'needs vagrant'

describe.skipIf(missing)(`the Vagrantfile${missing ? ` (skipped: ${missing})` : ''}`, () => {
  // A copy, since validation makes a directory beside it.
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), `k8ts-vagrantfile-${process.pid}-`))
    await cp(join(home, 'vagrant'), join(directory, 'vagrant'), { recursive: true, filter: (path) => !path.endsWith('.vagrant') })
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  const vagrant = async (args: readonly string[], env: Record<string, string> = {}): Promise<string> => {
    const run = exec.run('vagrant', args, { cwd: join(directory, 'vagrant'), env: { VAGRANT_HOME: join(directory, 'home'), VAGRANT_CHECKPOINT_DISABLE: '1', ...env }, timeoutMs: 240_000 })
    return (await run.catch((error: unknown) => { throw error instanceof ExecError ? new Error(error.stdout + error.stderr) : error })).stdout
  }

  test('is valid, by itself', async () => expect(await vagrant(['validate'])).toContain('Vagrantfile validated successfully'), 300_000)

  test('is valid with all of its variables set', async () => {
    const env = { K8TS_WORKERS: '4', K8TS_BOX: 'generic/debian12', K8TS_MEMORY: '2048', K8TS_CPUS: '1', K8TS_PROXY_MODE: 'iptables', K8TS_NETWORK: '10.77.0.0/16' }
    expect(await vagrant(['validate'], env)).toContain('Vagrantfile validated successfully')
    const status = await vagrant(['status', '--machine-readable'], env)
    const names = [...new Set([...status.matchAll(/^\d+,([\w-]+),state,/gm)].map(([, name]) => name))]
    expect(names).toEqual(['server', 'worker-1', 'worker-2', 'worker-3', 'worker-4'])
  }, 300_000)

  test('is valid where the plug-in for libvirt is not there', async () => {
    expect(await vagrant(['validate', '--ignore-provider'], { VAGRANT_NO_PLUGINS: '1' })).toContain('Vagrantfile validated successfully')
  }, 300_000)

  test('says what is wrong with a variable', async () => {
    await expect(vagrant(['validate'], { K8TS_WORKERS: 'many' })).rejects.toThrow('K8TS_WORKERS must be a number between 0 and 100, not "many"')
    await expect(vagrant(['validate'], { K8TS_NETWORK: '192.168.56.0/29' })).rejects.toThrow('is too small for 3 machines')
  }, 300_000)
})
