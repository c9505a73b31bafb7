import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { busyboxImage, importImages } from '../lab/images.ts'
import { kubectls } from '../lab/kubectls.ts'
import { deployment, pod, service } from '../lab/objects.ts'
import { clusterUnavailable, createUpLab, home, type UpLab } from '../lab/up-lab.ts'

const unavailable = clusterUnavailable()
const inTurn = { concurrent: false }
const sh = (script: string) => ({ command: ['sh', '-c', script] })
const bigBytes = 8 * 1024 * 1024
const md5 = (bytes: Uint8Array | string): string => createHash('md5').update(bytes).digest('hex')

/** Pods from afar: what stock kubectls do to them through our server, our agent and containerd's own streaming server. */
describe.skipIf(unavailable)(`streams of a running cluster${unavailable ? ` (skipped: ${unavailable})` : ''}`, { timeout: 300_000 }, () => {
  let lab: UpLab

  beforeAll(async () => {
    lab = await createUpLab()
    await importImages(lab)
    const talk = (name: string) => ({ name, image: busyboxImage, ...sh(`for i in 1 2 3; do echo ${name} $i; done; echo ${name} complains >&2; sleep 100000`) })
    await lab.apply(
      deployment('web', 2), service('web'),
      pod('box', {}, sh('mkdir -p /www; echo small >/www/small; echo a line of the log; dd if=/dev/zero bs=1M count=8 2>/dev/null | tr "\\000" x >/www/big; exec httpd -f -p 8080 -h /www')),
      pod('chatty', { containers: [talk('one'), talk('two')] }, {}, { labels: { app: 'chatty' } }),
    )
    await lab.kubectl('rollout status deployment/web --timeout=120s')
    await lab.kubectl('wait --for=condition=Ready pod/box pod/chatty --timeout=120s')
    await lab.eventually('the big file', async () => (await lab.kubectl(['exec', 'box', '--', 'sh', '-c', 'wc -c </www/big'])).trim() === String(bigBytes))
  })
  afterAll(() => lab?.close())

  const kubectlOf = (binary: string): UpLab['kubectl'] => (args, options = {}) => lab.kubectl(args, { binary, ...options })

  // Side by side; the tests of one kubectl one after the other.
  describe.concurrent.each(kubectls())('the $version kubectl', ({ binary, version }) => {
    const kubectl = kubectlOf(binary)

    /** Runs kubectl in the background until `use` is done with it; `use` gets what it prints first that `wanted` matches. `input` is written, and not ended. */
    async function during<T>(args: readonly string[], wanted: RegExp, use: (found: RegExpExecArray) => Promise<T>, input = ''): Promise<T> {
      const running = await lab.node.exec.spawn(binary, args, { env: { KUBECONFIG: lab.kubeconfig, HOME: lab.directory } })
      running.stdin!.write(input)
      let said = ''
      for (const stream of [running.stdout!, running.stderr!]) stream.on('data', (data: Buffer) => { said += data })
      try {
        return await use(await lab.eventually(`${args.join(' ')}: ${wanted}`, async () => wanted.exec(said) ?? undefined))
      } finally {
        running.kill()
        await running.exited
      }
    }
    const fetched = async (url: string) => (await lab.node.exec.run('sh', ['-c', `curl -sS -m 60 ${url} | md5sum`])).stdout.slice(0, 32)

    test('logs of one container, of all, of all pods of a selector', inTurn, async () => {
      // What goes to two pipes at once is kept in the order in which the runtime reads them.
      const one = (await kubectl('logs chatty -c one')).trimEnd().split('\n')
      expect([...one].sort()).toEqual(['one 1', 'one 2', 'one 3', 'one complains'])
      expect((await kubectl('logs chatty -c one --tail=2')).trimEnd().split('\n')).toEqual(one.slice(-2))
      const all = (await kubectl('logs chatty --all-containers')).split('\n')
      for (const line of ['one 1', 'two 3', 'two complains']) expect(all).toContain(line)
      expect((await kubectl('logs -l app=chatty --all-containers --prefix --tail=1')).split('\n')).toContain(`[pod/chatty/one] ${one.at(-1)}`)
      expect((await kubectl('logs chatty -c two --since=1h --limit-bytes=5')).slice(0, 5)).toBe((await kubectl('logs chatty -c two')).slice(0, 5))
      await expect(kubectl('get --raw /api/v1/namespaces/default/pods/chatty/log')).rejects.toThrow('a container name must be specified for pod chatty, choose one of: [one two]')
      await expect(kubectl('logs chatty -c three')).rejects.toThrow('container three is not valid for pod chatty')
    })

    test('logs are followed to the end of the container', inTurn, async () => {
      await lab.apply(pod(`brief-${version}`, { restartPolicy: 'Never' }, sh('echo begin; until test -e /tmp/go; do sleep 0.1; done; echo end')))
      await kubectl(`wait --for=condition=Ready pod/brief-${version} --timeout=120s`)
      const followed = kubectl(`logs -f brief-${version}`)
      await kubectl(['exec', `brief-${version}`, '--', 'touch', '/tmp/go'])
      expect(await followed).toBe('begin\nend\n')
    })

    test('exec: a lot in, a lot out, the end of the input, the exit code', inTurn, async () => {
      const input = randomBytes(3 * 1024 * 1024)
      expect(await kubectl(['exec', '-i', 'box', '--', 'md5sum'], { input })).toBe(`${md5(input)}  -\n`)
      expect(md5(await kubectl(['exec', 'box', '--', 'cat', '/www/big']))).toBe(md5('x'.repeat(bigBytes)))
      await expect(kubectl(['exec', 'box', '--', 'sh', '-c', 'echo a word >&2; exit 7'])).rejects.toMatchObject({ code: 7, stderr: expect.stringContaining('a word') })
      await expect(kubectl(['exec', 'box', '--', 'no-such-command'])).rejects.toThrow(/no-such-command/)
    })

    test.skipIf(version === 'oldest')('the newest speaks WebSocket, and need not fall back', inTurn, async () => {
      const { stderr } = await lab.node.exec.run(binary, ['exec', 'box', '-v=4', '--', 'true'], { env: { KUBECONFIG: lab.kubeconfig, HOME: lab.directory } })
      expect(stderr).toContain('The subprotocol is v5.channel.k8s.io')
      await during(['port-forward', 'pod/box', ':8080', '-v=6'], /negotiated protocol: portforward\.k8s\.io[^]*Forwarding from/, async () => {})
    })

    test('cp, both ways', inTurn, async () => {
      const directory = join(lab.directory, `cp-${version}`)
      await mkdir(join(directory, 'tree/below'), { recursive: true })
      const bytes = randomBytes(2 * 1024 * 1024)
      await writeFile(join(directory, 'tree/below/file'), bytes)
      await kubectl(['cp', 'tree', `box:/tmp/tree-${version}`], { cwd: directory })
      expect(await kubectl(['exec', 'box', '--', 'md5sum', `/tmp/tree-${version}/below/file`])).toContain(md5(bytes))
      await kubectl(['cp', `box:tmp/tree-${version}/below/file`, 'back'], { cwd: directory })
      expect(md5(await readFile(join(directory, 'back')))).toBe(md5(bytes))
    })

    test('attach speaks with the main process', inTurn, async () => {
      await lab.apply(pod(`listener-${version}`, { restartPolicy: 'Never' }, { ...sh('while read line; do echo got $line; done'), stdin: true, stdinOnce: true }))
      await kubectl(`wait --for=condition=Ready pod/listener-${version} --timeout=120s`)
      expect(await kubectl(`attach -i listener-${version}`, { input: 'a line\n' })).toContain('got a line')
    })

    test('port-forward: many connections at once, a lot of data, a port where nobody listens', inTurn, async () => {
      const big = md5('x'.repeat(bigBytes))
      await during(['port-forward', 'pod/box', ':8080'], /127\.0\.0\.1:(\d+)/, async ([, port]) => {
        expect(await Promise.all(Array.from({ length: 4 }, () => fetched(`http://127.0.0.1:${port}/big`)))).toEqual([big, big, big, big])
      })
      for (const target of ['svc/web', 'deployment/web']) {
        await during(['port-forward', target, target === 'svc/web' ? ':80' : ':8080'], /127\.0\.0\.1:(\d+)/, async ([, port]) => {
          expect((await lab.node.exec.run('curl', ['-sS', '-m', '60', `http://127.0.0.1:${port}/`])).stdout).toMatch(/^web-/)
        })
      }
      await during(['port-forward', 'pod/box', ':9'], /127\.0\.0\.1:(\d+)/, async ([, port]) => {
        await expect(lab.node.exec.run('curl', ['-sS', '-m', '60', `http://127.0.0.1:${port}/`])).rejects.toThrow(/curl: \((52|56)\)/)
      })
    })

    test('proxies to pods, services and nodes', inTurn, async () => {
      expect(await kubectl('get --raw /api/v1/namespaces/default/services/web:http/proxy/')).toMatch(/^web-/)
      expect((await kubectl('get --raw /api/v1/namespaces/default/pods/box:8080/proxy/big')).length).toBe(bigBytes)
      expect(await kubectl('get --raw /api/v1/nodes/n1/proxy/metrics/resource')).toContain('container_memory_working_set_bytes')
      expect(JSON.parse(await kubectl('get --raw /api/v1/nodes/n1/proxy/pods')).items.map((item: any) => item.metadata.name)).toContain('box')
      await expect(kubectl('get --raw /api/v1/namespaces/default/pods/box:9/proxy/')).rejects.toThrow(/error trying to reach service: dial tcp 10\.244\.0\.\d+:9: connect: connection refused/)
      await during(['proxy', '--port=0'], /127\.0\.0\.1:(\d+)/, async ([, port]) => {
        const at = `http://127.0.0.1:${port}/api/v1/namespaces/default/services/http:web:80/proxy`
        expect((await lab.node.exec.run('curl', ['-sS', '-m', '60', '-L', at])).stdout).toMatch(/^web-/)
      })
    })

    test('run -i --rm', inTurn, async () => {
      expect(await kubectl(['run', `once-${version}`, '-i', '--rm', '--restart=Never', `--image=${busyboxImage}`, '--', 'sh', '-c', 'cat; echo done'], { input: 'a line\n' })).toMatch(/a line\ndone\n/)
      await expect(kubectl(`get pod once-${version}`)).rejects.toThrow('not found')
    })

    test.skipIf(version === 'oldest')('debug: in the pod, in a copy, on the node', inTurn, async () => {
      // It waits to be asked: what it said before kubectl was there would only be in its log. And whoever asks must stay: containerd shows no more
      // to one whose input has ended, where the container's own stays open (kubectl sets no `stdinOnce` here).
      await during(['debug', 'box', '-i', '--container=helper', '--target=main', `--image=${busyboxImage}`, '--', 'sh', '-c', 'read question; echo $((40 + 2)) from within'], /42 from within/, async () => {
        await lab.eventually('the helper having ended well', async () => {
          const [helper] = (await lab.json('get pod box')).status.ephemeralContainerStatuses
          return helper.name === 'helper' && helper.state.terminated?.exitCode === 0
        })
      }, 'how much?\n')
      await kubectl(['debug', 'box', '--copy-to=box-copy', '--container=helper', `--image=${busyboxImage}`, '--', 'sleep', '100000'])
      await kubectl('wait --for=condition=Ready pod/box-copy --timeout=120s')
      expect(await kubectl(['exec', 'box-copy', '-c', 'helper', '--', 'echo', 'here'])).toBe('here\n')
      const made = /debugging pod (\S+) with container/.exec(await kubectl(['debug', 'node/n1', `--image=${busyboxImage}`, '--', 'test', '-d', '/host/proc']))
      await lab.eventually('the node debugger', async () => (await lab.json(`get pod ${made![1]}`)).status.phase === 'Succeeded')
    })

    test.skipIf(version === 'oldest')('resize reaches the pod', inTurn, async () => {
      await lab.apply(pod('sized', {}, { resources: { requests: { cpu: '50m' }, limits: { cpu: '100m' } } }))
      await kubectl(['patch', 'pod', 'sized', '--subresource', 'resize', '-p', '{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"60m"},"limits":{"cpu":"200m"}}}]}}'])
      expect((await lab.json('get pod sized')).spec.containers[0].resources).toMatchObject({ requests: { cpu: '60m' }, limits: { cpu: '200m' } })
      expect(await kubectl(['patch', 'pod', 'sized', '--subresource', 'resize', '-p', '{"spec":{"containers":[{"name":"main","image":"other:1"}]}}'])).toContain('(no change)')
      await expect(kubectl(['patch', 'pod', 'sized', '--subresource', 'resize', '-p', '{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"300m"}}}]}}'])).rejects.toThrow('must be less than or equal to cpu limit')
    })
  })

  // Not beside the others: while it lasts no pod finds a node.
  test.each(kubectls())('the $version kubectl: drain stops before a budget and goes on without it', async ({ binary, version }) => {
    const kubectl = kubectlOf(binary)
    const app = `guarded-${version}`
    await lab.apply(deployment(app, 2), { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: app, namespace: 'default' }, spec: { minAvailable: 2, selector: { matchLabels: { app } } } })
    try {
      await kubectl(`rollout status deployment/${app} --timeout=120s`)
      await lab.eventually('the budget', async () => (await lab.json(`get pdb ${app}`)).status?.currentHealthy === 2)
      const drain = `drain n1 --ignore-daemonsets --pod-selector=app=${app}`
      await expect(kubectl(`${drain} --timeout=1s`)).rejects.toThrow(/Cannot evict pod as it would violate the pod's disruption budget/)
      await kubectl(`delete pdb ${app}`)
      expect(await kubectl(`${drain} --timeout=120s`)).toMatch(/evicted/)
    } finally {
      await kubectl('uncordon n1')
    }
  })

  test('the official JavaScript client', async () => {
    const { stdout } = await lab.node.exec.run(process.execPath, [join(home, 'test/lab/streams-client.ts'), lab.kubeconfig, 'box'], { timeoutMs: 120_000 })
    expect(JSON.parse(stdout)).toEqual({
      echo: { stdout: 'a line\n', stderr: 'complaint\n', status: expect.objectContaining({ status: 'Success' }) },
      failed: { stdout: '', stderr: '', status: expect.objectContaining({ status: 'Failure', reason: 'NonZeroExitCode' }) },
      forwarded: 'small\n', log: 'a line of the log\n',
    })
  })

  test('nothing is left open between server, agent and runtime', async () => {
    const open = async () => (await lab.node.exec.run('ss', ['-Htnp', 'state', 'established'])).stdout.split('\n').filter((line) => /:10250\s|"containerd"/.test(line))
    await lab.eventually('the end of every stream', async () => (await open()).length === 0)
  })
})
