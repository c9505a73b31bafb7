import { spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importImages } from '../lab/images.ts'
import { kubectls } from '../lab/kubectls.ts'
import { deployment, pod, service } from '../lab/objects.ts'
import { clusterUnavailable, createUpLab, type UpLab } from '../lab/up-lab.ts'

const unavailable = clusterUnavailable()
const inTurn = { concurrent: false }

describe.skipIf(unavailable)(`stock kubectl on a running cluster${unavailable ? ` (skipped: ${unavailable})` : ''}`, { timeout: 300_000 }, () => {
  let lab: UpLab

  beforeAll(async () => {
    lab = await createUpLab()
    await importImages(lab)
  })
  afterAll(() => lab?.close())

  // Side by side, each in a namespace of its own; its own tests one after the other.
  describe.concurrent.each(kubectls())('the $version one', ({ binary, version }) => {
    const namespace = `with-${version}`
    const kubectl = (args: string | readonly string[], options = {}) => lab.kubectl([...(typeof args === 'string' ? args.split(' ') : args)], { binary, ...options })
    const inNamespace = (object: any) => ({ ...object, metadata: { ...object.metadata, namespace } })
    const apply = (...objects: object[]) => kubectl('apply -f -', { input: objects.length === 1 ? JSON.stringify(objects[0]) : JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) })

    test('create, apply, get in every form', inTurn, async () => {
      expect(await kubectl(`create namespace ${namespace}`)).toBe(`namespace/${namespace} created\n`)
      expect(await apply(inNamespace(deployment('web', 2)), inNamespace(service('web')))).toBe('deployment.apps/web created\nservice/web created\n')
      expect(await apply(inNamespace(deployment('web', 2)), inNamespace(service('web')))).toBe('deployment.apps/web unchanged\nservice/web unchanged\n')
      expect(await kubectl(`rollout status deployment/web -n ${namespace} --timeout=120s`)).toContain('successfully rolled out')
      expect(await kubectl(`get deployments -n ${namespace}`)).toMatch(/^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +2\/2 +2 +2 +\d+s\n$/)
      expect(await kubectl(`get pods -n ${namespace} -o wide`)).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES\nweb-\S+ +1\/1 +Running +0 +\d+s +10\.244\.0\.\d+ +n1 +<none> +<none>\n/)
      expect(await kubectl(`get service web -n ${namespace}`)).toMatch(/^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\nweb +ClusterIP +10\.96\.\d+\.\d+ +<none> +80\/TCP +\d+s\n$/)
      expect(await kubectl(`get deployment web -n ${namespace} -o yaml`)).toContain('kind: Deployment\n')
      expect(JSON.parse(await kubectl(`get deployment web -n ${namespace} -o json`)).spec.replicas).toBe(2)
      expect(await kubectl(`get deployment web -n ${namespace} -o name`)).toBe('deployment.apps/web\n')
      expect(await kubectl(['get', 'deployment', 'web', '-n', namespace, '-o', 'jsonpath={.spec.template.spec.containers[0].name}'])).toBe('web')
      expect((await kubectl(`get pods -n ${namespace} -l app=web --field-selector status.phase=Running --no-headers`)).trim().split('\n')).toHaveLength(2)
      expect(await kubectl('get pods -A')).toMatch(new RegExp(`^NAMESPACE +NAME[^]*${namespace} +web-`))
    })

    test('describe, events, explain', inTurn, async () => {
      const described = await kubectl(`describe deployment web -n ${namespace}`)
      expect(described).toMatch(/Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable/)
      expect(described).toContain('ScalingReplicaSet')
      const pods = await kubectl(`describe pods -n ${namespace} -l app=web`)
      for (const reason of ['Scheduled', 'Pulled', 'Created', 'Started']) expect(pods).toContain(reason)
      expect(await kubectl(`get events -n ${namespace}`)).toMatch(/SuccessfulCreate/)
      expect(await kubectl('explain deployment.spec.replicas')).toMatch(/replicas/)
      expect(await kubectl('describe node n1')).toMatch(/Allocated resources:/)
    })

    test('edit, patch, label, annotate', inTurn, async () => {
      await kubectl(`edit deployment web -n ${namespace}`, { env: { KUBE_EDITOR: 'sed -i "s/replicas: 2/replicas: 3/"' } })
      expect((await lab.json(`get deployment web -n ${namespace}`)).spec.replicas).toBe(3)
      await kubectl(['patch', 'deployment', 'web', '-n', namespace, '-p', '{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"COLOUR","value":"blue"}]}]}}}}'])
      await kubectl(['patch', 'deployment', 'web', '-n', namespace, '--type=json', '-p', '[{"op":"replace","path":"/spec/replicas","value":2}]'])
      await kubectl(['patch', 'service', 'web', '-n', namespace, '--type=merge', '-p', '{"metadata":{"labels":{"tier":"front"}}}'])
      await kubectl(`label deployment web -n ${namespace} team=blue`)
      await kubectl(`annotate deployment web -n ${namespace} note=hello`)
      const { metadata, spec } = await lab.json(`get deployment web -n ${namespace}`)
      expect([metadata.labels.team, metadata.annotations.note, spec.replicas, spec.template.spec.containers[0].env[0].value]).toEqual(['blue', 'hello', 2, 'blue'])
      await kubectl(`label deployment web -n ${namespace} team-`)
      expect((await lab.json(`get service web -n ${namespace}`)).metadata.labels).toEqual({ tier: 'front' })
    })

    test('scale, rollout status, history, undo, restart', inTurn, async () => {
      await kubectl(`rollout status deployment/web -n ${namespace} --timeout=120s`)
      await kubectl(`scale deployment/web -n ${namespace} --replicas=1`)
      await kubectl(`rollout status deployment/web -n ${namespace} --timeout=120s`)
      expect(await kubectl(`rollout history deployment/web -n ${namespace}`)).toMatch(/REVISION[^]*1 [^]*2 /)
      await kubectl(`rollout undo deployment/web -n ${namespace}`)
      await kubectl(`rollout status deployment/web -n ${namespace} --timeout=120s`)
      expect((await lab.json(`get deployment web -n ${namespace}`)).spec.template.spec.containers[0].env).toBeUndefined()
      await kubectl(`rollout restart deployment/web -n ${namespace}`)
      await kubectl(`rollout status deployment/web -n ${namespace} --timeout=120s`)
      expect((await lab.json(`get deployment web -n ${namespace}`)).metadata.annotations['deployment.kubernetes.io/revision']).toBe('4')
    })

    test('logs: all, the tail, followed, and of the container before', inTurn, async () => {
      const talker: any = inNamespace(pod('talker', { restartPolicy: 'Always', volumes: [{ name: 'data', emptyDir: {} }] }, { command: ['sh', '-c', 'for i in 1 2 3; do echo line $i; done; echo oops; test -e /data/second && sleep 10000; touch /data/second; exit 3'], volumeMounts: [{ name: 'data', mountPath: '/data' }] }))
      await apply(talker)
      await lab.eventually('the restart', async () => (await lab.json(`get pod talker -n ${namespace}`)).status?.containerStatuses?.[0]?.restartCount === 1)
      await kubectl(`wait --for=condition=Ready pod/talker -n ${namespace} --timeout=120s`)
      expect(await kubectl(`logs talker -n ${namespace}`)).toBe('line 1\nline 2\nline 3\noops\n')
      expect(await kubectl(`logs talker -n ${namespace} --tail=2`)).toBe('line 3\noops\n')
      expect(await kubectl(`logs -p talker -n ${namespace}`)).toBe('line 1\nline 2\nline 3\noops\n')
      expect(await kubectl(`logs talker -n ${namespace} --timestamps --tail=1`)).toMatch(/^\d{4}-\d\d-\d\dT\S+ oops\n$/)
      expect((await lab.json(`get pod talker -n ${namespace}`)).status.containerStatuses[0].lastState.terminated).toMatchObject({ exitCode: 3, reason: 'Error' })
      const follower = await lab.node.exec.spawn(binary, ['logs', '-f', 'talker', '-n', namespace], { env: { KUBECONFIG: lab.kubeconfig } })
      let seen = ''
      follower.stdout!.on('data', (data: Buffer) => { seen += data })
      await lab.eventually('what was there', async () => seen.includes('oops'))
      await kubectl(['exec', 'talker', '-n', namespace, '--', 'sh', '-c', 'echo later >/proc/1/fd/1'])
      await lab.eventually('what came later', async () => seen.endsWith('later\n'))
      await kubectl(`delete pod talker -n ${namespace} --grace-period=1`)
      expect((await follower.exited).code).toBe(0)
    })

    test('exec: output, exit code, standard input, terminal', inTurn, async () => {
      const target = (await kubectl(['get', 'pods', '-n', namespace, '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}']))
      expect(await kubectl(['exec', target, '-n', namespace, '--', 'hostname'])).toBe(`${target}\n`)
      await expect(kubectl(['exec', target, '-n', namespace, '--', 'sh', '-c', 'exit 7'])).rejects.toThrow(/exit code 7|code 7/)
      expect(await kubectl(['exec', '-i', target, '-n', namespace, '--', 'cat'], { input: 'through and back\n' })).toBe('through and back\n')
      expect(await inTerminal(binary, ['exec', '-it', target, '-n', namespace, '--', 'sh', '-c', 'test -t 0 && echo a terminal'])).toContain('a terminal')
      await expect(kubectl(['exec', target, '-n', namespace, '-c', 'nobody', '--', 'true'])).rejects.toThrow(/container nobody is not valid|container not found/)
    })

    test('watch, cluster-info, api-resources, version', inTurn, async () => {
      const watcher = await lab.node.exec.spawn(binary, ['get', 'configmaps', '-n', namespace, '-w', '--no-headers'], { env: { KUBECONFIG: lab.kubeconfig } })
      let seen = ''
      watcher.stdout!.on('data', (data: Buffer) => { seen += data })
      try {
        await lab.eventually('the watch', async () => { await kubectl(`create configmap seen -n ${namespace} --from-literal=a=1`).catch(() => undefined); return /^seen +1 /m.test(seen) })
      } finally {
        watcher.kill()
        await watcher.exited
      }
      expect(await kubectl('cluster-info')).toMatch(/is running at .*https:\/\/192\.0\.2\.1:6443/)
      const resources = await kubectl('api-resources')
      expect(resources).toMatch(/deployments +deploy +apps\/v1 +true +Deployment/)
      expect(resources).toMatch(/pods +po +v1 +true +Pod/)
      expect(await kubectl('version -o json')).toMatch(/"serverVersion"[^]*"major": "1"/)
    })

    test('delete: gracefully, without cascade, and a whole namespace', inTurn, async () => {
      await kubectl(`delete deployment web -n ${namespace} --cascade=${version === 'oldest' ? 'false' : 'orphan'}`)
      expect((await kubectl(`get pods -n ${namespace} -l app=web --no-headers`)).trim()).not.toBe('')
      await kubectl(`delete replicasets --all -n ${namespace}`)
      await lab.eventually('the pods being gone', async () => (await kubectl(`get pods -n ${namespace} -l app=web --no-headers`)).trim() === '')
      await expect(kubectl(`get deployment web -n ${namespace}`)).rejects.toThrow(`Error from server (NotFound): deployments.apps "web" not found`)
      await kubectl(`delete namespace ${namespace} --timeout=120s`)
      await expect(kubectl(`get namespace ${namespace}`)).rejects.toThrow('not found')
    })
  })

  /** Runs kubectl with a pseudo terminal, as a person has one. */
  function inTerminal(binary: string, args: string[]): Promise<string> {
    const command = [binary, ...args].map((word) => `'${word}'`).join(' ')
    const child = spawn('nsenter', [`--net=${lab.node.path}`, '--', 'script', '-qec', command, '/dev/null'], { env: { ...process.env, KUBECONFIG: lab.kubeconfig }, stdio: ['ignore', 'pipe', 'inherit'] })
    return new Promise((resolve, reject) => {
      let output = ''
      child.stdout.on('data', (data: Buffer) => { output += data })
      child.on('error', reject).on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${command} ended with ${code}: ${output}`))))
    })
  }
})
