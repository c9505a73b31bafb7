import { expect, test } from 'vitest'
import { createFakeExec } from '../../host/fake-exec.ts'
import { installHandy, installMissing, neededPrograms, searchPath } from './packages.ts'

/** A machine that has some programs, and an apt that can give others. */
function machine({ has, apt, dpkgBroken = false }: { has: string[]; apt: 'works' | 'fails' | 'missing'; dpkgBroken?: boolean }) {
  const present = new Set(has)
  return createFakeExec(({ command, args }) => {
    if (command === 'sh') return { code: present.has(args[1]!.replace('command -v ', '')) ? 0 : 127 }
    if (apt === 'missing') return undefined
    if (command === 'dpkg') { dpkgBroken = false; return '' }
    if (args.includes('install')) {
      if (dpkgBroken) throw new Error('E: dpkg was interrupted, you must manually run \'dpkg --configure -a\' to correct the problem.')
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
  expect(exec.calls.find(({ args }) => args.includes('install'))?.args.slice(-2)).toEqual(['runc', 'nftables'])
})

test('says what could not be installed, why, and what to do', async () => {
  await expect(installMissing(machine({ has: all.filter((name) => name !== 'containerd'), apt: 'fails' }), neededPrograms, () => {}))
    .rejects.toThrow('Cannot install containerd: E: Unable to locate package containerd. Install containerd by hand and run k8ts up again')
})

test('an installation that was broken off is ended first', async () => {
  const exec = machine({ has: all.filter((name) => name !== 'runc'), apt: 'works', dpkgBroken: true })
  expect(await installMissing(exec, neededPrograms, () => {})).toBe('installed runc')
})

test('what is only handy stops nobody', async () => {
  const exec = machine({ has: all.filter((name) => name !== 'runc'), apt: 'fails' })
  expect(await installHandy(exec, neededPrograms, () => {})).toMatch(/^without runc \(Cannot install runc: E: Unable to locate/)
})

test('sbin is searched even where PATH does not name it', () => expect(searchPath('/opt/me/bin:/usr/bin').split(':')).toEqual(['/opt/me/bin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/sbin', '/bin']))
