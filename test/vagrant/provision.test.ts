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
      provision(server, 'server', { K8TS_CA_KEY: key, K8TS_TOKEN: token, K8TS_UP: `--cgroup-root /${server.cgroup}` }),
      provision(worker, 'worker', { K8TS_SERVER: server.privateIP, K8TS_TOKEN: token, K8TS_CA_HASH: hash, K8TS_JOIN: `--cgroup-root /${worker.cgroup}` }),
    ])
    const found = await until('Both nodes', async () => {
      const now = await nodes()
      return now.length === 2 && now.every(({ ready }) => ready === 'True') ? now : undefined
    }, { clock, deadlineMs: 120_000, everyMs: 500 })
    expect(found).toEqual([{ name: 'server', address: server.privateIP, ready: 'True' }, { name: 'worker1', address: worker.privateIP, ready: 'True' }])
  }, 1_800_000)
})
