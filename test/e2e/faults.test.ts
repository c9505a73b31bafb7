import { existsSync } from 'node:fs'
import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kill } from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { paths, type Paths } from '../../cli/layout.ts'
import { endLeftovers, findPodTraces } from '../../cli/leftovers.ts'
import { netnsDirectory } from '../../host/netns.ts'
import { importImages } from '../lab/images.ts'
import { machineState } from '../lab/machine-state.ts'
import { pod } from '../lab/objects.ts'
import { clusterUnavailable, createUpLab, type UpLab } from '../lab/up-lab.ts'

const unavailable = clusterUnavailable()

/** What `up` and `down` make of machines on which something went wrong. */
describe.skipIf(unavailable)(`k8ts on a machine with faults${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let lab: UpLab
  let files: Paths
  let untouched: string
  const half = async (path: string) => truncate(path, Math.floor((await readFile(path)).length / 2))
  const kept = async () => (await lab.json('get pod kept')).status.containerStatuses[0] as { containerID: string; restartCount: number }
  const answers = () => lab.eventually('the pod answering', () => lab.kubectl(['exec', 'kept', '--', 'echo', 'here']).then((text) => text === 'here\n', () => false))

  beforeAll(async () => {
    lab = await createUpLab({ start: false })
    files = paths(lab.layout)
    untouched = await machineState(lab)
  })
  afterAll(() => lab?.close())

  test('a port that somebody else has is named at once', async () => {
    const other = await lab.node.exec.spawn(process.execPath, ['-e', 'require("net").createServer().listen(6443, () => console.log("listening"))'])
    await new Promise((resolve) => other.stdout!.once('data', resolve))
    await expect(lab.k8ts('up')).rejects.toThrow(new RegExp(`Port 6443 is taken by node -e \\(pid ${other.pid}\\); end that, or choose another port with --api-port`))
    other.kill('SIGKILL')
    await other.exited
  })

  test.each([600, 1200, 1800])('up that was killed after %i ms is completed by the next', async (ms) => {
    await lab.killed(ms, 'up')
    await lab.k8ts('up')
    expect(await lab.kubectl('get nodes --no-headers')).toMatch(/^n1 +Ready +/)
    expect((await lab.node.sh(`ps -eo args | grep -F '${lab.directory}' | grep -cE ' (server|agent) --data-dir|^containerd '`)).trim()).toBe('3')
    await lab.k8ts('down', '--purge')
    expect(await machineState(lab)).toBe(untouched)
  })

  test('of two at once the second is told', async () => {
    const outcomes = await Promise.allSettled([lab.k8ts('up'), lab.k8ts('up')])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(String(outcomes.find((outcome) => outcome.status === 'rejected')?.reason)).toMatch(/Another k8ts up or down is at work/)
  })

  test('damaged files are made anew, and no container notices', async () => {
    await importImages(lab)
    await lab.apply(pod('kept', { restartPolicy: 'Always' }))
    await lab.kubectl('wait --for=condition=Ready pod/kept --timeout=60s')
    const before = await kept()
    const damaged = [join(files.pki, 'apiserver.crt'), join(files.pki, 'kubelet-client-n1.key'), files.kubeconfig, files.containerd.config, join(files.cni.confDir, '10-k8ts.conflist'), join(files.cni.binDir, 'k8ts'), join(files.pids, 'k8ts-server.json')]
    for (const file of damaged) await half(file)
    await lab.k8ts('up')
    await answers()
    expect(await kept()).toMatchObject({ containerID: before.containerID, restartCount: before.restartCount })
    await lab.apply(pod('another'))
    await lab.kubectl('wait --for=condition=Ready pod/another --timeout=60s')
  })

  test('a server killed under load loses no write that it has acknowledged', async () => {
    const acknowledged: string[] = []
    const writer = async (name: string) => {
      for (let turn = 0; turn < 50; turn++) {
        const wrote = await lab.kubectl(['create', 'configmap', `${name}-${turn}`]).then(() => true, () => false)
        if (!wrote) return
        acknowledged.push(`configmap/${name}-${turn}`)
      }
    }
    const writing = Promise.all(['a', 'b', 'c', 'd'].map(writer))
    await lab.eventually('writes', async () => acknowledged.length > 12)
    kill(await lab.pidOf('server'), 'SIGKILL')
    await writing
    await lab.k8ts('up')
    expect((await lab.kubectl('get configmaps -o name')).split('\n')).toEqual(expect.arrayContaining(acknowledged))
  })

  test('a damaged store is not begun anew: up says which file it is, and goes on when it is back', async () => {
    await lab.k8ts('down')
    const whole = await readFile(files.store)
    await half(files.store)
    await expect(lab.k8ts('up')).rejects.toThrow(/k8ts control plane ended at once[^]*state\.db is damaged[^]*restore it from a backup/)
    await writeFile(files.store, whole)
    await lab.k8ts('up')
    await answers()
  })

  test('down finds what a dead container runtime left', async () => {
    const { namespaces } = await findPodTraces(lab.layout)
    expect(namespaces.length).toBeGreaterThan(0)
    kill(await lab.pidOf('containerd'), 'SIGKILL')
    await lab.killed(700, 'down')
    await lab.k8ts('down')
    expect(await machineState(lab)).toBe(untouched)
    expect(namespaces.filter((name) => existsSync(join(netnsDirectory, name)))).toEqual([])
  })

  test('after a reboot the pods come back', async () => {
    await lab.k8ts('up')
    await answers()
    for (const part of ['agent', 'server', 'containerd'] as const) kill(await lab.pidOf(part), 'SIGKILL')
    await endLeftovers(files.containerd)
    await lab.node.sh(`
      for mount in $(grep -o ' ${lab.directory}/[^ ]*' /proc/self/mountinfo | sort -r); do umount -l $mount; done
      rm -rf ${lab.layout.runDir} ${files.cni.dataDir}; ip link delete k8ts0; nft flush ruleset`)
    await lab.k8ts('up')
    await lab.kubectl('wait --for=condition=Ready pod/kept --timeout=60s')
    await answers()
    await lab.k8ts('down', '--purge')
    expect(await machineState(lab)).toBe(untouched)
  })
})
