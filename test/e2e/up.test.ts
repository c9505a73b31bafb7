import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kill } from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { layoutUnder, paths } from '../../cli/layout.ts'
import { importImages } from '../lab/images.ts'
import { pod } from '../lab/objects.ts'
import { clusterUnavailable, createUpLab, labNodeIP, type UpLab } from '../lab/up-lab.ts'

const unavailable = clusterUnavailable()

/** Everything of the machine that a cluster may change and must give back. */
async function machineState(lab: UpLab): Promise<string> {
  return lab.node.sh(`
    echo '# links'; ip -o link | sed 's/^[0-9]*: //; s/@.*//' | cut -d' ' -f1 | sort
    echo '# addresses'; ip -o -4 addr | awk '{print $2, $4}' | sort
    echo '# routes'; ip route | sort
    echo '# nft'; nft list ruleset
    echo '# iptables'; iptables-nft-save | grep -E '^(-A|:K8TS|:CNI)' || true
    echo '# mounts'; grep -c ' ${lab.directory}' /proc/self/mountinfo || true
    echo '# cgroups'; find /sys/fs/cgroup -type d -path '*k8ts-lab-${process.pid}-*' | wc -l`)
}

describe.skipIf(unavailable)(`k8ts up and down${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let lab: UpLab
  let untouched: string
  const pidOf = async (part: string) => (JSON.parse(await readFile(join(paths(layoutUnder(join(lab.directory, 'k8ts'))).pids, `k8ts-${part}.json`), 'utf8')) as { pid: number }).pid
  const containerPids = async () => (await lab.json('get pod kept')).status.containerStatuses.map((status: any) => [status.containerID, status.restartCount])

  beforeAll(async () => {
    lab = await createUpLab({ start: false })
    untouched = await machineState(lab)
  })
  afterAll(() => lab?.close())

  test('status says that there is no cluster', async () => {
    await expect(lab.k8ts('status')).rejects.toThrow(/There is no cluster|ended with code 1|code 1/)
  })

  test('goes from nothing to a Ready node, showing every step with its time', async () => {
    const { stdout } = await lab.k8ts('up')
    expect(stdout).toMatch(/✓ +\d+\.\d\ds Control plane/)
    expect(stdout).toMatch(/✓ +\d+\.\d\ds Node n1 is Ready/)
    expect(stdout).toContain('kubectl get nodes')
    expect(await lab.kubectl('get nodes --no-headers')).toMatch(/^n1 +Ready +/)
    expect((await lab.k8ts('status')).stdout).toContain('1 of 1 nodes Ready')
  })

  test('a second up changes nothing', async () => {
    const before = [await pidOf('server'), await pidOf('agent'), await pidOf('containerd')]
    await lab.k8ts('up')
    expect([await pidOf('server'), await pidOf('agent'), await pidOf('containerd')]).toEqual(before)
  })

  test('refuses to change what cannot be changed in a running cluster', async () => {
    await expect(lab.k8ts('up', '--cluster-cidr', '10.9.0.0/16')).rejects.toThrow(/down --purge first/)
    await expect(lab.k8ts('up', '--service-cidr', 'nonsense')).rejects.toThrow(/not a network/)
  })

  test('killed parts are started again; no container notices, no write is lost', async () => {
    await importImages(lab)
    await lab.apply(pod('kept', { restartPolicy: 'Always' }))
    await lab.kubectl('wait --for=condition=Ready pod/kept --timeout=60s')
    const before = await containerPids()
    for (const part of ['server', 'agent', 'containerd']) kill(await pidOf(part), 'SIGKILL')
    await lab.eventually('the parts being gone', async () => (await lab.k8ts('status').catch(() => ({ stdout: '' }))).stdout === '')
    await lab.k8ts('up')
    await lab.eventually('the agent reporting again', async () => (await lab.json('get node n1')).status.conditions.some((c: any) => c.type === 'Ready' && c.status === 'True'))
    expect(await containerPids()).toEqual(before)
    expect(await lab.kubectl(['exec', 'kept', '--', 'echo', 'still', 'here'])).toBe('still here\n')
  })

  test('a half-written configuration is named, and up does not guess', async () => {
    const { config } = paths(layoutUnder(join(lab.directory, 'k8ts')))
    const text = await readFile(config, 'utf8')
    await writeFile(config, text.slice(0, 40))
    await expect(lab.k8ts('up')).rejects.toThrow(/it is not a JSON object; mend it/)
    await writeFile(config, text)
    await lab.k8ts('up')
  })

  test('the demo runs: three pods answer in turn', async () => {
    const { stdout } = await lab.k8ts('demo')
    const answers = [...stdout.matchAll(/^Hello from (web-\S+)$/gm)].map(([, name]) => name)
    expect(answers).toHaveLength(6)
    expect(new Set(answers.slice(0, 3)).size).toBe(3)
    expect(answers.slice(3)).toEqual(answers.slice(0, 3))
  })

  test('a stopped cluster leaves the machine as it was and comes back with its objects', async () => {
    await lab.k8ts('down')
    expect(await machineState(lab)).toBe(untouched)
    await lab.k8ts('up')
    await lab.kubectl('wait --for=condition=Ready pod/kept --timeout=60s')
    await lab.kubectl('rollout status deployment/web --timeout=60s')
    // What the API says of pods is from before until the agent has looked; that they answer is what counts.
    const answer = () => lab.outside.exec.run('curl', ['-fsS', '-m', '3', `http://${labNodeIP}:30080/`]).then(({ stdout }) => stdout, () => undefined)
    expect(await lab.eventually('an answer at the node port', answer)).toMatch(/^Hello from web-/)
  })

  test('down --purge removes everything, and can be repeated', async () => {
    await lab.k8ts('down', '--purge')
    await lab.k8ts('down', '--purge')
    expect(await machineState(lab)).toBe(untouched)
    await expect(readFile(paths(layoutUnder(join(lab.directory, 'k8ts'))).config)).rejects.toThrow('ENOENT')
  })
})
