import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kill } from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../cli/config.ts'
import { hasNodesNetwork } from '../../cli/nodes/network.ts'
import { planNodes, type NodesPlan } from '../../cli/nodes/plan.ts'
import { endLeftovers } from '../../cli/leftovers.ts'
import { paths } from '../../cli/layout.ts'
import { importImagesInto } from '../lab/images.ts'
import { machineState } from '../lab/machine-state.ts'
import { deployment, service } from '../lab/objects.ts'
import { clusterUnavailable, createUpLab, type UpLab } from '../lab/up-lab.ts'

const unavailable = clusterUnavailable()

describe.skipIf(unavailable)(`several nodes on one machine${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let lab: UpLab
  let plan: NodesPlan
  let untouched: string
  const ready = async () => (await lab.kubectl('get nodes --no-headers')).trim().split('\n').map((line) => line.split(/ +/).slice(0, 2).join(' ')).sort()
  const namespaces = async () => (await readdir('/run/netns')).filter((name) => name.startsWith(plan.link)).sort()
  const pidOf = async (number: number, part: string) => (JSON.parse(await readFile(join(plan.others[number - 2]!.layout.runDir, 'pids', `k8ts-${part}.json`), 'utf8')) as { pid: number }).pid

  beforeAll(async () => {
    lab = await createUpLab({ start: false })
    untouched = await machineState(lab)
  })
  afterAll(() => lab?.close())

  test('are made by one up, each in a network namespace of its own', async () => {
    await lab.k8ts('up', '--nodes', '3')
    plan = planNodes((await loadConfig(lab.layout))!)
    expect(await ready()).toEqual(['n1 Ready', 'n1-2 Ready', 'n1-3 Ready'])
    const addresses = (await lab.json('get nodes')).items.map(({ status }: any) => status.addresses.find(({ type }: any) => type === 'InternalIP').address).sort()
    expect(addresses).toEqual(['10.213.0.1', '10.213.0.2', '10.213.0.3'])
    expect((await lab.k8ts('status')).stdout).toContain('3 of 3 nodes Ready')
  }, 300_000)

  test('run pods that each of them answers for, asked from the machine; and reach what is outside', async () => {
    await importImagesInto(lab.node.exec, lab.layout)
    for (const { layout } of plan.others) await importImagesInto(lab.node.exec, layout)
    const spread = { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } }] }
    const web = deployment('web', 3)
    Object.assign(web.spec.template.spec, spread)
    await lab.apply(web, service('web', { type: 'NodePort', ports: [{ name: 'http', port: 80, targetPort: 'http', nodePort: 30080 }] }))
    await lab.kubectl('rollout status deployment/web --timeout=90s')
    const pods = (await lab.json('get pods -l app=web')).items
    expect(new Set(pods.map(({ spec }: any) => spec.nodeName)).size).toBe(3)
    for (const address of [plan.address, ...plan.others.map((node) => node.address)]) {
      const answer = await lab.eventually(`an answer of ${address}`, () => lab.node.exec.run('curl', ['-fsS', '-m', '3', `http://${address}:30080/`]).then(({ stdout }) => stdout, () => undefined))
      expect(pods.map(({ metadata }: any) => `${metadata.name}\n`)).toContain(answer)
    }
    for (const { namespace } of plan.others) await lab.node.sh(`nsenter --net=/run/netns/${namespace} -- busybox ping -c1 -W3 192.0.2.2`)
  }, 300_000)

  test('a second up changes nothing; one whose agent died is mended', async () => {
    const before = [await pidOf(2, 'agent'), await pidOf(3, 'agent'), await pidOf(3, 'containerd')]
    await lab.k8ts('up')
    expect([await pidOf(2, 'agent'), await pidOf(3, 'agent'), await pidOf(3, 'containerd')]).toEqual(before)
    kill(before[0]!, 'SIGKILL')
    await lab.k8ts('up')
    expect([await pidOf(3, 'agent'), await pidOf(3, 'containerd')]).toEqual(before.slice(1))
    expect(await pidOf(2, 'agent')).not.toBe(before[0])
  }, 300_000)

  test('come back after a reboot, with up', async () => {
    const everything = [lab.layout, ...plan.others.map(({ layout }) => layout)]
    for (const part of ['agent', 'server', 'containerd'] as const) kill(await lab.pidOf(part), 'SIGKILL')
    for (const { number } of plan.others) for (const part of ['agent', 'containerd']) kill(await pidOf(number, part), 'SIGKILL')
    for (const layout of everything) await endLeftovers(paths(layout).containerd)
    await lab.node.sh(`
      for mount in $(grep -o ' ${lab.directory}/[^ ]*' /proc/self/mountinfo | sort -r); do umount -l $mount; done
      rm -rf ${lab.layout.runDir}; nft flush ruleset
      ${[...plan.others.map(({ namespace }) => namespace), plan.switch].map((name) => `ip netns delete ${name}`).join('; ')}`)
    await lab.eventually('the cable being gone', async () => !(await hasNodesNetwork(plan, lab.node.exec)))
    await lab.k8ts('up')
    expect(await ready()).toEqual(['n1 Ready', 'n1-2 Ready', 'n1-3 Ready'])
    await lab.kubectl('rollout status deployment/web --timeout=90s')
  }, 300_000)

  test('leave when there shall be fewer', async () => {
    await lab.k8ts('up', '--nodes', '2')
    expect(await ready()).toEqual(['n1 Ready', 'n1-2 Ready'])
    expect(await namespaces()).toEqual([`${plan.link}-2`, `${plan.link}-switch`])
  }, 300_000)

  test('down leaves the machine as it was, and up brings them back', async () => {
    await lab.k8ts('down')
    expect(await machineState(lab)).toBe(untouched)
    expect(await namespaces()).toEqual([])
    await lab.k8ts('up')
    expect(await ready()).toEqual(['n1 Ready', 'n1-2 Ready'])
    await lab.k8ts('down', '--purge')
    expect(await machineState(lab)).toBe(untouched)
    expect(await namespaces()).toEqual([])
  }, 300_000)
})
