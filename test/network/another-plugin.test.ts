import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importImages } from '../lab/images.ts'
import { pod, webContainer } from '../lab/objects.ts'
import { clusterUnavailable, createUpLab, type UpLab } from '../lab/up-lab.ts'

const binDir = '/usr/lib/cni'
const skip = clusterUnavailable() ?? (existsSync(`${binDir}/bridge`) ? undefined : `needs ${binDir}/bridge (containernetworking-plugins)`)

/** `--pod-network none`: the plugins of the CNI project under our agent. */
describe.skipIf(skip)(`a cluster whose network is another's${skip ? ` (${skip})` : ''}`, { timeout: 300_000 }, () => {
  let lab: UpLab
  let confDir: string
  beforeAll(async () => {
    confDir = await mkdtemp(join(tmpdir(), 'k8ts-another-'))
    lab = await createUpLab({ start: false, up: ['--pod-network', 'none', '--cni-conf-dir', confDir, '--cni-bin-dir', binDir] })
  }, 300_000)
  afterAll(async () => {
    await lab?.close()
    await rm(confDir, { recursive: true, force: true })
  }, 300_000)

  test('pods get addresses of it, host ports and Services lead to them, and nothing of ours is made', async () => {
    const state = join(confDir, 'addresses')
    await writeFile(join(confDir, '10-other.conflist'), JSON.stringify({
      cniVersion: '1.0.0', name: 'other',
      plugins: [
        { type: 'bridge', bridge: 'other0', isGateway: true, ipMasq: true, hairpinMode: true, ipam: { type: 'host-local', ranges: [[{ subnet: '10.55.0.0/24' }]], routes: [{ dst: '0.0.0.0/0' }], dataDir: state } },
        { type: 'portmap', capabilities: { portMappings: true }, snat: true },
      ],
    }))
    await lab.k8ts('up')
    await importImages(lab)
    await lab.apply(pod('web', { containers: [{ ...webContainer, ports: [{ name: 'http', containerPort: 8080, hostPort: 8088 }] }] }, {}, { labels: { app: 'web' } }),
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] } })
    await lab.kubectl('wait --for=condition=Ready pod/web --timeout=120s')
    const { status } = await lab.json<{ status: { podIP: string } }>('get pod web')
    expect(status.podIP).toMatch(/^10\.55\.0\.\d+$/)
    const { spec } = await lab.json<{ spec: { clusterIP: string } }>('get service web')
    for (const [where, address] of [[lab.node, `${status.podIP}:8080`], [lab.outside, '192.0.2.1:8088'], [lab.node, `${spec.clusterIP}:80`]] as const) {
      expect((await where.sh(`curl -s --retry 30 --retry-delay 1 --retry-all-errors --max-time 5 http://${address}/`)).trim()).toBe('web')
    }
    const made = await lab.node.sh('ip -o link; ip route; nft list tables')
    expect(made).toContain('other0')
    expect(made).not.toMatch(/k8ts0|k8ts-vxlan|proto 244|k8ts-cni/)
    const held = async () => `${await lab.node.sh(`ls ${state}/other`)}${await lab.node.sh('ip -o link show type veth')}`
    expect(await lab.node.sh('ip -o link')).toContain('master other0')
    await lab.kubectl('delete pod web --wait')
    await expect.poll(held, { timeout: 60_000 }).not.toMatch(/^10\.55\.|master other0/m)
  })
})
