import { expect, test } from 'vitest'
import { createFakeExec } from '../../host/fake-exec.ts'
import { installMissing, neededPrograms, searchPath } from './packages.ts'

/** A machine that has some programs, and an apt that can give others. */
function machine({ has, apt }: { has: string[]; apt: 'works' | 'fails' | 'missing' }) {
  const present = new Set(has)
  return createFakeExec(({ command, args }) => {
    if (command === 'sh') return { code: present.has(args[1]!.replace('command -v ', '')) ? 0 : 127 }
    if (apt === 'missing') return undefined
    if (args[0] === 'install') {
      if (apt === 'fails') throw new Error('apt-get failed\nE: Unable to locate package containerd')
      for (const { command, package: name } of neededPrograms) if (args.includes(name)) present.add(command)
    }
    return ''
  })
}
const all = neededPrograms.map(({ command }) => command)

test('installs nothing where nothing is missing', async () => {
  const exec = machine({ has: all, apt: 'missing' })
  expect(await installMissing(exec, neededPrograms, () => {})).toBe('all there')
})

test('installs the packages of what is missing, and only those', async () => {
  const exec = machine({ has: all.filter((name) => name !== 'runc' && name !== 'nft'), apt: 'works' })
  expect(await installMissing(exec, neededPrograms, () => {})).toBe('installed runc nftables')
  expect(exec.calls.find(({ args }) => args[0] === 'install')?.args.slice(-2)).toEqual(['runc', 'nftables'])
})

test('says what could not be installed, why, and what to do', async () => {
  await expect(installMissing(machine({ has: all.filter((name) => name !== 'containerd'), apt: 'fails' }), neededPrograms, () => {}))
    .rejects.toThrow('Cannot install containerd: E: Unable to locate package containerd. Install containerd by hand and run k8ts up again')
})

test('sbin is searched even where PATH does not name it', () => expect(searchPath('/opt/me/bin:/usr/bin').split(':')).toEqual(['/opt/me/bin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/sbin', '/bin']))
