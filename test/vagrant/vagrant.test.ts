import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuthority } from '../../control/pki/certificate.ts'
import { caHash } from '../../cli/join/cluster-settings.ts'
import { newToken, parseToken, tokenText } from '../../cli/join/bootstrap-token.ts'
import { systemClock as clock } from '../../host/clock.ts'
import { createExec } from '../../host/exec.ts'
import { createClusterLab, type ClusterLab, type ClusterNode } from '../lab/cluster-lab.ts'
import { clusterUnavailable, home } from '../lab/up-lab.ts'

const exec = createExec()
const onPath = (name: string) => (process.env.PATH ?? '').split(':').some((directory) => existsSync(join(directory, name)))
const noVagrant = onPath('vagrant') ? undefined : 'needs vagrant'

describe.skipIf(noVagrant)(`the Vagrantfile${noVagrant ? ` (skipped: ${noVagrant})` : ''}`, () => {
  let directory: string
  beforeAll(async () => { directory = await mkdtemp(join(tmpdir(), `k8ts-vagrant-${process.pid}-`)) })
  afterAll(() => rm(directory, { recursive: true, force: true }))
  const validate = (env: Record<string, string> = {}) => exec.run('vagrant', ['validate', '--ignore-provider'], {
    cwd: join(home, 'vagrant'), timeoutMs: 180_000, env: { VAGRANT_DOTFILE_PATH: directory, VAGRANT_HOME: join(directory, 'home'), ...env },
  })

  test('is valid, with one server and as many workers as asked', async () => {
    const { stdout } = await validate({ K8TS_WORKERS: '3', K8TS_MEMORY: '1024', K8TS_CPUS: '1', K8TS_PROXY_MODE: 'iptables', K8TS_BOX: 'generic/debian12' })
    expect(stdout).toContain('Vagrantfile validated successfully')
    for (const name of ['server', 'worker1', 'worker2', 'worker3']) expect(stdout).toContain(`==> ${name}:`)
    expect(stdout).not.toContain('worker4')
  }, 200_000)

  const noLibvirt = existsSync('/usr/share/vagrant-plugins/plugins.d/vagrant-libvirt.json') ? undefined : 'needs vagrant-libvirt'
  test.skipIf(noLibvirt)(`is valid for libvirt and VirtualBox${noLibvirt ? ` (skipped: ${noLibvirt})` : ''}`, async () => {
    for (const provider of ['libvirt', 'virtualbox']) {
      const { stdout } = await exec.run('vagrant', ['validate', ...(provider === 'virtualbox' ? ['--ignore-provider'] : [])], {
        cwd: join(home, 'vagrant'), timeoutMs: 180_000, env: { VAGRANT_DOTFILE_PATH: directory, VAGRANT_HOME: join(directory, 'home'), VAGRANT_DEFAULT_PROVIDER: provider },
      })
      expect(stdout).toContain('Vagrantfile validated successfully')
    }
  }, 400_000)

  test('draws its secrets once, for nobody else to read', async () => {
    const secrets = ['token', 'ca.key'].map((name) => join(directory, 'k8ts', name))
    const before = await Promise.all(secrets.map((file) => readFile(file, 'utf8')))
    expect(parseToken(before[0]!)).toBeDefined()
    await validate()
    expect(await Promise.all(secrets.map((file) => readFile(file, 'utf8')))).toEqual(before)
    for (const file of secrets) expect((await stat(file)).mode & 0o777).toBe(0o600)
  }, 200_000)

  test('knows the authority by the hash that k8ts will have for it', async () => {
    const key = await readFile(join(directory, 'k8ts', 'ca.key'), 'utf8')
    // The lines of the Vagrantfile itself.
    const lines = (await readFile(join(home, 'vagrant', 'Vagrantfile'), 'utf8')).split('\n').filter((line) => /^(point|ca_hash) = /.test(line)).join('\n')
    const { stdout } = await exec.run('ruby', ['-ropenssl', '-rdigest', '-e', `ca_key = STDIN.read\n${lines}\nputs ca_hash`], { input: key })
    expect(stdout.trim()).toBe(caHash((await createAuthority({ commonName: 'kubernetes', key, clock })).certificate))
  })

  test('says which setting is wrong', async () => {
    await expect(validate({ K8TS_WORKERS: 'many' })).rejects.toThrow(/K8TS_WORKERS must be a number, 0 to 50/)
  }, 200_000)
})

const unavailable = clusterUnavailable()

describe.skipIf(unavailable)(`the provisioning of the virtual machines${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let lab: ClusterLab
  beforeAll(async () => { lab = await createClusterLab({ nodes: 2, start: false }) })
  afterAll(() => lab?.close())
  const own = ({ nodeName, cgroup, layout }: ClusterNode) => `--offline --node-name ${nodeName} --cgroup-root /${cgroup} --pod-logs-dir ${join(layout.dataDir, '..', 'pods')}`
  const provision = (node: ClusterNode, script: string, env: Record<string, string>) =>
    node.exec.run('sh', [join(home, 'vagrant', 'provision', `${script}.sh`)], { timeoutMs: 300_000, env: { K8TS_COMMAND: `${process.execPath} ${join(home, 'cli', 'main.ts')}`, K8TS_ROOT: join(node.layout.dataDir, '..'), ...env } })

  test('brings up a worker before its server, by the authority that both were told; run again it changes nothing', async () => {
    const key = (await createAuthority({ commonName: 'kubernetes', clock })).key
    const hash = caHash((await createAuthority({ commonName: 'kubernetes', key, clock })).certificate)
    const token = tokenText(newToken())
    const server = () => provision(lab.node(1), 'server', { K8TS_CA_KEY: key, K8TS_TOKEN: token, K8TS_UP: own(lab.node(1)) })
    const worker = () => provision(lab.node(2), 'worker', { K8TS_SERVER: lab.node(1).address, K8TS_TOKEN: token, K8TS_CA_HASH: hash, K8TS_JOIN: own(lab.node(2)) })
    await Promise.all([worker(), server()])
    expect(await lab.isReady('n1')).toBe(true)
    expect(await lab.isReady('n2')).toBe(true)
    const pids = () => Promise.all([lab.node(1).pidOf('server'), lab.node(1).pidOf('agent'), lab.node(2).pidOf('agent')])
    const before = await pids()
    await server()
    await worker()
    expect(await pids()).toEqual(before)
  }, 400_000)
})
