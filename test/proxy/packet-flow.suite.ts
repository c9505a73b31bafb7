import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createConntrack } from '../../host/conntrack.ts'
import type { Exec } from '../../host/exec.ts'
import { namespacesUnavailable } from '../../host/testing/namespaces.ts'
import type { Backend } from '../../proxy/backend.ts'
import { staleFlows } from '../../proxy/conntrack.ts'
import type { ForwardingTable } from '../../proxy/table.ts'
import { Tracker } from '../../proxy/tracker.ts'
import { clusterCIDR, createFlowLab, nodeIP, podIP, service, type FlowLab, type Place } from './flow-lab.ts'

export interface Contender {
  readonly name: string
  create(exec: Exec): Backend
  /** What the kernel holds, as text, to prove that nothing is left behind. */
  ruleset(exec: Exec): Promise<string>
  /** Refuses connections to a cluster IP at a port that no Service has. */
  readonly refusesUnknownPorts: boolean
  /** A change to one Service leaves the turns of the others where they are. */
  readonly keepsTurns: boolean
}

/** The table of packet flows that every backend passes, with real packets through a real kernel. */
export function packetFlowSuite(contender: Contender): void {
  const unavailable = namespacesUnavailable()

  describe.skipIf(unavailable)(`packet flows through ${contender.name}${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
    let lab: FlowLab
    let backend: Backend
    let tracker: Tracker
    let applied: ForwardingTable = { routes: [], healthChecks: [] }
    let untouched: string

    beforeAll(async () => {
      lab = await createFlowLab(`flow-${contender.name}`)
      backend = contender.create(lab.node.exec)
      untouched = await contender.ruleset(lab.node.exec)
      tracker = new Tracker({ name: 'node', clusterCIDRs: [clusterCIDR] })
      set(service('web', { clusterIP: '10.96.0.10', type: 'NodePort', ports: [{ name: 'tcp', protocol: 'TCP', port: 80, targetPort: 8080, nodePort: 30080 }, { name: 'udp', protocol: 'UDP', port: 53, targetPort: 8053, nodePort: 30053 }] }, ['p1', 'p2', 'p3']))
      set(service('twin', { clusterIP: '10.96.0.11' }, ['p1', 'p2', 'p3']))
      set(service('self', { clusterIP: '10.96.0.12' }, ['p1']))
      set(service('none', { clusterIP: '10.96.0.13', type: 'NodePort', ports: [{ name: 'tcp', protocol: 'TCP', port: 80, targetPort: 8080, nodePort: 30081 }, { name: 'udp', protocol: 'UDP', port: 53, targetPort: 8053, nodePort: 30054 }] }, []))
      set(service('outer', { clusterIP: '10.96.0.14', externalIPs: ['198.51.100.7'] }, ['p1', 'p2']))
      set(service('local', { clusterIP: '10.96.0.15', type: 'NodePort', externalTrafficPolicy: 'Local', ports: [{ name: 'tcp', protocol: 'TCP', port: 80, targetPort: 8080, nodePort: 30082 }] }, ['p1', 'p2']))
      await apply()
    })
    afterAll(() => lab?.close())

    function set({ service, slice }: ReturnType<typeof import('./flow-lab.ts').service>): void {
      tracker.setService(service)
      tracker.setSlice(slice)
    }
    async function apply(): Promise<void> {
      const table = tracker.table()
      await backend.apply(table)
      const conntrack = createConntrack({ exec: lab.node.exec })
      for (const flow of staleFlows(applied, table)) await conntrack.deleteUdp(flow)
      applied = table
    }
    const names = (answers: readonly string[]) => answers.map((answer) => answer.split(' ')[0])

    test('is supported here', async () => expect(await backend.supported()).toBeUndefined())

    const rounds: { flow: string; from: Place; protocol: 'tcp' | 'udp'; host: string; port: number }[] = [
      { flow: 'cluster IP, TCP, from a pod', from: 'client', protocol: 'tcp', host: '10.96.0.10', port: 80 },
      { flow: 'cluster IP, UDP, from a pod', from: 'client', protocol: 'udp', host: '10.96.0.10', port: 53 },
      { flow: 'cluster IP, TCP, from the node', from: 'node', protocol: 'tcp', host: '10.96.0.10', port: 80 },
      { flow: 'cluster IP, UDP, from the node', from: 'node', protocol: 'udp', host: '10.96.0.10', port: 53 },
      { flow: 'cluster IP, TCP, from an endpoint of the Service', from: 'p2', protocol: 'tcp', host: '10.96.0.10', port: 80 },
      { flow: 'node port, TCP, from outside', from: 'outside', protocol: 'tcp', host: nodeIP, port: 30080 },
      { flow: 'node port, UDP, from outside', from: 'outside', protocol: 'udp', host: nodeIP, port: 30053 },
      { flow: 'node port, TCP, from the node', from: 'node', protocol: 'tcp', host: nodeIP, port: 30080 },
      { flow: 'node port, TCP, from a pod', from: 'client', protocol: 'tcp', host: nodeIP, port: 30080 },
      { flow: 'node port, TCP, at the bridge address', from: 'client', protocol: 'tcp', host: '10.244.0.1', port: 30080 },
    ]
    test.for(rounds)('goes strictly round robin: $flow', async ({ from, protocol, host, port }) => {
      const answers = names(await lab.ask(from, protocol, host, port, 7))
      const start = ['p1', 'p2', 'p3'].indexOf(answers[0] ?? '')
      expect(start, answers.join()).toBeGreaterThanOrEqual(0)
      expect(answers).toEqual(answers.map((_, turn) => ['p1', 'p2', 'p3'][(start + turn) % 3]))
    })

    test('two Services of equal size keep their turns apart', async () => {
      const turns: string[] = []
      for (let turn = 0; turn < 3; turn++) {
        turns.push(names(await lab.ask('client', 'tcp', '10.96.0.11', 80))[0]!)
        await lab.ask('client', 'tcp', '10.96.0.10', 80, 2)
      }
      expect([...turns].sort()).toEqual(['p1', 'p2', 'p3'])
    })

    const refusals: { flow: string; from: Place; protocol: 'tcp' | 'udp'; host: string; port: number }[] = [
      { flow: 'cluster IP, TCP, from a pod', from: 'client', protocol: 'tcp', host: '10.96.0.13', port: 80 },
      { flow: 'cluster IP, UDP, from a pod', from: 'client', protocol: 'udp', host: '10.96.0.13', port: 53 },
      { flow: 'cluster IP, TCP, from the node', from: 'node', protocol: 'tcp', host: '10.96.0.13', port: 80 },
      { flow: 'cluster IP, UDP, from the node', from: 'node', protocol: 'udp', host: '10.96.0.13', port: 53 },
      { flow: 'node port, TCP, from outside', from: 'outside', protocol: 'tcp', host: nodeIP, port: 30081 },
      { flow: 'node port, UDP, from outside', from: 'outside', protocol: 'udp', host: nodeIP, port: 30054 },
    ]
    test.for(refusals)('refuses where there is no endpoint: $flow', async ({ from, protocol, host, port }) => {
      expect(await lab.ask(from, protocol, host, port)).toEqual(['ECONNREFUSED'])
    })

    test('node ports are not answered on loopback', async () => {
      expect(await lab.ask('node', 'tcp', '127.0.0.1', 30080)).toEqual(['ECONNREFUSED'])
    })

    test.skipIf(!contender.refusesUnknownPorts)('refuses a cluster IP at a port no Service has (iptables, as kube-proxy, does not)', async () => {
      expect(await lab.ask('client', 'tcp', '10.96.0.10', 81)).toEqual(['ECONNREFUSED'])
      expect(await lab.ask('node', 'tcp', '10.96.0.10', 81)).toEqual(['ECONNREFUSED'])
    })

    test('a pod reaches itself through its Service', async () => {
      expect(names(await lab.ask('p1', 'tcp', '10.96.0.12', 80, 2))).toEqual(['p1', 'p1'])
      expect(names(await lab.ask('p1', 'udp', '10.96.0.12', 53, 2))).toEqual(['p1', 'p1'])
    })

    test('external IPs are answered', async () => {
      expect(names(await lab.ask('outside', 'tcp', '198.51.100.7', 80, 4)).sort()).toEqual(['p1', 'p1', 'p2', 'p2'])
    })

    test('pods see each other as they are; callers from outside are hidden behind the node unless the policy is Local', async () => {
      expect((await lab.ask('client', 'tcp', '10.96.0.10', 80))[0]).toMatch(new RegExp(` ${podIP.client}$`))
      expect((await lab.ask('outside', 'tcp', nodeIP, 30080))[0]).toMatch(/ 10\.244\.0\.1$/)
      expect((await lab.ask('outside', 'tcp', nodeIP, 30082))[0]).toMatch(/ 192\.0\.2\.2$/)
    })

    test('an endpoint that is gone gets no traffic, UDP flows that went there move on', async () => {
      const [before] = names(await lab.ask('client', 'udp', '10.96.0.10', 53, 1, 5353))
      const [twinBefore] = names(await lab.ask('client', 'tcp', '10.96.0.11', 80))
      const left = (['p1', 'p2', 'p3'] as const).filter((pod) => pod !== before)
      set(service('web', { clusterIP: '10.96.0.10', type: 'NodePort', ports: [{ name: 'tcp', protocol: 'TCP', port: 80, targetPort: 8080, nodePort: 30080 }, { name: 'udp', protocol: 'UDP', port: 53, targetPort: 8053, nodePort: 30053 }] }, left))
      await apply()
      expect(left).toContain(names(await lab.ask('client', 'udp', '10.96.0.10', 53, 1, 5353))[0])
      expect(names(await lab.ask('client', 'tcp', '10.96.0.10', 80, 4)).sort()).toEqual([left[0], left[0], left[1], left[1]])
      expect(names(await lab.ask('outside', 'tcp', nodeIP, 30080, 4)).sort()).toEqual([left[0], left[0], left[1], left[1]])
      if (!contender.keepsTurns) return
      const next = ['p1', 'p2', 'p3'][(['p1', 'p2', 'p3'].indexOf(twinBefore!) + 1) % 3]
      expect(names(await lab.ask('client', 'tcp', '10.96.0.11', 80))).toEqual([next])
    })

    test('a Service that gets its first endpoint is answered at once, and refuses again without it', async () => {
      expect(await lab.ask('client', 'udp', '10.96.0.13', 53, 1, 5354)).toEqual(['ECONNREFUSED'])
      const ports = [{ name: 'tcp', protocol: 'TCP', port: 80, targetPort: 8080, nodePort: 30081 }, { name: 'udp', protocol: 'UDP', port: 53, targetPort: 8053, nodePort: 30054 }]
      set(service('none', { clusterIP: '10.96.0.13', type: 'NodePort', ports }, ['p2']))
      await apply()
      expect(names(await lab.ask('client', 'udp', '10.96.0.13', 53, 1, 5354))).toEqual(['p2'])
      expect(names(await lab.ask('outside', 'tcp', nodeIP, 30081, 2))).toEqual(['p2', 'p2'])
      set(service('none', { clusterIP: '10.96.0.13', type: 'NodePort', ports }, []))
      await apply()
      expect(await lab.ask('client', 'tcp', '10.96.0.13', 80)).toEqual(['ECONNREFUSED'])
    })

    test('a deleted Service is answered no more, and a second instance takes over what the first left', async () => {
      tracker.deleteService(service('twin', { clusterIP: '10.96.0.11' }, []).service)
      backend = contender.create(lab.node.exec)
      await apply()
      expect(await lab.ask('client', 'tcp', '10.96.0.11', 80)).not.toEqual([expect.stringMatching(/^p/)])
      expect(names(await lab.ask('client', 'tcp', '10.96.0.10', 80))[0]).toMatch(/^p/)
    })

    test('clean-up leaves the rules as they were, and can be repeated', async () => {
      await backend.cleanup()
      await backend.cleanup()
      expect(await contender.ruleset(lab.node.exec)).toBe(untouched)
    })
  })
}
