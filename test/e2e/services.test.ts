import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importImages } from '../lab/images.ts'
import { deployment, pod, service } from '../lab/objects.ts'
import { clusterUnavailable, createUpLab, labNodeIP, type UpLab } from '../lab/up-lab.ts'

const unavailable = clusterUnavailable()

describe.skipIf(unavailable)(`services of a running cluster${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let lab: UpLab
  let clusterIP: string

  beforeAll(async () => {
    lab = await createUpLab()
    await importImages(lab)
    await lab.apply(
      deployment('web', 3),
      service('web', { type: 'NodePort', ports: [{ name: 'http', port: 80, targetPort: 'http', nodePort: 30080 }, { name: 'udp', protocol: 'UDP', port: 53, targetPort: 'udp', nodePort: 30053 }] }),
      service('empty', { selector: { app: 'nobody' } }),
      pod('client'),
    )
    await lab.kubectl('rollout status deployment/web --timeout=60s')
    await lab.kubectl('wait --for=condition=Ready pod/client --timeout=60s')
    clusterIP = (await lab.json('get service web')).spec.clusterIP
    await settled(3)
  })
  afterAll(() => lab?.close())

  const podNames = async () => (await lab.json('get pods -l app=web')).items.filter((item: any) => !item.metadata.deletionTimestamp).map((item: any) => item.metadata.name).sort() as string[]
  const settled = (count: number) => lab.eventually(`${count} endpoints`, async () => {
    const slices = (await lab.json('get endpointslices -l kubernetes.io/service-name=web')).items
    const endpoints = slices.flatMap((slice: any) => slice.endpoints ?? [])
    const ready = endpoints.filter((endpoint: any) => endpoint.conditions.ready)
    // The kernel follows the API by milliseconds; that it did is seen in its own rules.
    const rules = await lab.node.sh('nft list map ip k8ts-proxy service-nodeports')
    // While there is none that is ready, those that end still get what comes.
    return count === 0 ? endpoints.length === 0 && !/\b30080\b[^,}]*of-\d/.test(rules) : ready.length === count && rules.includes(`of-${count}-`)
  })
  const curl = async (times: number, url: string) => {
    const answers: string[] = []
    for (let turn = 0; turn < times; turn++) answers.push((await lab.outside.exec.run('curl', ['-sS', '-m', '3', url])).stdout.trim())
    return answers
  }
  const fromPod = async (times: number, command: string) => (await lab.kubectl(['exec', 'client', '--', 'sh', '-c', `for i in $(seq ${times}); do ${command}; done`])).trim().split('\n')
  const isRound = (answers: string[], names: string[]) => {
    const first = answers.slice(0, names.length)
    expect([...first].sort()).toEqual(names)
    expect(answers).toEqual(answers.map((_, turn) => first[turn % names.length]))
  }

  test('the node port goes strictly round robin over the pods, from outside', async () => isRound(await curl(9, `http://${labNodeIP}:30080/`), await podNames()))

  test('the cluster IP goes strictly round robin, from a pod, TCP', async () => isRound(await fromPod(9, `wget -qO- http://${clusterIP}/`), await podNames()))

  test('the cluster IP goes strictly round robin, from a pod, UDP', async () => {
    isRound(await fromPod(6, `udp-ask ${clusterIP} 53`), await podNames())
  })

  test('a Service without endpoints refuses the connection', async () => {
    const { spec } = await lab.json('get service empty')
    await expect(lab.kubectl(['exec', 'client', '--', 'nc', '-w', '3', spec.clusterIP, '80'])).rejects.toThrow(/Connection refused/)
  })

  test('the API server is reached from a pod through the service kubernetes', async () => {
    const { spec } = await lab.json('get service kubernetes')
    expect(await fromPod(1, `nc -w 2 ${spec.clusterIP} 443 </dev/null && echo open`)).toEqual(['open'])
  })

  test('an unready pod gets no traffic until it is ready again', async () => {
    const [unready, ...others] = await podNames()
    await lab.kubectl(['exec', unready!, '--', 'rm', '/tmp/ready'])
    await settled(2)
    isRound(await curl(6, `http://${labNodeIP}:30080/`), others)
    await lab.kubectl(['exec', unready!, '--', 'touch', '/tmp/ready'])
    await settled(3)
    isRound(await curl(6, `http://${labNodeIP}:30080/`), await podNames())
  })

  test('a deleted pod is replaced, and its successor gets its share', async () => {
    const [gone] = await podNames()
    await lab.kubectl(['delete', 'pod', gone!])
    await lab.eventually('the successor', async () => (await podNames()).length === 3)
    await lab.kubectl('rollout status deployment/web --timeout=60s')
    await settled(3)
    const names = await podNames()
    expect(names).not.toContain(gone)
    isRound(await curl(6, `http://${labNodeIP}:30080/`), names)
  })

  test('scaling to ten and to none is followed', async () => {
    await lab.kubectl('scale deployment/web --replicas=10')
    await lab.kubectl('rollout status deployment/web --timeout=90s')
    await settled(10)
    isRound(await curl(10, `http://${labNodeIP}:30080/`), await podNames())
    await lab.kubectl('scale deployment/web --replicas=0')
    await lab.eventually('no pods', async () => (await podNames()).length === 0)
    await settled(0)
    // curl's 7 is a refusal; a connection that nobody answers would be 28.
    await expect(curl(1, `http://${labNodeIP}:30080/`)).rejects.toThrow('exit code 7')
  })
})
