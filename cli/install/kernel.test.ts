import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFakeExec } from '../../host/fake-exec.ts'
import { createSysctl } from '../../host/sysctl.ts'
import { prepareKernel } from './kernel.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'k8ts-kernel-'))
  await mkdir(join(root, 'net/ipv4'), { recursive: true })
  await writeFile(join(root, 'net/ipv4/ip_forward'), '0\n')
})
afterEach(() => rm(root, { recursive: true, force: true }))
const read = async (name: string) => (await readFile(join(root, name), 'utf8')).trim()

/** A kernel just booted: the switch of br_netfilter is not there before the module is. */
const freshlyBooted = (known: string[]) => createFakeExec(async ({ args }) => {
  const module = args.at(-1)!
  if (!known.includes(module)) throw new Error(`modprobe: FATAL: Module ${module} not found`)
  if (module !== 'br_netfilter') return ''
  await mkdir(join(root, 'net/bridge'), { recursive: true })
  await writeFile(join(root, 'net/bridge/bridge-nf-call-iptables'), '0\n')
  return ''
})

test('modules are loaded before their switches are set', async () => {
  await prepareKernel(freshlyBooted(['br_netfilter']), createSysctl({ root }))
  expect([await read('net/ipv4/ip_forward'), await read('net/bridge/bridge-nf-call-iptables')]).toEqual(['1', '1'])
})

test('a kernel that cannot show us bridged packets is refused', async () => {
  await expect(prepareKernel(freshlyBooted([]), createSysctl({ root }))).rejects.toThrow('This kernel has no br_netfilter')
})
