import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importImages } from '../lab/images.ts'
import { deployment, pod, service } from '../lab/objects.ts'
import { clusterUnavailable, createUpLab, home, labNodeIP, type UpLab } from '../lab/up-lab.ts'
import type { Exec } from '../../host/exec.ts'

const unavailable = clusterUnavailable()
const kubeDns = '10.96.0.10'
const svc = 'default.svc.cluster.local'

/** The DNS of a real cluster, asked from its node with `dig` and from its pods as their libc does; upstream of it a server outside. */
describe.skipIf(unavailable)(`DNS of a running cluster${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let lab: UpLab
  let upstream: Awaited<ReturnType<Exec['spawn']>> | undefined
  /** What the machine's resolv.conf names; the namespaces of the lab have no other. */
  let nameServer: string | undefined

  beforeAll(async () => {
    nameServer = /^nameserver\s+(?!127\.)(\d+\.\d+\.\d+\.\d+)\s*$/m.exec(await readFile('/etc/resolv.conf', 'utf8').catch(() => ''))?.[1]
    lab = await createUpLab()
    if (nameServer) {
      await lab.outside.sh(`ip addr add ${nameServer}/32 dev lo`)
      upstream = await lab.outside.exec.spawn(process.execPath, [join(home, 'test/dns/upstream.ts'), nameServer])
      await new Promise((resolve, reject) => {
        upstream!.stdout?.once('data', resolve)
        void upstream!.exited.then(() => reject(new Error('The name server outside has ended')))
      })
    }
    await importImages(lab)
    await lab.apply(
      deployment('web', 2),
      service('web', {}),
      service('headless', { clusterIP: 'None', selector: { app: 'set' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] }),
      service('external', { type: 'ExternalName', externalName: 'www.example.test', selector: undefined, ports: undefined }),
      pod('set-0', { hostname: 'set-0', subdomain: 'headless' }, {}, { labels: { app: 'set' } }),
      pod('first'),
      pod('host-net', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }),
      pod('host-first', { hostNetwork: true }),
      pod('default', { dnsPolicy: 'Default' }),
      pod('none', { dnsPolicy: 'None', dnsConfig: { nameservers: [kubeDns], searches: ['svc.cluster.local'], options: [{ name: 'ndots', value: '2' }] } }),
    )
    await lab.kubectl('rollout status deployment/web --timeout=90s')
    await lab.kubectl('wait --for=condition=Ready pod/first pod/host-net pod/host-first pod/default pod/none pod/set-0 --timeout=90s')
    await lab.eventually('an answer at the Service kube-dns', async () => (await dig('+short', 'dns-version.cluster.local', 'TXT')) === '"1.1.0"\n')
  }, 300_000)
  afterAll(async () => {
    upstream?.kill()
    await upstream?.exited
    await lab?.close()
  })

  const digAt = async (address: string, ...args: string[]) => (await lab.node.exec.run('dig', [`@${address}`, '+tries=1', '+time=3', '+noidnout', ...args], { okCodes: [0, 9, 10] })).stdout
  const dig = (...args: string[]) => digAt(kubeDns, ...args)
  const short = async (...args: string[]) => (await dig('+short', ...args)).trim().split('\n').sort()
  const clusterIPOf = async (name: string): Promise<string> => (await lab.json(`get service ${name}`)).spec.clusterIP
  const podIPOf = async (name: string): Promise<string> => (await lab.json(`get pod ${name}`)).status.podIP
  const inPod = async (name: string, ...command: string[]) => (await lab.kubectl(['exec', name, '--', ...command])).trim()
  /** By the libc: with the search list and the options of the pod's resolv.conf. */
  const resolved = (name: string, host: string) => inPod(name, 'perl', '-e', 'my $found = gethostbyname($ARGV[0]); print defined $found ? join(".", unpack("C4", $found)) : "none"', host)
  const resolvConfOf = async (name: string) => (await inPod(name, 'cat', '/etc/resolv.conf')).split('\n').filter(Boolean)

  test('the Service is kubeadm’s, with this node as its endpoint', async () => {
    expect((await lab.json('get service kube-dns -n kube-system')).spec).toMatchObject({ clusterIP: kubeDns, ports: [{ name: 'dns', port: 53, protocol: 'UDP' }, { name: 'dns-tcp', port: 53, protocol: 'TCP' }] })
    expect((await lab.json('get endpointslices -n kube-system -l kubernetes.io/service-name=kube-dns')).items).toMatchObject([{ endpoints: [{ addresses: [labNodeIP], nodeName: 'n1', conditions: { ready: true } }], ports: [{ port: 10053 }, { port: 10053 }] }])
  })

  test('Services are answered over UDP and TCP', async () => {
    const web = await clusterIPOf('web')
    expect(await short(`web.${svc}`)).toEqual([web])
    expect(await short('+tcp', `web.${svc}`)).toEqual([web])
    expect(await short(`_http._tcp.web.${svc}`, 'SRV')).toEqual([`0 100 80 web.${svc}.`])
    expect(await short('-x', web)).toEqual([`web.${svc}.`])
    expect(await dig(`nothing.${svc}`)).toMatch(/status: NXDOMAIN[^]*cluster\.local\.\s+30\s+IN\s+SOA/)
    expect(await dig(`web.${svc}`, 'AAAA')).toMatch(/status: NOERROR[^]*ANSWER: 0[^]*SOA/)
    expect(await short('kubernetes.default.svc.cluster.local')).toEqual(['10.96.0.1'])
  })

  test('pods behind a headless Service have names', async () => {
    const ip = await podIPOf('set-0')
    expect(await short(`headless.${svc}`)).toEqual([ip])
    expect(await short(`set-0.headless.${svc}`)).toEqual([ip])
    expect(await short(`_http._tcp.headless.${svc}`, 'SRV')).toEqual([`0 100 8080 set-0.headless.${svc}.`])
    expect(await short('-x', ip)).toEqual([`set-0.headless.${svc}.`])
    expect(await short(`${ip.replaceAll('.', '-')}.default.pod.cluster.local`)).toEqual([ip])
    expect(await inPod('set-0', 'hostname', '-f')).toBe(`set-0.headless.${svc}`)
  })

  test('a change is answered as soon as it is asked for again', async () => {
    await lab.kubectl('create service clusterip late --tcp=80')
    const begun = performance.now()
    const ip = await clusterIPOf('late')
    await lab.eventually('the new Service', async () => (await short(`late.${svc}`))[0] === ip, 5000)
    // With kubectl's own start in between; on a busy machine the bound is a generous one.
    expect(performance.now() - begun).toBeLessThan(5000)
    await lab.kubectl('delete service late')
    await lab.eventually('the end of the Service', async () => /NXDOMAIN/.test(await dig(`late.${svc}`)), 5000)
  })

  test('ClusterFirst pods ask the cluster, by short names', async () => {
    expect(await resolvConfOf('first')).toEqual([`search ${svc} svc.cluster.local cluster.local`, `nameserver ${kubeDns}`, 'options ndots:5'])
    const web = await clusterIPOf('web')
    for (const name of ['web', 'web.default', 'web.default.svc', `web.${svc}`, `web.${svc}.`]) expect(await resolved('first', name)).toBe(web)
    expect(await resolved('first', 'set-0.headless')).toBe(await podIPOf('set-0'))
    expect(await resolved('first', 'nothing')).toBe('none')
    expect(await inPod('first', 'nslookup', '-type=a', `web.${svc}`)).toContain(`Address: ${web}`)
    expect(await inPod('first', 'wget', '-qO-', `http://${web}/`)).toMatch(/^web-/)
  })

  test('ClusterFirstWithHostNet pods ask the cluster from the node', async () => {
    expect(await resolvConfOf('host-net')).toEqual([`search ${svc} svc.cluster.local cluster.local`, `nameserver ${kubeDns}`, 'options ndots:5'])
    expect(await resolved('host-net', 'web')).toBe(await clusterIPOf('web'))
  })

  test('Default pods, and ClusterFirst ones on the host’s network, ask whom the node asks', async () => {
    const own = [...(await readFile('/etc/resolv.conf', 'utf8')).matchAll(/^nameserver\s+\S+/gm)].map(([line]) => line)
    for (const name of ['default', 'host-first']) expect((await resolvConfOf(name)).filter((line) => line.startsWith('nameserver'))).toEqual(own.slice(0, 3))
  })

  test('pods with the policy None ask as they say', async () => {
    expect(await resolvConfOf('none')).toEqual(['search svc.cluster.local', `nameserver ${kubeDns}`, 'options ndots:2'])
    expect(await resolved('none', 'web.default')).toBe(await clusterIPOf('web'))
  })

  test('other names are asked upstream, once', async ({ skip }) => {
    if (!nameServer) return skip('this machine has no name server that the lab could stand in for')
    expect(await short('www.example.test')).toEqual(['198.51.100.1'])
    expect(await resolved('first', 'www.example.test')).toBe('198.51.100.1')
    expect(await short('www.example.test')).toEqual(['198.51.100.1'])
    expect(await short(`external.${svc}`)).toEqual(['198.51.100.1', 'www.example.test.'])
    expect(await dig('nowhere.example.test')).toContain('status: NXDOMAIN')
  })

  test('strangers are refused, wherever they ask', async () => {
    const asked = async (...args: string[]) => (await lab.outside.exec.run('dig', [`@${labNodeIP}`, '-p', '10053', '+tries=1', '+time=3', ...args, `web.${svc}`], { okCodes: [0, 9, 10] })).stdout
    expect(await asked()).toMatch(/status: REFUSED[^]*MSG SIZE {2}rcvd: 12/)
    expect(await asked('+tcp')).not.toContain('ANSWER: 1')
  })

  test('an agent that was killed answers again when it is back', async () => {
    process.kill(await lab.pidOf('agent'), 'SIGKILL')
    await lab.k8ts('up')
    await lab.eventually('an answer', async () => (await short(`web.${svc}`))[0] === await clusterIPOf('web'))
  })

  test('whoever gives the Service a selector answers in our place, until he takes it away', async () => {
    await lab.apply(pod('their-dns', {}, { command: ['sh', '-c', 'hostname >index.html; exec httpd -f -p 5353'] }, { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } }))
    await lab.kubectl('wait -n kube-system --for=condition=Ready pod/their-dns --timeout=60s')
    await lab.kubectl(['patch', 'service', 'kube-dns', '-n', 'kube-system', '--type=merge', '-p', JSON.stringify({ spec: { selector: { 'k8s-app': 'kube-dns' }, ports: [{ name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 5353 }] } })])
    await lab.eventually('the answer of the pod', async () => (await inPod('first', 'wget', '-qO-', `http://${kubeDns}:53/`).catch(() => '')) === 'their-dns')
    const slices = (await lab.json('get endpointslices -n kube-system -l kubernetes.io/service-name=kube-dns')).items
    expect(slices.map(({ metadata }: any) => metadata.labels['endpointslice.kubernetes.io/managed-by'])).toEqual(['endpointslice-controller.k8s.io'])
    await lab.kubectl('delete service kube-dns -n kube-system')
    await lab.eventually('our own answer', async () => (await short(`web.${svc}`))[0] === await clusterIPOf('web'))
  })
})
