import { afterAll, describe, expect, test } from 'vitest'
import { createTestNamespaces, namespacesUnavailable } from '../testing/namespaces.ts'
import { nftGeneration } from './nft-generation.ts'

const unavailable = namespacesUnavailable()
describe.skipIf(unavailable)(`the generation of the nftables ruleset${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  const namespaces = createTestNamespaces('nftgen')
  afterAll(() => namespaces.close())

  test('rises with every transaction, and with nothing else', async () => {
    const { path, sh } = await namespaces.create('a')
    const first = await nftGeneration(path)
    await sh('nft list ruleset')
    expect(await nftGeneration(path)).toBe(first)
    await sh('nft add table ip t')
    const second = await nftGeneration(path)
    expect(second).not.toBe(first)
    await sh('nft delete table ip t')
    expect(await nftGeneration(path)).not.toBe(second)
  })
})
