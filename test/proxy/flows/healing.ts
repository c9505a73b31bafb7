import { beforeAll, describe, expect, test } from 'vitest'
import { nodeIP, nodeNames } from '../flow-lab.ts'
import { outOfTurn, type Served } from '../flow-cluster.ts'
import type { FlowContext } from '../packet-flow.suite.ts'

export function healingFlows({ cluster, families, contender }: FlowContext): void {
  describe('what others did to our rules', () => {
    let web: Served
    beforeAll(async () => { web = await cluster().serve('mended', { type: 'NodePort', sessionAffinity: 'ClientIP', to: ['p1', 'p2'] }) })
    const answers = async () => (await Promise.all(families.flatMap((family) => [
      cluster().ask({ from: 'c1', protocol: 'tcp', host: web.ip(family), port: 80 }),
      cluster().ask({ from: 'outside', protocol: 'tcp', host: nodeIP('n1', family), port: web.nodePort('TCP') }),
    ]))).flat()

    test('untouched rules are known to be, while traffic flows and others write rules of their own', async () => {
      expect(await cluster().intact('n1')).toBe(true)
      for (const answer of await answers()) expect(answer).toMatch(/^p/)
      await cluster().lab.nodes.n1.exec.run('sh', ['-ec', 'nft add table ip stranger; nft add chain ip stranger c; nft add rule ip stranger c accept'])
      expect(await cluster().intact('n1')).toBe(true)
      await cluster().lab.nodes.n1.exec.run('nft', ['delete', 'table', 'ip', 'stranger'])
      expect(await cluster().intact('n1')).toBe(true)
    })

    test.for(contender.damage)('is noticed and mended: $what', async ({ script }) => {
      const { exec } = cluster().lab.nodes.n1
      await exec.run('sh', ['-ec', script])
      expect(await cluster().intact('n1')).toBe(false)
      await cluster().apply()
      expect(await cluster().intact('n1')).toBe(true)
      for (const answer of await answers()) expect(answer).toMatch(/^p/)
    })
  })

  test('clean-up leaves the nodes as they were, and can be repeated; another start brings everything back', async () => {
    await Promise.all(nodeNames.map(async (name) => {
      const backend = cluster().backend(name)
      await backend.cleanup()
      await backend.cleanup()
      expect(await contender.ruleset(cluster().lab.nodes[name])).toBe(cluster().untouched.get(name))
    }))
    const again = await cluster().serve('after', { to: ['p1', 'p2'] })
    for (const family of families) expect(outOfTurn(await cluster().ask({ from: 'c1', protocol: 'tcp', host: again.ip(family), port: 80, times: 4 }), ['p1', 'p2'])).toBeUndefined()
    await Promise.all(nodeNames.map((name) => cluster().backend(name).cleanup()))
    expect(await contender.ruleset(cluster().lab.nodes.n1)).toBe(cluster().untouched.get('n1'))
  })
}
