import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importImages } from '../lab/images.ts'
import { deployment, service } from '../lab/objects.ts'
import { clusterUnavailable, createUpLab, labNodeIP, type UpLab } from '../lab/up-lab.ts'

const unavailable = clusterUnavailable()

/** How Services are carried is changed by running `up` again; containers and their connections know nothing of it. */
describe.skipIf(unavailable)(`proxy modes of a running cluster${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let lab: UpLab
  let names: string[]
  let rules: string

  beforeAll(async () => {
    lab = await createUpLab({ start: false })
    rules = await serviceRules()
    await lab.k8ts('up', '--proxy-mode', 'nftables')
    await importImages(lab)
    await lab.apply(deployment('web', 2), service('web', { type: 'NodePort', ports: [{ name: 'http', port: 80, targetPort: 'http', nodePort: 30080 }] }),
      service('balanced', { type: 'LoadBalancer', selector: { app: 'web' }, externalTrafficPolicy: 'Local', healthCheckNodePort: 30090, ports: [{ name: 'http', port: 80, targetPort: 'http' }] }))
    await lab.kubectl('rollout status deployment/web --timeout=60s')
    names = (await lab.json('get pods -l app=web')).items.map((item: any) => item.metadata.name).sort()
    await answered()
  })
  afterAll(() => lab?.close())

  /** What each mode has of its own in the kernel; one line for each that has anything. */
  const serviceRules = () => lab.node.sh(`
    nft list tables | grep 'k8ts-proxy' | sed 's/ k8ts-proxy.*/ k8ts-proxy/' | sort -u || true
    (iptables-nft-save; ip6tables-nft-save; iptables-legacy-save; ip6tables-legacy-save) 2>/dev/null | grep -o 'K8TS-SERVICES' | sort -u || true
    ip -o addr show dev lo | grep -oE '169[.]254[.]75[.]56|fd6b:3874:7300::1' | sed 's/^/lo /' || true`)
  const once = async () => (await lab.outside.exec.run('curl', ['-sS', '-m', '3', `http://${labNodeIP}:30080/`])).stdout.trim()
  const answered = () => lab.eventually('both pods answering at the node port', async () => {
    const answers = await Promise.all([once(), once(), once(), once()]).catch(() => [])
    return JSON.stringify([...new Set(answers)].sort()) === JSON.stringify(names)
  })
  const switched = (mode: string, expected: readonly string[]) => lab.eventually(`only the rules of mode ${mode}`, async () => {
    const lines = (await serviceRules()).trim().split('\n').filter(Boolean)
    return lines.length > 0 && expected.every((want) => lines.some((line) => line.includes(want))) && lines.every((line) => expected.some((want) => line.includes(want)))
  })

  /** `200 {…}` */
  const ask = async (address: string, port: number, path = '/') => (await lab.outside.exec.run('curl', ['-sS', '-m', '3', '-w', '\\n%{http_code} %header{x-load-balancing-endpoint-weight}', `http://${address}:${port}${path}`])).stdout
    .replace(/^(.*)\n(.*)$/s, '$2 $1')

  test('load balancers learn whether the node shall get traffic, and for which Services', async () => {
    expect(await ask(labNodeIP, 30_090)).toBe('200 2 {"service":{"namespace":"default","name":"balanced"},"localEndpoints":2,"serviceProxyHealthy":true}')
    const health = async (path: string) => {
      const [code, body] = (await ask(labNodeIP, 10_256, path)).split('  ')
      return [code, JSON.parse(body!)]
    }
    expect(await health('/healthz')).toEqual(['200', { lastUpdated: expect.any(String), currentTime: expect.any(String), nodeEligible: true, healthy: true, status: { IPv4: { lastUpdated: expect.any(String), healthy: true } } }])
    await lab.kubectl('taint node n1 ToBeDeletedByClusterAutoscaler=now:NoSchedule')
    await lab.eventually('the node being no longer eligible', async () => (await health('/healthz'))[0] === '503')
    expect((await health('/livez'))[0]).toBe('200')
    await lab.kubectl('taint node n1 ToBeDeletedByClusterAutoscaler-')
    await lab.eventually('the node being eligible again', async () => (await health('/healthz'))[0] === '200')
  })

  test('from nftables to iptables no caller finds neither, and nothing of the old mode stays', async () => {
    let over = false
    const failed: unknown[] = []
    let asked = 0
    const caller = (async () => {
      while (!over) await once().then(() => { asked += 1 }, (error: unknown) => failed.push(error))
    })()
    try {
      await lab.k8ts('up', '--proxy-mode', 'iptables')
      await switched('iptables', ['K8TS-SERVICES'])
    } finally {
      over = true
      await caller
    }
    expect(failed).toEqual([])
    expect(asked).toBeGreaterThan(5)
    await answered()
  })

  test('to userspace, where the agent itself carries connections', async () => {
    await lab.k8ts('up', '--proxy-mode', 'userspace')
    await switched('userspace', ['k8ts-proxy', 'lo '])
    await answered()
  })

  test('back to nftables, with node ports at one address alone', async () => {
    await lab.k8ts('up', '--proxy-mode', 'nftables', '--nodeport-addresses', 'primary')
    await switched('nftables', ['k8ts-proxy'])
    await answered()
    const bridge = (await lab.node.sh("ip -o -4 addr show dev k8ts0 | awk '{ sub(\"/.*\", \"\", $4); print $4 }'")).trim()
    await expect(lab.node.exec.run('curl', ['-sS', '-m', '3', `http://${bridge}:30080/`])).rejects.toThrow(/refused|connect/i)
    await lab.eventually('health checks being answered where node ports are', async () => (await ask(labNodeIP, 30_090)).startsWith('200 2 '))
    for (const address of [bridge, '127.0.0.1']) await expect(lab.node.exec.run('curl', ['-sS', '-m', '3', `http://${address}:30090/`])).rejects.toThrow('exit code 7')
  })

  test('down leaves none of them', async () => {
    await lab.k8ts('down')
    expect(await serviceRules()).toBe(rules)
  })
})
