import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuthority } from '../../control/pki/certificate.ts'
import { newToken, tokenText } from '../../cli/join/bootstrap-token.ts'
import { caHash } from '../../cli/join/cluster-settings.ts'
import { until } from '../../cli/wait.ts'
import { systemClock as clock } from '../../host/clock.ts'
import { namespacesUnavailable } from '../../host/testing/namespaces.ts'
import { createBareMachines, type BareMachine, type BareMachines } from './bare-machines.ts'

const missing = ['debootstrap', 'slirp4netns'].filter((name) => !(process.env.PATH ?? '').split(':').some((directory) => existsSync(join(directory, name))))
const unavailable = process.env.K8TS_TEST_BARE_MACHINES !== '1' ? 'installs two machines from nothing, which takes many minutes; set K8TS_TEST_BARE_MACHINES=1'
  : namespacesUnavailable() ?? (missing.length ? `needs ${missing.join(', ')}` : undefined)

describe.skipIf(unavailable)(`the provisioning of bare machines${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let machines: BareMachines
  let server: BareMachine, worker: BareMachine
  beforeAll(async () => {
    machines = await createBareMachines()
    server = await machines.start('server')
    worker = await machines.start('worker1')
  }, 1_800_000)
  afterAll(() => machines?.close(), 120_000)

  const provision = async (machine: BareMachine, script: string, env: Readonly<Record<string, string>>) => {
    await machine.sh('/opt/k8ts/vagrant/provision/prepare.sh')
    return machine.sh(`/opt/k8ts/vagrant/provision/${script}.sh`, env)
  }
  const nodes = async () => {
    const { stdout } = await server.sh('kubectl get nodes -o json', { KUBECONFIG: '/var/lib/k8ts/admin.kubeconfig' })
    return (JSON.parse(stdout).items as any[]).map(({ metadata, status }) => ({
      name: metadata.name,
      address: status.addresses.find(({ type }: any) => type === 'InternalIP').address,
      ready: status.conditions.find(({ type }: any) => type === 'Ready').status,
    }))
  }

  test('from nothing to Ready nodes at their addresses on the private network, never the NAT', async () => {
    const key = (await createAuthority({ commonName: 'kubernetes', clock })).key
    const hash = caHash((await createAuthority({ commonName: 'kubernetes', key, clock })).certificate)
    const token = tokenText(newToken())
    await Promise.all([
      provision(server, 'server', { K8TS_CA_KEY: key, K8TS_TOKEN: token }),
      provision(worker, 'worker', { K8TS_SERVER: server.privateIP, K8TS_TOKEN: token, K8TS_CA_HASH: hash }),
    ])
    const found = await until('Both nodes', async () => {
      const now = await nodes()
      return now.length === 2 && now.every(({ ready }) => ready === 'True') ? now : undefined
    }, { clock, deadlineMs: 120_000, everyMs: 500 })
    expect(found).toEqual([{ name: 'server', address: server.privateIP, ready: 'True' }, { name: 'worker1', address: worker.privateIP, ready: 'True' }])
  }, 1_800_000)

  const units = async (machine: BareMachine) => (await machine.sh("systemctl list-units --all --plain --no-legend 'k8ts-*' | awk '{ print $1, $3 }'")).stdout.trim().split('\n').sort()
  const agentOf = async (machine: BareMachine) => (await machine.sh('systemctl show --property=MainPID --value k8ts-agent')).stdout.trim()
  /** When the worker last said that it lives. */
  const heard = async () => Date.parse((await server.sh("kubectl get lease -n kube-node-lease worker1 -o jsonpath='{.spec.renewTime}'", { KUBECONFIG: '/var/lib/k8ts/admin.kubeconfig' })).stdout)

  test('by systemd, which starts a part again that died', async () => {
    expect(await units(server)).toEqual(['k8ts-agent.service active', 'k8ts-containerd.service active', 'k8ts-server.service active'])
    expect(await units(worker)).toEqual(['k8ts-agent.service active', 'k8ts-containerd.service active'])
    const before = await agentOf(worker)
    await worker.sh(`kill -KILL ${before}`)
    await until('Another agent', async () => !['0', before].includes(await agentOf(worker)) || undefined, { clock, deadlineMs: 60_000, everyMs: 200 })
  }, 120_000)

  test('a worker that was switched off and on is back by itself', async () => {
    await worker.restart()
    const started = clock.now()
    await until('The worker', async () => (await heard()) > started || undefined, { clock, deadlineMs: 120_000, everyMs: 500 })
    // Its runtime is there a moment later.
    await until('A Ready worker', async () => (await nodes()).every(({ ready }) => ready === 'True') || undefined, { clock, deadlineMs: 60_000, everyMs: 500 })
  }, 300_000)

  test('leave and down take the units away', async () => {
    await worker.sh('/opt/k8ts/k8ts leave')
    expect((await nodes()).map(({ name }) => name)).toEqual(['server'])
    await server.sh('/opt/k8ts/k8ts down --purge')
    for (const machine of [server, worker]) expect((await machine.sh('systemctl list-unit-files --no-legend | grep k8ts || true; ls -A /var/lib/k8ts /run/k8ts 2>/dev/null || true')).stdout).toBe('')
  }, 300_000)
})
