import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tailArguments } from './status.ts'

test('logs are those that are there; to follow, those that may come too', async () => {
  const logDir = await mkdtemp(join(tmpdir(), 'k8ts-logs-'))
  const layout = { dataDir: '/nowhere', runDir: '/nowhere', logDir }
  const [server, agent] = ['server', 'agent'].map((part) => join(logDir, `${part}.log`))
  try {
    await expect(tailArguments(layout, undefined, false)).rejects.toThrow(`There are no logs in ${logDir} yet`)
    await expect(tailArguments(layout, '../etc', false)).rejects.toThrow('There is no part "../etc"; the parts are containerd, server, agent')
    await writeFile(server!, '')
    expect(await tailArguments(layout, undefined, false)).toEqual(['-n', '200', server])
    expect(await tailArguments(layout, undefined, true)).toEqual(['-n', '200', '-F', join(logDir, 'containerd.log'), server, agent])
  } finally {
    await rm(logDir, { recursive: true, force: true })
  }
})
