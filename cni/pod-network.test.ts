import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Spawned } from '../host/exec.ts'
import { lockFile } from '../host/files.ts'
import { namespacesUnavailable, type TestNamespace } from '../host/testing/namespaces.ts'
import { createNetworkLab, type NetworkLab } from './testing/network-lab.ts'

const skip = namespacesUnavailable()

describe.skipIf(skip).each(['perl', 'shell'] as const)(`the executable in %s and the agent${skip ? ` (${skip})` : ''}`, language => {
  let lab: NetworkLab
  let pod: TestNamespace
  let options: Record<string, unknown>
  let before: string
  const path = (...parts: string[]) => join(lab.dir, ...parts)

  /** An agent in the node's namespace, once it is ready. */
  const startAgent = async (): Promise<Spawned> => {
    const agent = await lab.node.exec.spawn(process.execPath, [join(import.meta.dirname, 'testing/resident.ts'), JSON.stringify(options)])
    let said = ''
    let complaint = ''
    agent.stderr!.on('data', chunk => { complaint += String(chunk) })
    for await (const chunk of agent.stdout!) {
      said += String(chunk)
      if (said.endsWith('ready\n')) break
    }
    expect(`${said}${complaint}`).toBe('cni plugin not initialized: the node has no pod CIDR yet\nready\n')
    return agent
  }
  const config = async (more: Record<string, unknown> = {}): Promise<string> => {
    const list = JSON.parse(await readFile(path('conf', '10-k8ts.conflist'), 'utf8')) as { name: string; plugins: [Record<string, unknown>] }
    const { capabilities: _, ...plugin } = list.plugins[0]
    return JSON.stringify({ ...plugin, name: list.name, cniVersion: '1.0.0', ...more })
  }
  /** As a runtime calls it. */
  const call = async (command: string, input: string, env: Record<string, string> = {}) => {
    const { stdout, code } = await lab.node.exec.run(path('bin', 'k8ts'), [], {
      input, okCodes: [0, 1], timeoutMs: 20_000,
      env: { CNI_COMMAND: command, CNI_CONTAINERID: 'c1', CNI_NETNS: pod.path, CNI_IFNAME: 'eth0', CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAME=a;K8S_POD_NAMESPACE=b', CNI_PATH: path('bin'), ...env },
    })
    return { code, ...(stdout.trim() ? JSON.parse(stdout) as Record<string, unknown> : {}) } as { code: number } & Record<string, unknown>
  }

  /** The unix connections in the node's namespace. */
  const sockets = async () => (await lab.node.sh('ss -xH')).split('\n').filter(line => /^u_str\s+ESTAB/.test(line))

  beforeAll(async () => {
    lab = await createNetworkLab(`cni-${language}`)
    pod = await lab.namespaces.create('pod')
    options = {
      language, podCIDRs: ['10.244.1.0/24'], clusterCIDRs: ['10.244.0.0/16'], binDir: path('bin'), confDir: path('conf'), dataDir: path('data'),
      socket: path('run', 'cni.sock'), nodePath: process.execPath, mainPath: join(import.meta.dirname, 'main.ts'),
    }
    await lab.node.sh('ip link set eth0 mtu 1400') // what the pods shall have too
    before = await lab.snapshot()
  })
  afterAll(() => lab.close())

  test('one answers like the other, and what one made the other takes away', async () => {
    const agent = await startAgent()
    expect((await stat(path('run', 'cni.sock'))).mode & 0o777).toBe(0o600)
    const cni = await config({ runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] } })
    const byAgent = await call('ADD', cni)
    expect(byAgent).toMatchObject({ code: 0, cniVersion: '1.0.0', ips: [{ address: '10.244.1.2/24', gateway: '10.244.1.1' }] })
    await pod.sh('busybox ping -c1 -W2 192.0.2.1')
    expect(await call('CHECK', JSON.stringify({ ...JSON.parse(cni) as object, prevResult: byAgent }))).toEqual({ code: 0 })
    expect(await lab.node.sh('cat /sys/class/net/lo/mtu >/dev/null; ip link show k8ts0')).toContain('mtu 1400')
    const errors = async () => [await call('ADD', '{"broken'), await call('ADD', cni), await call('ADD', cni, { CNI_CONTAINERID: '../etc' }), await call('NONE', cni), await call('VERSION', '{"cniVersion":"1.0.0"}')]
    const answers = await errors()
    expect(answers.map(answer => answer['code'])).toEqual([6, 101, 4, 4, 0])
    agent.stdin!.end()
    await agent.exited
    expect(await errors()).toEqual(answers)
    expect(await call('DEL', cni)).toEqual({ code: 0 })
    expect(await call('DEL', cni)).toEqual({ code: 0 })
    expect(await call('ADD', cni)).toMatchObject({ code: 0, ips: [{ address: '10.244.1.3/24' }] })
    const again = await startAgent()
    expect(await call('DEL', cni)).toEqual({ code: 0 })
    again.stdin!.end()
    await again.exited
  })

  test('an agent killed in the middle of an ADD: the runtime is told, and the next ADD is clean', async () => {
    const agent = await startAgent()
    const cni = await config()
    const lock = await lockFile(path('data', 'k8ts.lock'))
    const answer = call('ADD', cni)
    await expect.poll(async () => {
      const lines = await sockets()
      return lines.some(line => line.includes('cni.sock')) && lines.every(line => /ESTAB\s+0\s+0\s/.test(line))
    }, { timeout: 10_000 }).toBe(true)
    process.kill(agent.pid, 'SIGKILL')
    expect(await answer).toMatchObject({ code: 11 })
    await lock!.release()
    expect(await call('ADD', cni)).toMatchObject({ code: 0 })
    expect(await call('DEL', cni)).toMatchObject({ code: 0 })
  })

  test('a process killed at any moment of ADD leaves nothing that DEL or ADD cannot mend', { timeout: 60_000 }, async () => {
    const agent = await startAgent()
    const cni = await config()
    const env = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'c1', CNI_NETNS: pod.path, CNI_IFNAME: 'eth0' }
    const main = join(import.meta.dirname, 'main.ts')
    for (const moment of [80, 110, 130, 140, 150, 160, 180, 220]) {
      const running = await lab.node.exec.spawn('timeout', ['-s', 'KILL', String(moment / 1000), process.execPath, main], { env })
      running.stdin!.end(cni)
      await running.exited
      const next = await call('ADD', cni)
      if (next.code !== 0) expect(next).toMatchObject({ code: 101 }) // it had come to its end
      expect(await call('DEL', cni)).toEqual({ code: 0 })
      expect(await pod.sh('ip -o link | wc -l')).toBe('1\n')
    }
    expect(JSON.parse(await readFile(path('data', (await readdir(path('data'))).find(name => name.endsWith('.json'))!), 'utf8'))).toMatchObject({ attachments: [] })
    agent.stdin!.end()
    await agent.exited
  })

  test('refuses whoever does not speak its language', async () => {
    const agent = await startAgent()
    const socket = createConnection(path('run', 'cni.sock'))
    socket.end('GET / HTTP/1.1\r\n\r\n')
    const [answer] = await once(socket, 'data') as [Buffer]
    expect(String(answer)).toMatch(/^1\n.*"code":6/)
    agent.stdin!.end()
    await agent.exited
  })

  test.each(['whole', 'damaged'])('clean-up leaves the node as it was, its state being %s', async state => {
    const agent = await startAgent()
    expect(await call('ADD', await config({ runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80 }] } }))).toMatchObject({ code: 0 })
    expect(await lab.snapshot()).not.toBe(before)
    const file = path('data', (await readdir(path('data'))).find(name => name.endsWith('.json'))!)
    if (state === 'damaged') {
      await writeFile(file, (await readFile(file, 'utf8')).slice(0, 30))
      expect(await call('ADD', await config(), { CNI_CONTAINERID: 'c2' })).toMatchObject({ code: 5, msg: expect.stringContaining('is damaged') })
    }
    agent.stdin!.end('cleanup')
    await agent.exited
    expect(await lab.snapshot()).toBe(before)
    expect(await Promise.all(['bin', 'conf', 'data', 'run'].map(name => readdir(path(name))))).toEqual([[], [], [], []])
  })
})
