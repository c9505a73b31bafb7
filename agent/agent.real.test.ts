import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isNotFound } from '../api/errors.ts'
import { configMaps } from '../api/kinds/core-v1/config-map.ts'
import { pods } from '../api/kinds/core-v1/pod.ts'
import { secrets } from '../api/kinds/core-v1/secret.ts'
import { serviceAccounts } from '../api/kinds/core-v1/service-account.ts'
import { services } from '../api/kinds/core-v1/service.ts'
import type { Container } from '../api/types/core-v1/container.ts'
import type { Pod, PodSpec } from '../api/types/core-v1/pod.ts'
import { createExec } from '../host/exec.ts'
import { machineFiles } from '../host/machine-files.ts'
import { rotate } from './logs/rotate.ts'
import { testImages, whyNoContainerd } from './testing/containerd.ts'
import { nodeName, startRealAgent } from './testing/real-agent.ts'
import type { RealAgent } from './testing/real-agent.ts'

const why = whyNoContainerd()
const exec = createExec()
/** Every kubectl named here is tried; the one in the path by default. */
const kubectls = (process.env['KUBECTLS'] ?? 'kubectl').split(/\s+/)

describe.skipIf(why !== undefined)(`an agent on a real containerd${why ? ` (skipped: ${why})` : ''}`, { timeout: 60_000 }, () => {
  let real: RealAgent
  beforeAll(async () => {
    real = await startRealAgent()
    const { client } = real
    await client.create(serviceAccounts, { metadata: { name: 'default', namespace: 'default' } }).catch(() => {})
    await client.create(configMaps, { metadata: { name: 'cm', namespace: 'default' }, data: { a: 'one', 'b.txt': 'two' } })
    await client.create(secrets, { metadata: { name: 'se', namespace: 'default' }, data: { key: Buffer.from('hush').toString('base64') } })
    await client.create(services, { metadata: { name: 'front-end', namespace: 'default' }, spec: { clusterIP: '10.96.0.77', ports: [{ port: 8080 }] } })
  }, 60_000)
  afterAll(async () => {
    const { directory, cgroupRoot } = real.containerd
    await real.stop()
    const mounts = await readFile('/proc/self/mountinfo', 'utf8')
    expect([directory, real.directory].filter((path) => mounts.includes(path))).toEqual([])
    expect(existsSync(`/sys/fs/cgroup/memory${cgroupRoot}`)).toBe(false)
  }, 60_000)

  const get = async (name: string): Promise<Pod | undefined> => {
    try {
      return await real.client.get(pods, { namespace: 'default', name })
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }
  async function until(name: string, holds: (pod: Pod | undefined) => boolean): Promise<Pod> {
    const deadline = performance.now() + 30_000
    for (;;) {
      const pod = await get(name)
      if (holds(pod)) return pod!
      if (performance.now() > deadline) throw new Error(`pod ${name} did not get there: ${JSON.stringify(pod?.status, undefined, 1)}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const ready = (pod: Pod | undefined): boolean => pod?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  async function run(name: string, container: Partial<Container>, spec: Partial<PodSpec> = {}): Promise<void> {
    await real.client.create(pods, {
      metadata: { name, namespace: 'default', labels: { app: name } },
      spec: { nodeName, terminationGracePeriodSeconds: 2, ...spec, containers: [{ name: 'c', image: testImages.busybox, command: ['sleep', '1000'], ...container }, ...(spec.containers ?? [])] },
    })
  }
  const viewOf = (name: string) => real.agent.pods.byName('default', name)!.view
  async function inside(name: string, script: string, container = 'c'): Promise<string> {
    const { id } = viewOf(name).containers.find((each) => each.name === container && each.state === 'running')!
    const { stdout, stderr, exitCode } = await real.containerd.runtime.execSync(id, ['sh', '-c', script], 10)
    if (exitCode !== 0) throw new Error(`${script}: ${exitCode} ${String(stderr)}`)
    return String(stdout).trim()
  }
  async function remove(name: string, gracePeriodSeconds = 0): Promise<void> {
    await real.client.delete(pods, { namespace: 'default', name }, { gracePeriodSeconds: Math.max(1, gracePeriodSeconds) }).catch(() => {})
    await until(name, (pod) => pod === undefined)
  }

  test('gives a container its environment, volumes, identity and limits', async () => {
    const host = join(real.directory, 'outside')
    await mkdir(host)
    await writeFile(join(host, 'there'), 'from the host')
    await run('rich', {
      env: [
        { name: 'PLAIN', value: 'x' }, { name: 'EXPANDED', value: '$(PLAIN)-$$(PLAIN)-$(NOPE)' }, { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'SECRET', valueFrom: { secretKeyRef: { name: 'se', key: 'key' } } }, { name: 'LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
      ],
      envFrom: [{ prefix: 'CM_', configMapRef: { name: 'cm' } }],
      resources: { requests: { cpu: '250m', memory: '32Mi' }, limits: { cpu: '500m', memory: '64Mi' } },
      securityContext: { runAsUser: 1234, runAsGroup: 1235, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] }, allowPrivilegeEscalation: false },
      volumeMounts: [
        { name: 'cm', mountPath: '/cm' }, { name: 'se', mountPath: '/se', readOnly: true }, { name: 'down', mountPath: '/down' }, { name: 'empty', mountPath: '/empty' },
        { name: 'memory', mountPath: '/memory' }, { name: 'host', mountPath: '/host' }, { name: 'empty', mountPath: '/part', subPath: 'deep/er' }, { name: 'all', mountPath: '/all' },
      ],
    }, {
      serviceAccountName: 'default', hostname: 'myself', subdomain: 'sub', securityContext: { fsGroup: 2000, supplementalGroups: [3000] }, hostAliases: [{ ip: '192.0.2.9', hostnames: ['alias'] }],
      volumes: [
        { name: 'cm', configMap: { name: 'cm', items: [{ key: 'a', path: 'sub/a' }] } }, { name: 'se', secret: { secretName: 'se', defaultMode: 0o400 } },
        { name: 'down', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } }, { name: 'empty', emptyDir: {} },
        { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } }, { name: 'host', hostPath: { path: host, type: 'Directory' } },
        { name: 'all', projected: { sources: [{ configMap: { name: 'cm' } }, { serviceAccountToken: { path: 'token', audience: 'me' } }] } },
      ],
      containers: [{ name: 'other', image: testImages.busybox, command: ['sh', '-c', 'echo shared > /empty/file; exec httpd -f -p 8080 -h /empty'], volumeMounts: [{ name: 'empty', mountPath: '/empty' }] }],
    })
    const pod = await until('rich', ready)
    const variables = Object.fromEntries((await inside('rich', 'env')).split('\n').map((line) => line.split('=') as [string, string]))
    expect(variables).toMatchObject({ PLAIN: 'x', EXPANDED: 'x-$(PLAIN)-$(NOPE)', IP: pod.status!.podIP, SECRET: 'hush', LIMIT: '64', CM_a: 'one', FRONT_END_SERVICE_HOST: '10.96.0.77', FRONT_END_PORT_8080_TCP_PORT: '8080' })
    expect(await inside('rich', 'cat /cm/sub/a /se/key; stat -Lc %a:%g /se/key; cat /down/labels; cat /host/there')).toBe('onehush440:2000\napp="rich"from the host')
    expect(await inside('rich', 'id -u; id -g; id -G; hostname; hostname -f 2>/dev/null || true')).toMatch(/^1234\n1235\n1235 2000 3000\nmyself\n/)
    expect(await inside('rich', 'grep -c . /all/token; cat /all/b.txt; wget -qO- http://127.0.0.1:8080/file')).toBe('1\ntwoshared')
    expect(await inside('rich', 'cat /etc/resolv.conf')).toContain('nameserver 10.96.0.10')
    expect(await inside('rich', 'cat /etc/hosts')).toMatch(new RegExp(`${pod.status!.podIP}\tmyself.sub.default.svc.cluster.local\tmyself[^]*192.0.2.9\talias`))
    expect(await inside('rich', 'echo x > /part/f && cat /empty/deep/er/f; touch /no 2>/dev/null || echo refused; df -k /memory | tail -1 | tr -s " " | cut -d" " -f2')).toBe('x\nrefused\n8192')
    const cgroup = `${real.containerd.cgroupRoot}/kubepods/burstable/pod${pod.metadata.uid}/${viewOf('rich').containers.find(({ name }) => name === 'c')!.id}`
    const limit = existsSync('/sys/fs/cgroup/cgroup.controllers') ? `/sys/fs/cgroup${cgroup}/memory.max` : `/sys/fs/cgroup/memory${cgroup}/memory.limit_in_bytes`
    expect((await readFile(limit, 'utf8')).trim()).toBe(String(64 * 1024 * 1024))
    await real.client.patch(configMaps, { namespace: 'default', name: 'cm' }, { type: 'merge', patch: { data: { a: 'changed' } } })
    await expect.poll(() => inside('rich', 'cat /cm/sub/a'), { timeout: 5000 }).toBe('changed')
    await remove('rich')
    expect(existsSync(join(real.directory, 'pods', pod.metadata.uid!))).toBe(false)
    expect(await readdir(host)).toEqual(['there'])
  })

  test('probes it over HTTP, TCP and by command, and restarts what fails', async () => {
    await run('probed', {
      command: ['sh', '-c', 'mkdir -p /tmp/www && echo ok > /tmp/www/health && exec httpd -f -p 80 -h /tmp/www'],
      startupProbe: { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 20 },
      readinessProbe: { httpGet: { port: 'web', path: '/health' }, periodSeconds: 1, failureThreshold: 1 },
      livenessProbe: { exec: { command: ['test', '!', '-e', '/tmp/sick'] }, periodSeconds: 1, failureThreshold: 1 },
      ports: [{ name: 'web', containerPort: 80 }],
    })
    await until('probed', ready)
    await inside('probed', 'rm /tmp/www/health')
    await until('probed', (pod) => !ready(pod))
    await inside('probed', 'touch /tmp/sick')
    const pod = await until('probed', (each) => ready(each) && each!.status!.containerStatuses![0]!.restartCount === 1)
    expect(pod.status!.containerStatuses![0]!.lastState!.terminated).toMatchObject({ exitCode: expect.any(Number) })
    await remove('probed')
  })

  test('restarts a killed container at once and shows the log of the one before', async () => {
    await run('mortal', { command: ['sh', '-c', 'echo life; sleep 1000 & wait'] })
    await until('mortal', ready)
    const [first] = viewOf('mortal').containers
    await exec.run('ctr', ['-a', real.containerd.socket, '-n', 'k8s.io', 'tasks', 'kill', '-s', 'SIGKILL', first!.id])
    const pod = await until('mortal', (each) => each?.status?.containerStatuses?.[0]?.restartCount === 1 && ready(each))
    expect(pod.status!.containerStatuses![0]!.lastState!.terminated).toMatchObject({ exitCode: 137, reason: 'Error' })
    expect(await readFile(first!.logPath, 'utf8')).toContain('stdout F life')
    await remove('mortal')
  })

  test('touches nothing when it restarts', async () => {
    await run('steady', { readinessProbe: { exec: { command: ['true'] }, periodSeconds: 1 } })
    const before = await until('steady', ready)
    const [container] = viewOf('steady').containers
    await real.restart()
    await expect.poll(() => real.agent.pods.byName('default', 'steady')?.view.containers[0]?.id).toBe(container!.id)
    expect((await get('steady'))!.status).toEqual(before.status)
    await remove('steady')
  })

  test('makes a sandbox anew that has died', async () => {
    await run('housed', {})
    const before = await until('housed', ready)
    await exec.run('ctr', ['-a', real.containerd.socket, '-n', 'k8s.io', 'tasks', 'kill', '-s', 'SIGKILL', viewOf('housed').sandboxes[0]!.id])
    const after = await until('housed', (pod) => ready(pod) && pod!.status!.containerStatuses![0]!.restartCount === 1)
    expect(after.status!.podIP).not.toBe(before.status!.podIP)
    await remove('housed')
  })

  test('stops gracefully: preStop, then TERM, then no more than the grace period', async () => {
    const host = join(real.directory, 'last-words')
    await mkdir(host)
    const spec = { volumes: [{ name: 'h', hostPath: { path: host } }] }
    await run('polite', {
      command: ['sh', '-c', 'trap "echo term >> /h/said; exit 0" TERM; while true; do sleep 0.1; done'], volumeMounts: [{ name: 'h', mountPath: '/h' }],
      lifecycle: { preStop: { exec: { command: ['sh', '-c', 'echo hook >> /h/said'] } } },
    }, { ...spec, terminationGracePeriodSeconds: 20 })
    await run('stubborn', { command: ['sh', '-c', 'trap "" TERM; while true; do sleep 0.1; done'] }, { terminationGracePeriodSeconds: 2 })
    await Promise.all([until('polite', ready), until('stubborn', ready)])
    const before = performance.now()
    for (const name of ['polite', 'stubborn']) await real.client.delete(pods, { namespace: 'default', name })
    await Promise.all(['polite', 'stubborn'].map((name) => until(name, (pod) => pod === undefined)))
    expect(performance.now() - before).toBeGreaterThan(1900)
    expect(await readFile(join(host, 'said'), 'utf8')).toBe('hook\nterm\n')
  })

  test('runs a job to its end, with its last word', async () => {
    await run('job', { command: ['sh', '-c', 'echo all is well > /dev/termination-log'] }, { restartPolicy: 'Never' })
    await run('bad', { command: ['sh', '-c', 'echo first; echo the reason >&2; exit 3'], terminationMessagePolicy: 'FallbackToLogsOnError' }, { restartPolicy: 'Never' })
    const job = await until('job', (pod) => pod?.status?.phase === 'Succeeded')
    expect(job.status!.containerStatuses![0]!.state!.terminated).toMatchObject({ exitCode: 0, reason: 'Completed', message: 'all is well\n' })
    const bad = await until('bad', (pod) => pod?.status?.phase === 'Failed')
    expect(bad.status!.containerStatuses![0]!.state!.terminated).toMatchObject({ exitCode: 3, reason: 'Error', message: expect.stringContaining('the reason') })
    await Promise.all([remove('job'), remove('bad')])
  })

  test('a log that is rotated while it is followed loses nothing', async () => {
    await run('chatty', { command: ['sh', '-c', 'i=0; while true; do echo line $i; i=$((i+1)); usleep 2000; done'] })
    await until('chatty', ready)
    const [container] = viewOf('chatty').containers
    const over = new AbortController()
    const { readLog } = await import('./logs/read-logs.ts')
    const { systemClock } = await import('../host/clock.ts')
    const seen: string[] = []
    let isRotated = false
    for await (const part of readLog({ path: container!.logPath, isOpen: () => true }, { follow: true, timestamps: false }, { files: machineFiles, clock: systemClock }, over.signal)) {
      seen.push(...String(part).split('\n').filter(Boolean))
      if (seen.length > 400) over.abort()
      if (seen.length < 100 || isRotated) continue
      isRotated = true
      await rotate(machineFiles, container!.logPath, 5, Date.now(), () => real.containerd.runtime.reopenContainerLog(container!.id))
    }
    expect(seen).toEqual(seen.map((_, index) => `line ${index}`))
    await remove('chatty')
  })

  test.each(kubectls)('serves %s: logs, exec with a standard input that ends, exit codes, port-forward', async (kubectl) => {
    const kube = (args: string[], input?: string) => exec.run(kubectl, args, { env: { KUBECONFIG: real.plane.kubeconfigPath }, okCodes: [0, 1, 42], timeoutMs: 10_000, ...(input !== undefined && { input }) })
    await run('served', { command: ['sh', '-c', 'echo one; echo two; exec httpd -f -p 80 -h /etc'] })
    await until('served', ready)
    expect((await kube(['logs', 'served', '--tail=1'])).stdout).toBe('two\n')
    expect(await kube(['exec', 'served', '--', 'sh', '-c', 'echo out; echo err >&2; exit 42'])).toMatchObject({ code: 42, stdout: 'out\n', stderr: expect.stringContaining('err\n') })
    expect((await kube(['exec', '-i', 'served', '--', 'cat'], 'hi')).stdout).toBe('hi')
    expect((await kube(['exec', '-i', 'served', '--', 'wc', '-c'], 'x'.repeat(1_000_000))).stdout).toBe('1000000\n')
    const forward = await exec.spawn(kubectl, ['port-forward', 'pod/served', ':80'], { env: { KUBECONFIG: real.plane.kubeconfigPath } })
    const line = await new Promise<string>((resolve) => { forward.stdout!.once('data', (data) => resolve(String(data))) })
    const answer = await fetch(`http://127.0.0.1:${/127\.0\.0\.1:(\d+)/.exec(line)![1]}/passwd`)
    expect(await answer.text()).toContain('root:x:0:0')
    forward.kill()
    await forward.exited
    await remove('served')
  })
})
