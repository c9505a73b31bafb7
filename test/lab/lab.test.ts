import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { layoutUnder } from '../../cli/layout.ts'
import { planNodes } from '../../cli/nodes/plan.ts'
import { createExec } from '../../host/exec.ts'
import { netnsPath } from '../../host/netns.ts'
import { createLab } from './lab.ts'
import { clusterUnavailable, createUpLab } from './up-lab.ts'

const skip = clusterUnavailable()

describe.skipIf(skip)(`the lab of several nodes${skip ? ` (${skip})` : ''}`, () => {
  test('joins the hosts and takes them away', async () => {
    const lab = await createLab({ nodes: 2 })
    try {
      await lab.nodes[0]!.sh(`busybox ping -c1 -W2 ${lab.nodes[1]!.address}; busybox ping -c1 -W2 10.99.0.1`)
    } finally {
      await lab.close()
    }
    expect(existsSync(lab.directory)).toBe(false)
    expect([lab.outside, ...lab.nodes].filter(({ path }) => existsSync(path))).toEqual([])
  })

  test('takes away what a killed lab left behind', async () => {
    const script = `
      const { createLab } = await import(${JSON.stringify(join(import.meta.dirname, 'lab.ts'))})
      const lab = await createLab({ nodes: 1 })
      await lab.nodes[0].startRuntime()
      console.log(JSON.stringify([lab.directory, lab.nodes[0].path]))
      setInterval(() => {}, 1e6)`
    const killed = await createExec().spawn(process.execPath, ['--input-type=module', '-e', script])
    const [directory, netns] = await new Promise<string[]>(resolve => killed.stdout!.once('data', chunk => resolve(JSON.parse(String(chunk)) as string[])))
    killed.kill('SIGKILL')
    await killed.exited
    expect([existsSync(directory!), existsSync(netns!)]).toEqual([true, true])
    const daemons = async () => (await createExec().run('pgrep', ['-f', directory!], { okCodes: [0, 1] })).stdout
    expect(await daemons()).not.toBe('')
    await (await createLab({ nodes: 0 })).close()
    expect([existsSync(directory!), existsSync(netns!)]).toEqual([false, false])
    await expect.poll(daemons, { timeout: 5000 }).toBe('')
  })
})

describe.skipIf(skip)(`the lab with a cluster${skip ? ` (${skip})` : ''}`, () => {
  test('takes away what a killed one left: daemons, pods, other nodes, groups, mounts and files', async () => {
    const script = `
      const { createUpLab } = await import(${JSON.stringify(join(import.meta.dirname, 'up-lab.ts'))})
      const { importImages } = await import(${JSON.stringify(join(import.meta.dirname, 'images.ts'))})
      const { pod } = await import(${JSON.stringify(join(import.meta.dirname, 'objects.ts'))})
      const lab = await createUpLab({ up: ['--nodes', '2'] })
      await importImages(lab)
      await lab.apply(pod('left', { nodeName: 'n1' }))
      await lab.kubectl('wait --for=condition=Ready pod/left --timeout=60s')
      console.log(JSON.stringify([lab.directory, lab.cgroup, lab.node.path]))
      process.kill(process.pid, 'SIGKILL')`
    const killed = await createExec().spawn(process.execPath, ['--input-type=module', '-e', script])
    let said = ''
    killed.stdout!.on('data', chunk => { said += String(chunk) })
    await killed.exited
    const [directory, cgroup, netns] = JSON.parse(said) as [string, string, string]
    const second = netnsPath(planNodes({ ...layoutUnder(join(directory, 'k8ts')), nodeName: 'n1', nodes: 2, nodeNetwork: '10.213.0.0/24', cgroupRoot: `/${cgroup}` }).others[0]!.namespace)
    const left = async () => {
      const groups = (await createExec().run('find', ['/sys/fs/cgroup', '-name', cgroup])).stdout
      const processes = (await createExec().run('pgrep', ['-f', directory], { okCodes: [0, 1] })).stdout
      const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').filter(line => line.includes(directory)).join('\n')
      return [groups, processes, mounts, existsSync(directory), existsSync(netns), existsSync(second)]
    }
    expect((await left()).every(Boolean)).toBe(true)
    await (await createUpLab({ start: false })).close()
    expect(await left()).toEqual(['', '', '', false, false, false])
  })
})
