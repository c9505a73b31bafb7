import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { busyboxImage, importImages } from '../lab/images.ts'
import { deployment, pod } from '../lab/objects.ts'
import { clusterUnavailable, createUpLab, type UpLab } from '../lab/up-lab.ts'

const unavailable = clusterUnavailable()
const inTurn = { concurrent: false }
const sh = (script: string) => ({ command: ['sh', '-c', script] })

// All of them side by side, each with pods of its own: most of the time they wait.
describe.skipIf(unavailable).concurrent(`pods that really run${unavailable ? ` (skipped: ${unavailable})` : ''}`, { timeout: 300_000 }, () => {
  let lab: UpLab
  const exec = (name: string, container: string, script: string) => lab.kubectl(['exec', name, '-c', container, '--', 'sh', '-c', script])
  const ready = (name: string) => lab.kubectl(`wait --for=condition=Ready pod/${name} --timeout=120s`)
  const status = async (name: string) => (await lab.json(`get pod ${name}`)).status
  const events = async (name: string) => (await lab.json(`get events --field-selector involvedObject.name=${name}`)).items.map((item: any) => `${item.type} ${item.reason} ${item.message}`) as string[]

  beforeAll(async () => {
    lab = await createUpLab()
    await importImages(lab)
    await lab.kubectl('create configmap settings --from-literal=colour=blue --from-literal=size=big')
    await lab.kubectl('create secret generic keys --from-literal=password=secret')
  })
  afterAll(() => lab?.close())

  test('the containers of a pod share a sandbox, an address and volumes', async () => {
    await lab.apply(pod('shared', {
      volumes: [{ name: 'data', emptyDir: {} }],
      containers: [
        { name: 'writer', image: busyboxImage, ...sh('echo hello >/data/file; exec httpd -f -p 127.0.0.1:9000 -h /data'), volumeMounts: [{ name: 'data', mountPath: '/data' }] },
        { name: 'reader', image: busyboxImage, ...sh('sleep 100000'), volumeMounts: [{ name: 'data', mountPath: '/mnt', readOnly: true }] },
      ],
    }))
    await ready('shared')
    expect(await exec('shared', 'reader', 'cat /mnt/file; wget -qO- http://127.0.0.1:9000/file')).toBe('hello\nhello\n')
    await expect(exec('shared', 'reader', 'touch /mnt/other')).rejects.toThrow(/Read-only/)
    const address = (await status('shared')).podIP
    expect(await exec('shared', 'reader', 'hostname -i')).toBe(`${address}\n`)
    expect(await exec('shared', 'writer', 'hostname -i; hostname')).toBe(`${address}\nshared\n`)
  })

  test('volumes: configMap and secret with live updates, hostPath, subPath, modes', async () => {
    await lab.node.exec.run('sh', ['-c', `mkdir -p ${lab.directory}/host; echo from the host >${lab.directory}/host/file`])
    await lab.apply(pod('volumes', {
      volumes: [
        { name: 'settings', configMap: { name: 'settings' } },
        { name: 'keys', secret: { secretName: 'keys', defaultMode: 0o400, items: [{ key: 'password', path: 'deep/password' }] } },
        { name: 'host', hostPath: { path: `${lab.directory}/host`, type: 'Directory' } },
      ],
    }, { volumeMounts: [{ name: 'settings', mountPath: '/settings' }, { name: 'settings', mountPath: '/colour', subPath: 'colour' }, { name: 'keys', mountPath: '/keys' }, { name: 'host', mountPath: '/host' }] }))
    await ready('volumes')
    expect(await exec('volumes', 'main', 'cat /settings/colour /settings/size /colour /keys/deep/password /host/file')).toBe('bluebigbluesecretfrom the host\n')
    expect(await exec('volumes', 'main', 'stat -Lc %a /keys/deep/password')).toBe('400\n')
    await lab.kubectl(['patch', 'configmap', 'settings', '-p', '{"data":{"colour":"green"}}'])
    await lab.eventually('the update in the volume', async () => (await exec('volumes', 'main', 'cat /settings/colour')) === 'green', 90_000)
    expect(await exec('volumes', 'main', 'cat /colour')).toBe('blue')
  })

  describe('of one pod', () => {
    test('environment: values, references, envFrom, downward API, services', inTurn, async () => {
      await lab.apply(pod('environment', {}, {
        env: [
          { name: 'PLAIN', value: 'x' }, { name: 'EXPANDED', value: '$(PLAIN)-$$(PLAIN)-$(UNKNOWN)' },
          { name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'size' } } },
          { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
          { name: 'MISSING', valueFrom: { secretKeyRef: { name: 'nobody', key: 'x', optional: true } } },
          { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }, { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }, { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } },
        ],
        envFrom: [{ prefix: 'FROM_', configMapRef: { name: 'settings' } }],
        resources: { limits: { memory: '64Mi', cpu: '500m' } },
      }))
      await ready('environment')
      const env = Object.fromEntries((await exec('environment', 'main', 'env')).trim().split('\n').map((line) => line.split(/=(.*)/s, 2)))
      expect(env).toMatchObject({
        PLAIN: 'x', EXPANDED: 'x-$(PLAIN)-$(UNKNOWN)', COLOUR: 'big', PASSWORD: 'secret', POD: 'environment', IP: (await status('environment')).podIP, NODE: 'n1', MEMORY: '67108864',
        FROM_size: 'big', KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443',
      })
      expect(env).not.toHaveProperty('MISSING')
    })

    test('resources are cgroup limits', inTurn, async () => {
      const limit = await exec('environment', 'main', 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max')
      expect(limit.trim()).toBe('67108864')
      const cpu = await exec('environment', 'main', '{ cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us 2>/dev/null || cat /sys/fs/cgroup/cpu.max; } | tr "\\n" " "')
      expect(cpu.trim()).toBe('50000 100000')
      expect((await status('environment')).qosClass).toBe('Guaranteed')
    })
  })

  test('init containers run one after the other before the rest; a failing one holds the pod back', async () => {
    const init = (name: string, script: string) => ({ name, image: busyboxImage, ...sh(script), volumeMounts: [{ name: 'data', mountPath: '/data' }] })
    await lab.apply(pod('inits', { volumes: [{ name: 'data', emptyDir: {} }], initContainers: [init('one', 'echo one >>/data/order'), init('two', 'echo two >>/data/order')] }, { ...sh('echo main >>/data/order; sleep 100000'), volumeMounts: [{ name: 'data', mountPath: '/data' }] }))
    await ready('inits')
    await lab.eventually('the order', async () => (await exec('inits', 'main', 'cat /data/order')) === 'one\ntwo\nmain\n')
    await lab.apply(pod('held', { restartPolicy: 'Never', initContainers: [{ name: 'bad', image: busyboxImage, ...sh('exit 1') }] }))
    await lab.eventually('Init:Error', async () => /^held +0\/1 +Init:Error /m.test(await lab.kubectl('get pods')))
    expect((await status('held')).phase).toBe('Failed')
  })

  test('restart policies: Never ends, OnFailure repeats failures with back-off, a killed container is restarted', async () => {
    await lab.apply(
      pod('done', { restartPolicy: 'Never' }, sh('echo finished >/dev/termination-log')),
      pod('failing', { restartPolicy: 'OnFailure' }, sh('exit 2')),
      pod('killed', { restartPolicy: 'Always' }, sh('echo $$; sleep 100000')),
    )
    await lab.eventually('Completed', async () => /^done +0\/1 +Completed /m.test(await lab.kubectl('get pods')))
    expect(await status('done')).toMatchObject({ phase: 'Succeeded', containerStatuses: [{ state: { terminated: { exitCode: 0, reason: 'Completed', message: 'finished\n' } } }] })
    await lab.eventually('CrashLoopBackOff', async () => /^failing +0\/1 +CrashLoopBackOff +[1-9]/m.test(await lab.kubectl('get pods')))
    expect((await status('failing')).containerStatuses[0]).toMatchObject({ lastState: { terminated: { exitCode: 2, reason: 'Error' } } })
    expect(await events('failing')).toContainEqual(expect.stringMatching(/^Warning BackOff Back-off restarting failed container/))
    await ready('killed')
    const host = (await lab.node.exec.run('sh', ['-c', `ctr --address ${lab.directory}/k8ts/run/containerd.sock -n k8s.io tasks ls | awk -v id=${(await status('killed')).containerStatuses[0].containerID.slice('containerd://'.length)} '$1 == id {print $2}'`])).stdout.trim()
    process.kill(Number(host), 'SIGKILL')
    await lab.eventually('the restart', async () => (await status('killed')).containerStatuses[0].restartCount === 1)
    await ready('killed')
    expect((await status('killed')).containerStatuses[0].lastState.terminated).toMatchObject({ exitCode: 137, reason: 'Error' })
  })

  test('probes: readiness decides Ready, a failed liveness probe restarts, a startup probe holds the others back', async () => {
    await lab.apply(
      pod('unready', {}, { readinessProbe: { exec: { command: ['test', '-e', '/tmp/go'] }, periodSeconds: 1 } }),
      pod('alive', {}, { ...sh('touch /tmp/ok; sleep 100000'), livenessProbe: { exec: { command: ['test', '-e', '/tmp/ok'] }, periodSeconds: 1, timeoutSeconds: 20, failureThreshold: 1 } }),
      pod('http', {}, { ...sh('mkdir /www; echo hi >/www/index.html; exec httpd -f -p 8080 -h /www'), ports: [{ name: 'web', containerPort: 8080 }], readinessProbe: { httpGet: { path: '/', port: 'web' }, periodSeconds: 1 }, livenessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 } }),
      pod('slow', {}, { ...sh('sleep 3; touch /tmp/started; sleep 100000'), startupProbe: { exec: { command: ['test', '-e', '/tmp/started'] }, periodSeconds: 1, failureThreshold: 20 }, livenessProbe: { exec: { command: ['test', '-e', '/tmp/started'] }, periodSeconds: 1, timeoutSeconds: 20, failureThreshold: 1 } }),
    )
    await ready('alive')
    await ready('http')
    await lab.eventually('Running but not ready', async () => /^unready +0\/1 +Running /m.test(await lab.kubectl('get pods')))
    await exec('unready', 'main', 'touch /tmp/go')
    await ready('unready')
    await exec('alive', 'main', 'rm /tmp/ok')
    await lab.eventually('the restart', async () => (await status('alive')).containerStatuses[0].restartCount === 1)
    expect((await events('alive')).join('\n')).toMatch(/Warning Unhealthy Liveness probe failed[^]*Normal Killing Container main failed liveness probe, will be restarted/)
    await ready('slow')
    expect((await status('slow')).containerStatuses[0]).toMatchObject({ restartCount: 0, started: true })
  })

  test('stops gracefully: preStop, then TERM, then the grace period ends it', async () => {
    await lab.node.exec.run('mkdir', ['-p', `${lab.directory}/graceful`])
    await lab.apply(pod('graceful', { terminationGracePeriodSeconds: 20, volumes: [{ name: 'host', hostPath: { path: `${lab.directory}/graceful` } }] }, {
      ...sh('trap "echo term >>/host/log; exit 0" TERM; echo up >>/host/log; while :; do sleep 0.1; done'), volumeMounts: [{ name: 'host', mountPath: '/host' }],
      lifecycle: { preStop: { exec: { command: ['sh', '-c', 'echo prestop >>/host/log'] } } },
    }), pod('stubborn', { terminationGracePeriodSeconds: 2 }, sh('trap "" TERM; while :; do sleep 0.1; done')))
    await ready('graceful')
    await ready('stubborn')
    await lab.kubectl('delete pod graceful stubborn --timeout=120s')
    expect(await readFile(`${lab.directory}/graceful/log`, 'utf8')).toBe('up\nprestop\nterm\n')
  })

  test('logs lie on disk in the format of CRI', async () => {
    await lab.apply(pod('logger', { restartPolicy: 'Never' }, sh('echo out; echo err >&2')))
    await lab.eventually('Completed', async () => (await status('logger')).phase === 'Succeeded')
    const { uid } = (await lab.json('get pod logger')).metadata
    const directory = join(lab.directory, 'pods', `default_logger_${uid}`, 'main')
    expect(await readdir(directory)).toEqual(['0.log'])
    const lines = (await readFile(join(directory, '0.log'), 'utf8')).trim().split('\n').sort((a, b) => (a.includes('stdout') ? -1 : b.includes('stdout') ? 1 : 0))
    expect(lines).toEqual([expect.stringMatching(/^\S+T\S+ stdout F out$/), expect.stringMatching(/^\S+T\S+ stderr F err$/)])
  })

  test('a missing image and a missing configMap are told by conditions and events, and mended when they come', async () => {
    await lab.apply(pod('imageless', {}, { image: 'k8ts.test/nobody:1', imagePullPolicy: 'Never' }), pod('configless', {}, { env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'later', key: 'x' } } }] }))
    await lab.eventually('ErrImageNeverPull', async () => /^imageless +0\/1 +ErrImageNeverPull /m.test(await lab.kubectl('get pods')))
    await lab.eventually('CreateContainerConfigError', async () => /^configless +0\/1 +CreateContainerConfigError /m.test(await lab.kubectl('get pods')))
    expect((await events('configless')).join('\n')).toContain('configmap "later" not found')
    await lab.kubectl('create configmap later --from-literal=x=1')
    await ready('configless')
  })

  test('a pod that fits nowhere says why', async () => {
    await lab.apply(pod('huge', {}, { resources: { requests: { cpu: '1000' } } }), pod('elsewhere', { nodeSelector: { disk: 'ssd' } }))
    await lab.eventually('the event', async () => (await events('huge')).join().includes('0/1 nodes are available: 1 Insufficient cpu.'))
    await lab.eventually('the event', async () => (await events('elsewhere')).join().includes(`0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.`))
    await lab.kubectl('label node n1 disk=ssd')
    await ready('elsewhere')
  })

  test('a rolling update goes through and back without losing a replica', async () => {
    await lab.apply(deployment('rolling', 3))
    await lab.kubectl('rollout status deployment/rolling --timeout=120s')
    await lab.kubectl(['set', 'env', 'deployment/rolling', 'VERSION=2'])
    await lab.kubectl('rollout status deployment/rolling --timeout=120s')
    const versions = async () => (await lab.json('get pods -l app=rolling')).items.filter((item: any) => !item.metadata.deletionTimestamp).map((item: any) => item.spec.containers[0].env?.[0]?.value)
    expect(await versions()).toEqual(['2', '2', '2'])
    await lab.kubectl('rollout undo deployment/rolling')
    await lab.kubectl('rollout status deployment/rolling --timeout=120s')
    expect(await versions()).toEqual([undefined, undefined, undefined])
  })
})
