import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { paths } from '../../cli/layout.ts'
import { createClusterLab, type ClusterLab } from '../lab/cluster-lab.ts'
import { stateOf } from '../lab/machine-state.ts'
import { deployment, pod, service } from '../lab/objects.ts'
import { clusterUnavailable } from '../lab/up-lab.ts'

const unavailable = clusterUnavailable()

/** Three nodes and a machine that is none yet. */
describe.skipIf(unavailable)(`machines that join${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let lab: ClusterLab
  const addressOf = async (name: string) => (await lab.json(`get node ${name}`)).status.addresses.find(({ type }: any) => type === 'InternalIP')?.address
  const state = (number: number) => {
    const node = lab.node(number)
    return stateOf({ node, directory: dirname(node.layout.dataDir), cgroup: node.cgroup })
  }
  const readyEndpoints = async (name: string) => (await lab.json(`get endpointslices -l kubernetes.io/service-name=${name}`)).items
    .flatMap(({ endpoints = [] }: any) => endpoints).filter(({ conditions }: any) => conditions.ready).map(({ nodeName }: any) => nodeName).sort()

  beforeAll(async () => { lab = await createClusterLab({ nodes: 4, members: 3 }) })
  afterAll(() => lab?.close())

  test('are Ready nodes at the address that reaches the server', async () => {
    for (const name of ['n1', 'n2', 'n3']) expect(await lab.isReady(name)).toBe(true)
    expect(await Promise.all(['n1', 'n2', 'n3'].map(addressOf))).toEqual(['10.99.0.11', '10.99.0.12', '10.99.0.13'])
    expect((await lab.node(2).k8ts('status')).stdout).toMatch(/✓ cluster +node n2 is Ready, at 10.99.0.12, a worker of https:\/\/10.99.0.11:6443/)
  })

  test('run pods whose logs and insides can be seen through the server', async () => {
    await lab.apply(pod('there', { nodeName: 'n2' }, { command: ['sh', '-c', 'echo hello from there; exec sleep 100000'] }))
    await lab.kubectl('wait --for=condition=Ready pod/there --timeout=60s')
    await lab.eventually('the log', async () => (await lab.kubectl('logs there')).includes('hello from there'))
    expect(await lab.kubectl(['exec', 'there', '--', 'echo', 'inside'])).toBe('inside\n')
  })

  test('ask for nothing that they may not have', async () => {
    const refused = (await lab.kubectl('get --raw /metrics')).split('\n').filter((line) => /^apiserver_request_total\{.*code="40[13]"/.test(line))
    expect(refused).toEqual([])
  })

  test('cannot with a wrong token, authority, name or server, are told why, and have nothing of it', async () => {
    const machine = lab.node(4)
    const [server, , token, , hash] = await lab.joinWords() as [string, string, string, string, string]
    const refused = async (words: string[], why: RegExp) => {
      await expect(machine.join(...words)).rejects.toThrow(why)
      expect(existsSync(paths(machine.layout).config)).toBe(false)
      expect(existsSync(paths(machine.layout).pki)).toBe(false)
    }
    const otherSecret = `${token.slice(0, 7)}${'x'.repeat(16)}`
    await refused([server, '--token', otherSecret, '--ca-hash', hash], /not signed with this token: the token's second half is wrong/)
    await refused([server, '--token', 'zzzzzz.0123456789abcdef', '--ca-hash', hash], /does not know the token zzzzzz/)
    await refused([server, '--token', token, '--ca-hash', `sha256:${'0'.repeat(64)}`], /is not the one with sha256:0000/)
    await refused([server, '--token', token], /Name the hash of the cluster's authority with --ca-hash/)
    await refused([server, '--token', 'nonsense', '--ca-hash', hash], /must be like abcdef/)
    await refused(['10.99.0.1', '--token', token, '--ca-hash', hash], /Cannot reach https:\/\/10.99.0.1:6443: connection refused/)
    await refused([server, '--token', token, '--ca-hash', hash, '--node-name', 'n2'], /has a Ready node n2 already/)
    await expect(lab.node(1).join(server, '--token', token, '--ca-hash', hash)).rejects.toThrow(/is the server of a cluster of its own/)
    await expect(lab.node(2).join(server, '--token', token, '--ca-hash', hash, '--node-name', 'other')).rejects.toThrow(/is node n2 already/)
    const [, , short] = await lab.joinWords('--ttl', '1s')
    await lab.eventually('the token’s end', async () => !(await lab.node(1).k8ts('token', 'list')).stdout.includes(short!.slice(0, 6)))
    await refused([server, '--token', short!, '--ca-hash', hash], /does not know the token/)
    await lab.node(1).k8ts('token', 'delete', token)
    await refused([server, '--token', token, '--ca-hash', hash], /does not know the token/)
  }, 300_000)

  test('go on where a join was killed, and leave as if they had never been there', async () => {
    const machine = lab.node(4)
    const untouched = await state(4)
    const words = await lab.joinWords()
    for (const ms of [1200, 2400]) await machine.joinKilled(ms, ...words)
    await machine.join(...words)
    expect(await lab.isReady('n4')).toBe(true)
    const before = await machine.pidOf('agent')
    await machine.join(...words)
    await machine.k8ts('up', '--offline')
    expect(await machine.pidOf('agent')).toBe(before)
    await machine.k8ts('leave')
    expect(await state(4)).toBe(untouched)
    expect(await lab.kubectl('get nodes -o name')).not.toContain('n4')
    expect(existsSync(machine.layout.dataDir)).toBe(false)
  }, 300_000)

  test('have another address when they are given one, and are Ready there within a minute', async () => {
    await lab.node(2).moveTo('10.99.0.42')
    await lab.eventually('the new address', async () => (await addressOf('n2').catch(() => undefined)) === '10.99.0.42' && (await lab.isReady('n2')))
    // Through the server, which checks what the agent shows of itself.
    await lab.eventually('the log', async () => (await lab.kubectl('logs there').catch(() => '')).includes('hello from there'))
    await lab.apply(pod('asking', { nodeName: 'n3' }))
    await lab.kubectl('wait --for=condition=Ready pod/asking --timeout=60s')
    const { status: { podIP } } = await lab.json('get pod there')
    await lab.eventually('a way between pods', () => lab.kubectl(['exec', 'asking', '--', 'ping', '-c1', '-W2', podIP]).then(() => true, () => false))
  })

  test('that are lost have their endpoints withdrawn and their pods replaced; and come back', async () => {
    const hurried = ['not-ready', 'unreachable'].map((key) => ({ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 2 }))
    const web = deployment('web', 3)
    Object.assign(web.spec.template.spec, { tolerations: hurried, topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: { app: 'web' } } }] })
    await lab.apply(web, service('web'))
    await lab.kubectl('rollout status deployment/web --timeout=90s')
    await lab.eventually('endpoints everywhere', async () => (await readyEndpoints('web')).join() === 'n1,n2,n3')
    await lab.node(3).cut()
    await lab.eventually('the loss being seen', async () => !(await lab.isReady('n3')), 120_000)
    await lab.eventually('the endpoint being withdrawn', async () => !(await readyEndpoints('web')).includes('n3'))
    await lab.eventually('another pod elsewhere', async () => {
      const nodes = await readyEndpoints('web')
      return nodes.length === 3 && !nodes.includes('n3')
    }, 120_000)
    // It was away, and is plugged in where it gets another address.
    await lab.node(3).moveTo('10.99.0.43')
    await lab.node(3).reconnect()
    await lab.eventually('its return', async () => (await lab.isReady('n3')) && (await addressOf('n3')) === '10.99.0.43')
    await lab.apply(pod('returned', { nodeName: 'n3' }))
    await lab.kubectl('wait --for=condition=Ready pod/returned --timeout=60s')
  }, 400_000)

  test('that were down come back with up, at another address too', async () => {
    await lab.node(3).k8ts('down')
    await lab.node(3).moveTo('10.99.0.53')
    await lab.node(3).k8ts('up', '--offline')
    await lab.eventually('its return', async () => (await lab.isReady('n3')) && (await addressOf('n3')) === '10.99.0.53')
  }, 300_000)
})
