import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Exec } from '../../host/exec.ts'
import type { Family } from '../../proxy/table.ts'
import { iptables, nftables } from './contenders.ts'
import { FlowCluster, outOfTurn, servicePorts, type Contender, type Served } from './flow-cluster.ts'
import { nodeIP, nodeNames, podIP, targetPorts, type NodeName, type Place, type Question } from './flow-lab.ts'
import { bootEnvironment } from './in-vm.ts'
import { ipvs } from './ipvs-contender.ts'

// Everything takes many times as long in an emulated machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })
const { environment, unavailable } = await bootEnvironment()
const { families } = environment

/** What the packet-flow suite asks by TCP and UDP on any machine, by SCTP where the kernel surely has it; IPVS is asked by all three in its own file. One cluster goes from mode to mode. */
describe.skipIf(unavailable)(`SCTP, and switching modes${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let cluster: FlowCluster
  let web: Served, none: Served, local: Served, inner: Served, faithful: Served, moving: Served
  let before: string[]
  const port = { name: 'sctp', protocol: 'SCTP' as const, port: servicePorts.SCTP, targetPort: targetPorts.SCTP }
  const all = ['p1', 'p2', 'p3'] as const
  const untouched = () => Promise.all(nodeNames.map((node) => whatRuns(cluster.lab.nodes[node].exec)))

  beforeAll(async () => {
    cluster = await FlowCluster.start(nftables, environment)
    before = await untouched();
    [web, local, inner, faithful, moving, none] = await Promise.all([
      cluster.serve('web', { type: 'NodePort', to: all, ports: [{ ...port, nodePort: 30_132 }, { name: 'tcp', protocol: 'TCP', port: servicePorts.TCP, targetPort: targetPorts.TCP, nodePort: 30_080 }] }),
      cluster.serve('local', { type: 'NodePort', externalTrafficPolicy: 'Local', to: ['p1', 'p3'], ports: [{ ...port, nodePort: 30_133 }] }),
      cluster.serve('inner', { internalTrafficPolicy: 'Local', to: ['p1', 'p3'], ports: [port] }),
      cluster.serve('faithful', { sessionAffinity: 'ClientIP', to: all, ports: [port] }),
      cluster.serve('moving', { to: all, ports: [port] }),
      cluster.serve('none', { type: 'NodePort', to: [], ports: [{ ...port, nodePort: 30_134 }] }),
    ])
  })
  afterAll(() => cluster?.close())

  /** Patient: on a busy machine an emulated one may stand still for seconds. */
  const at = (served: Served, from: Place, family: Family, times = 1) => ({ from, protocol: 'sctp', host: served.ip(family), port: servicePorts.SCTP, times, patience: 30 }) as const
  const exposed = (served: Served, from: Place, node: NodeName, family: Family, times = 1) => ({ ...at(served, from, family, times), host: nodeIP(node, family), port: served.nodePort('SCTP') })
  const inBoth = async (check: (family: Family) => Promise<unknown>) => void await Promise.all(families.map(check))
  const asked = async (questions: readonly Question[]) => await Promise.all(questions.map((question) => cluster.ask(question)))

  /** Asks all at once, at one node: none may get a turn twice, or miss one, whoever came first. */
  async function takeTurns(questions: readonly Question[]): Promise<void> {
    const answers = await asked(questions)
    expect(all.map((pod) => answers.flat().filter((answer) => answer === pod).length), JSON.stringify(answers)).toEqual(all.map(() => answers.flat().length / all.length))
  }

  describe.for([nftables, iptables('nft'), iptables('legacy')])('through $name', (contender) => {
    beforeAll(() => cluster.switchTo(contender))

    test('the cluster IP goes strictly round robin, from pods, from the endpoint itself, from nodes, from outside', () => inBoth(async (family) => {
      expect(outOfTurn(await cluster.ask(at(web, 'c1', family, 4)), all)).toBeUndefined()
      expect(outOfTurn(await cluster.ask(at(web, 'c3', family, 4)), all)).toBeUndefined()
      await takeTurns((['c1', 'p2', 'n1', 'outside'] as const).map((from) => at(web, from, family, 3)))
    }))

    test('the node port goes strictly round robin, from pods, from nodes, from outside', () => inBoth(async (family) => {
      expect(outOfTurn(await cluster.ask(exposed(web, 'outside', 'n3', family, 4)), all)).toBeUndefined()
      await takeTurns((['outside', 'c1', 'n1'] as const).map((from) => exposed(web, from, 'n1', family, 4)))
    }))

    test('is refused where there is no endpoint', () => inBoth(async (family) => {
      expect(await asked([at(none, 'c1', family), at(none, 'n1', family), exposed(none, 'outside', 'n1', family)])).toEqual([['ECONNREFUSED'], ['ECONNREFUSED'], ['ECONNREFUSED']])
    }))

    test('externalTrafficPolicy Local keeps callers from outside, and their addresses, on the node they asked; internalTrafficPolicy Local keeps pods on theirs', () => inBoth(async (family) => {
      const [answers, source, silence] = await Promise.all([
        asked([exposed(local, 'outside', 'n1', family, 2), at(inner, 'c1', family, 2)]),
        cluster.sourceSeen(exposed(local, 'outside', 'n2', family)),
        cluster.silence([exposed(local, 'outside', 'n3', family), at(inner, 'c3', family)]),
      ])
      expect(answers).toEqual([['p1', 'p1'], ['p1', 'p1']])
      expect(source).toBe(family === 'ipv4' ? '192.0.2.100' : '2001:db8:2::100')
      expect(silence).toEqual(['timeout', 'timeout'])
    }))

    test('sessionAffinity keeps each caller at its endpoint', () => inBoth(async (family) => {
      const answers = await asked((['c1', 'p1', 'p2', 'c3'] as const).map((from) => at(faithful, from, family, 3)))
      expect(answers.map((of) => new Set(of).size), JSON.stringify(answers)).toEqual([1, 1, 1, 1])
      // Each new caller is the next in turn.
      expect(answers.slice(0, 3).map(([first]) => first).sort()).toEqual([...all])
    }))

    test('pods are called by their own address; open connections outlive an update, new ones heed it', async () => {
      await moving.to(all)
      await inBoth(async (family) => {
        expect(await cluster.sourceSeen(at(moving, 'c1', family))).toBe(podIP('c1', family))
      })
      const held = await Promise.all(families.flatMap((family) => all.map(() => cluster.lab.hold(at(moving, 'c1', family)))))
      await moving.to(['p1', 'p3'])
      await inBoth(async (family) => {
        expect(outOfTurn(await cluster.ask(at(moving, 'c1', family, 4)), ['p1', 'p3'])).toBeUndefined()
      })
      const staying = held.filter(({ first }) => !first.startsWith('p2'))
      expect(staying.length).toBe(2 * families.length)
      expect(await Promise.all(staying.map((connection) => connection.again()))).toEqual(staying.map(({ first }) => first))
      await Promise.all(held.map((connection) => connection.drop()))
    })
  })

  test('modes follow each other: what the old one wrote goes, the new one works, and what both forward lives on', async () => {
    const works = (name: string) => inBoth(async (family) => {
      for (const protocol of ['SCTP', 'TCP'] as const) {
        const question = { ...at(web, 'c1', family, 3), protocol: protocol.toLowerCase() as 'sctp' | 'tcp', port: servicePorts[protocol] }
        expect(outOfTurn(await cluster.ask(question), all), `${name} ${family} ${protocol}`).toBeUndefined()
      }
    })
    const hold = () => Promise.all(families.map((family) => cluster.lab.hold(at(web, 'c1', family))))
    let held = await hold()
    let old: Contender = iptables('legacy')
    for (const next of [nftables, ipvs, iptables('nft'), ipvs, nftables, iptables('nft')]) {
      await cluster.switchTo(next, ['n1'])
      expect(await cluster.backend('n1').intact(), next.name).toBe(true)
      expect(await leftBy(old, cluster.lab.nodes.n1.exec), `${old.name} before ${next.name}`).toBe('')
      await works(next.name)
      // The kernel's load balancer has a memory of connections of its own, which goes with it.
      if (old !== ipvs && next !== ipvs) expect(await Promise.all(held.map((connection) => connection.again()))).toEqual(held.map(({ first }) => first))
      await Promise.all(held.map((connection) => connection.drop()))
      held = await hold()
      old = next
    }
    await Promise.all(nodeNames.map((node) => cluster.backend(node).cleanup()))
    expect(await untouched()).toEqual(before)
  })
})

/** All that any mode may leave in a node's network; base chains without rules, which exist once anyone has looked, left out. */
async function whatRuns(exec: Exec): Promise<string> {
  const { stdout } = await exec.run('sh', ['-c', 'nft list ruleset; iptables-legacy-save; ip6tables-legacy-save; ipvsadm -Sn; ipset save; ip -o address'])
  return stdout.split('\n').filter((line) => !/^\s*(#.*|\*\w+|COMMIT|:[A-Z]+ ACCEPT .*|table \w+ (raw|mangle|nat|filter) \{|chain [A-Z]+ \{|type \w+ hook .*|\}|)$/.test(line)).map((line) => line.replace(/valid_lft.*/, '')).join('\n')
}

/** What of one mode is there beside another one. */
async function leftBy(old: Contender, exec: Exec): Promise<string> {
  const script = {
    nftables: 'nft list tables | grep k8ts',
    'iptables-nft': '(iptables-nft-save; ip6tables-nft-save) | grep K8TS | grep -v K8TS-IPVS',
    'iptables-legacy': '(iptables-legacy-save; ip6tables-legacy-save) | grep K8TS',
    ipvs: 'ipvsadm -Sn; ipset save; ip -o link show type dummy; (iptables-nft-save; ip6tables-nft-save) | grep K8TS-IPVS',
  }[old.name]
  return (await exec.run('sh', ['-c', script!], { okCodes: [0, 1] })).stdout
}
