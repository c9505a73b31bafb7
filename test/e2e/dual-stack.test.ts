import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importImages } from '../lab/images.ts'
import { deployment, pod, service } from '../lab/objects.ts'
import { clusterUnavailable, createUpLab, labNodeIP, labNodeIPv6, type UpLab } from '../lab/up-lab.ts'

const unavailable = clusterUnavailable()
const networks = {
  both: ['--cluster-cidr', '10.244.0.0/16,fd00:244::/48', '--service-cidr', '10.96.0.0/16,fd00:96::/112'],
  IPv6: ['--cluster-cidr', 'fd00:244::/48', '--service-cidr', 'fd00:96::/112'],
}
const inURL = (ip: string) => (ip.includes(':') ? `[${ip}]` : ip)

describe.skipIf(unavailable).each([
  { name: 'of both families', up: networks.both, families: ['IPv4', 'IPv6'] as const, nodeIPs: [labNodeIP, labNodeIPv6] },
  { name: 'of IPv6 alone', up: networks.IPv6, families: ['IPv6'] as const, nodeIPs: [labNodeIPv6] },
])(`a real cluster $name${unavailable ? ` (skipped: ${unavailable})` : ''}`, ({ up, families, nodeIPs }) => {
  let lab: UpLab
  beforeAll(async () => {
    lab = await createUpLab({ up, families })
    await importImages(lab)
    await lab.apply(
      deployment('web', 2),
      service('web', { type: 'NodePort', ipFamilyPolicy: 'PreferDualStack', ports: [{ name: 'http', port: 80, targetPort: 'http', nodePort: 30080 }] }),
      pod('client'),
    )
    await lab.kubectl('rollout status deployment/web --timeout=120s')
    await lab.kubectl('wait --for=condition=Ready pod/client --timeout=60s')
  })
  afterAll(() => lab?.close())

  const slices = async () => (await lab.json('get endpointslices -l kubernetes.io/service-name=web')).items as any[]
  const answers = (command: string) => lab.eventually(`an answer to ${command}`, async () => {
    const text = (await lab.kubectl(['exec', 'client', '--', 'sh', '-c', command]).catch(() => '')).trim()
    return text !== '' && text.split('\n')
  })

  test('the node has its addresses and its shares of the pod network', async () => {
    const { spec, status } = await lab.json('get node n1')
    expect(status.addresses).toEqual([...nodeIPs.map((address) => ({ type: 'InternalIP', address })), { type: 'Hostname', address: 'n1' }])
    expect(spec.podCIDRs).toHaveLength(families.length)
    expect(await lab.kubectl('get nodes -o wide')).toContain(nodeIPs[0])
  })

  test('a pod has an address of each family, says so itself, and is probed', async () => {
    const { status } = await lab.json('get pod client')
    expect(status.podIPs.map(({ ip }: { ip: string }) => (ip.includes(':') ? 'IPv6' : 'IPv4'))).toEqual(families)
    expect(status.hostIPs).toEqual(nodeIPs.map((ip) => ({ ip })))
    const inside = await lab.kubectl(['exec', 'client', '--', 'ip', 'addr', 'show', 'eth0'])
    for (const { ip } of status.podIPs) expect(inside).toContain(ip)
    expect(await lab.kubectl(['exec', 'client', '--', 'cat', '/etc/hosts'])).toContain(`${status.podIPs.at(-1).ip}\tclient`)
    const [web] = (await lab.json('get pods -l app=web')).items
    expect(web.status.conditions.find(({ type }: { type: string }) => type === 'Ready').status).toBe('True')
  })

  test('a Service answers at its address of each family, and on the node ports', async () => {
    const { spec } = await lab.json('get service web')
    expect(spec.ipFamilies).toEqual(families)
    await lab.eventually('slices', async () => (await slices()).filter(({ endpoints }) => endpoints?.length === 2).length === families.length)
    for (const ip of spec.clusterIPs) expect(await answers(`wget -qO- http://${inURL(ip)}/`)).toEqual([expect.stringMatching(/^web-/)])
    for (const ip of nodeIPs) {
      expect(await lab.eventually(`node port on ${ip}`, async () => (await lab.outside.exec.run('curl', ['-gsS', '-m', '3', `http://${inURL(ip)}:30080/`]).catch(() => ({ stdout: '' }))).stdout.trim())).toMatch(/^web-/)
    }
  })

  test('the API server is reached through the Service kubernetes, and the agent through the API server', async () => {
    const { spec } = await lab.json('get service kubernetes')
    expect(await answers(`nc -w 2 ${spec.clusterIP} 443 </dev/null && echo open`)).toEqual(['open'])
    expect(await lab.kubectl(['exec', 'client', '--', 'echo', 'hello'])).toBe('hello\n')
    expect((await lab.kubectl('describe service web')).replaceAll(/ +/g, ' ')).toContain(`IPs: ${(await lab.json('get service web')).spec.clusterIPs.join(',')}`)
  })

  test('down leaves no rule behind', async () => {
    await lab.k8ts('down')
    expect((await lab.node.exec.run('nft', ['list', 'ruleset'])).stdout).toBe('')
    await lab.k8ts('up')
  })
})
