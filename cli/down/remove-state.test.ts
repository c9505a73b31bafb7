import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { configDefaults, type Config } from '../config.ts'
import { layoutUnder, paths } from '../layout.ts'
import { removeLogLinks, removeState } from './remove-state.ts'

let directory: string
let config: Config
const at = (...names: string[]) => join(directory, ...names)
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'k8ts-state-'))
  config = { ...configDefaults, ...layoutUnder(at('k8ts')), nodeName: 'n1', nodeIP: '192.0.2.1', podLogsDir: at('pods'), containerLogsDir: at('links') }
  for (const path of [config.dataDir, config.podLogsDir, config.containerLogsDir!, at('home', '.kube')]) await mkdir(path, { recursive: true })
})
afterEach(() => rm(directory, { recursive: true, force: true }))
const ours = 'default_web-0_0b7bcd3c-5f7f-4f4e-8f5b-2f4d4a3f9d11'

test('of the machine\'s own directories only what is ours goes', async () => {
  await mkdir(at('pods', ours, 'main'), { recursive: true })
  await mkdir(at('pods', 'letters'))
  await symlink(at('pods', ours, 'main', '0.log'), at('links', 'web-0_default_main-1.log'))
  await symlink('/elsewhere/0.log', at('links', 'other.log'))
  await removeLogLinks(config)
  await removeState(config, at('home'))
  expect([await readdir(at('links')), await readdir(at('pods'))]).toEqual([['other.log'], ['letters']])
})

test('directories with nothing else in them go too, and again without harm', async () => {
  await mkdir(at('pods', ours))
  for (let turn = 0; turn < 2; turn++) {
    await removeLogLinks(config)
    await removeState(config, at('home'))
  }
  expect((await readdir(directory)).sort()).toEqual(['home', 'k8ts'])
})

test('the kubeconfig goes when it leads to ours, and stays when it is somebody else\'s', async () => {
  const link = at('home', '.kube', 'config')
  await symlink(paths(config).kubeconfig, link)
  await removeState(config, at('home'))
  expect(await readdir(at('home', '.kube'))).toEqual([])
  await writeFile(link, 'mine')
  await removeState(config, at('home'))
  expect(await readdir(at('home', '.kube'))).toEqual(['config'])
})
