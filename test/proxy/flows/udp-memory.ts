import { expect, test } from 'vitest'
import { outOfTurn, servicePorts } from '../flow-cluster.ts'
import { nodeIP } from '../flow-lab.ts'
import type { FlowContext } from '../packet-flow.suite.ts'

/** What the kernel remembers of UDP, where it is the kernel's memory of connections alone that sends a flow on. */
export function udpMemoryFlows({ cluster, families }: FlowContext): void {
  test('UDP flows stay with an endpoint that drains, and when the proxy starts anew, and leave one that is gone', async () => {
    const all = ['p1', 'p2', 'p3'] as const
    const lasting = await cluster().serve('lasting', { type: 'NodePort', to: all })
    const ways = families.flatMap((family) => [
      { from: 'c1', protocol: 'udp', host: lasting.ip(family), port: servicePorts.UDP },
      { from: 'outside', protocol: 'udp', host: nodeIP('n1', family), port: lasting.nodePort('UDP') },
    ] as const)
    const held = await Promise.all(ways.flatMap((way) => all.map(() => cluster().lab.hold(way))))
    const again = () => Promise.all(held.map((flow) => flow.again()))
    const before = held.map(({ first }) => first)
    for (const [index] of ways.entries()) expect(before.slice(3 * index, 3 * index + 3).map((answer) => answer.split(' ')[0]).sort()).toEqual([...all])

    await lasting.to(['p1', 'p3', { pod: 'p2', conditions: { ready: false, serving: true, terminating: true } }])
    for (const way of ways) expect(outOfTurn(await cluster().ask({ ...way, times: 4 }), ['p1', 'p3'])).toBeUndefined()
    expect(await again()).toEqual(before)
    await cluster().restart('n1')
    expect(await again()).toEqual(before)

    await lasting.to(['p1', 'p3'])
    expect(await again()).toEqual(before.map((answer) => (answer.startsWith('p2') ? expect.stringMatching(/^p[13] /) : answer)))
    await Promise.all(held.map((flow) => flow.drop()))
    await lasting.remove()
  })
}
