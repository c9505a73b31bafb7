import { readFile, writeFile } from 'node:fs/promises'
import { kill } from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { paths } from '../../cli/layout.ts'
import { importImages } from '../lab/images.ts'
import { machineState } from '../lab/machine-state.ts'
import { pod } from '../lab/objects.ts'
import { clusterUnavailable, createUpLab, labNodeIP, type UpLab } from '../lab/up-lab.ts'

const unavailable = clusterUnavailable()

describe.skipIf(unavailable)(`k8ts up and down${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let lab: UpLab
  let untouched: string
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
    const before = [await lab.pidOf('server'), await lab.pidOf('agent'), await lab.pidOf('containerd')]
    await lab.k8ts('up')
    expect([await lab.pidOf('server'), await lab.pidOf('agent'), await lab.pidOf('containerd')]).toEqual(before)
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
    for (const part of ['server', 'agent', 'containerd'] as const) kill(await lab.pidOf(part), 'SIGKILL')
    await lab.eventually('the parts being gone', async () => (await lab.k8ts('status').catch(() => ({ stdout: '' }))).stdout === '')
    await lab.k8ts('up')
    await lab.eventually('the agent reporting again', async () => (await lab.json('get node n1')).status.conditions.some((c: any) => c.type === 'Ready' && c.status === 'True'))
    expect(await containerPids()).toEqual(before)
    expect(await lab.kubectl(['exec', 'kept', '--', 'echo', 'still', 'here'])).toBe('still here\n')
  })

  test('a half-written configuration is named, and up does not guess', async () => {
    const { config } = paths(lab.layout)
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
    await expect(readFile(paths(lab.layout).config)).rejects.toThrow('ENOENT')
  })
})
