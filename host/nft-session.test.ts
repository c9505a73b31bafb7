import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Exec, Spawned } from './exec.ts'
import { createFakeExec } from './fake-exec.ts'
import { createNft, NftError } from './nft.ts'
import { createTestNamespaces, namespacesUnavailable, type TestNamespace } from './testing/namespaces.ts'

const skip = namespacesUnavailable()
describe.skipIf(skip)(`an nft that stays${skip ? ` (${skip})` : ''}`, () => {
  const namespaces = createTestNamespaces('nftsession')
  let ns: TestNamespace
  const runs: string[] = []
  const spawned: Spawned[] = []
  const watched = (): Exec => ({
    run: (command, args, options) => { runs.push([command, ...args ?? []].join(' ')); return ns.exec.run(command, args, options) },
    spawn: async (command, args, options) => { const child = await ns.exec.spawn(command, args, options); spawned.push(child); return child },
  })
  beforeAll(async () => { ns = await namespaces.create('a') })
  afterAll(() => namespaces.close())

  test('runs short scripts one after the other, each one transaction, and long ones apart', async () => {
    const history = join(homedir(), '.nft.history')
    const before = existsSync(history)
    const nft = createNft({ exec: watched(), resident: true })
    await Promise.all([nft.apply('add table ip t\nadd set ip t s { type ipv4_addr; }\n'), nft.apply('add element ip t s { 192.0.2.1 }\n'), nft.apply('add chain ip t c\nadd rule ip t c ip saddr != 192.0.2.9 accept\n')])
    expect([runs.length, spawned.length]).toEqual([0, 1])
    await nft.apply(`add element ip t s { ${Array.from({ length: 2000 }, (_, number) => `198.51.${number >> 8}.${number & 255}`).join(', ')} }\n`)
    expect(runs).toEqual(['nft -f -'])
    const text = await nft.text('table ip t')
    for (const part of ['192.0.2.1', '198.51.7.1', 'ip saddr != 192.0.2.9 accept']) expect(text).toContain(part)
    nft.close()
    expect(await spawned[0]!.exited).toMatchObject({ code: 0 })
    expect(existsSync(history), history).toBe(before)
  })

  test('a refused script changes nothing and says why; the next one is run', async () => {
    const nft = createNft({ exec: watched(), resident: true })
    const refused = async (script: string) => nft.apply(script).then(() => undefined, (error: NftError) => error)
    const absent = await refused('add table ip u\nadd rule ip u nowhere accept\n')
    expect([absent?.name, absent?.reason]).toEqual(['NftError', 'absent'])
    expect(absent?.message).toContain('No such file or directory')
    expect((await refused('nonsense\n'))?.reason).toBe('refused')
    await nft.apply('add table ip v\n')
    const text = await nft.text()
    expect(text).toContain('table ip v')
    expect(text).not.toContain('table ip u')
    nft.close()
  })

  test('one that is killed in between is replaced, and one that is closed too', async () => {
    const nft = createNft({ exec: watched(), resident: true })
    const before = spawned.length
    await nft.apply('add table ip w1\n')
    spawned.at(-1)!.kill('SIGKILL')
    await spawned.at(-1)!.exited
    await nft.apply('add table ip w2\n')
    nft.close()
    await nft.apply('add table ip w3\n')
    expect(spawned.length).toBe(before + 3)
    const text = await nft.text()
    for (const name of ['w1', 'w2', 'w3']) expect(text).toContain(`table ip ${name} `)
    nft.close()
  })
})

test('where nft takes no commands from a person, each script has its own', async () => {
  const exec = createFakeExec(() => '')
  const nft = createNft({ exec, resident: true })
  await nft.apply('add table ip t\n')
  await nft.apply('add table ip u\n')
  expect(exec.calls.map(({ options }) => options.input)).toEqual(['add table ip t\n', 'add table ip u\n'])
})
