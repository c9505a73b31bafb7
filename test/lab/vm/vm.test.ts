import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createExec, ExecError } from '../../../host/exec.ts'
import { bootTestVm, vmUnavailable, type TestVm } from './boot.ts'

const unavailable = await vmUnavailable()
const refusal = (run: Promise<unknown>): Promise<ExecError> => run.then(() => { throw new Error('did not reject') }, (error) => error as ExecError)

describe.skipIf(unavailable)(`a virtual machine${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let vm: TestVm
  beforeAll(async () => { vm = await bootTestVm() })
  afterAll(() => vm?.close())

  test('has what the kernel of this machine may lack', async () => {
    await vm.sh('modprobe -a ip_vs_rr sctp; ip link add d0 type dummy; ip link add v0 type veth peer name v1; ip link add x0 type vxlan id 1 dstport 8472')
    expect(await vm.sh('ipvsadm -A -t 192.0.2.1:80 -s rr; ipvsadm -Ln')).toContain('TCP  192.0.2.1:80 rr')
    expect(await vm.sh('ipset create s hash:ip,port; ipset add s 192.0.2.1,tcp:80; ipset list s')).toContain('192.0.2.1,tcp:80')
    await vm.sh('iptables -t nat -A POSTROUTING -m set --match-set s dst,dst -j MASQUERADE; nft list ruleset >/dev/null')
    await vm.sh('iptables-legacy -t nat -A POSTROUTING -m set --match-set s dst,dst -j MASQUERADE')
  })

  test('runs commands as the host does', async () => {
    const { exec } = vm
    expect(await exec.run('sh', ['-c', 'cat; echo "$1 $GREETING$HOME" >&2; pwd', 'sh', 'a b'], { input: 'in\n', env: { GREETING: 'hi', HOME: undefined }, cwd: '/usr' }))
      .toEqual({ stdout: 'in\n/usr\n', stderr: 'a b hi\n', code: 0 })
    expect(await refusal(exec.run('no-such-command'))).toMatchObject({ reason: 'missing', message: 'no-such-command: command not found' })
    expect(await refusal(exec.run('true', [], { cwd: '/nonexistent' }))).toMatchObject({ reason: 'failed' })
    expect(await refusal(exec.run('sh', ['-c', 'echo no >&2; exit 3']))).toMatchObject({ reason: 'failed', code: 3, stderr: 'no\n' })
    expect((await exec.run('sh', ['-c', 'exit 3'], { okCodes: [3] })).code).toBe(3)
    expect(await refusal(exec.run('sh', ['-c', 'sleep 50 & sleep 50'], { timeoutMs: 50 }))).toMatchObject({ reason: 'timeout' })
    expect(await refusal(exec.run('sh', ['-c', 'kill -9 $$']))).toMatchObject({ reason: 'killed' })
    expect((await exec.run('true', [], { input: 'x'.repeat(1_000_000) })).code).toBe(0)
  })

  test('carries much in both directions, and many at once', async () => {
    const input = 'x'.repeat(3_000_000)
    expect((await vm.exec.run('cat', [], { input })).stdout.length).toBe(input.length)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => vm.exec.run('sh', ['-c', `echo ${index}`])))
    expect(answers.map(({ stdout }) => Number(stdout))).toEqual(Array.from({ length: 20 }, (_, index) => index))
  })

  test('streams what a long-lived process says, and kills it', async () => {
    const child = await vm.exec.spawn('sh', ['-c', 'echo ready; while read line; do echo "got $line"; done; sleep 100'])
    const lines = child.stdout!.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>
    expect((await lines.next()).value).toBe('ready\n')
    child.stdin!.write('one\n')
    expect((await lines.next()).value).toBe('got one\n')
    expect(child.kill('SIGKILL')).toBe(true)
    expect(await child.exited).toEqual({ code: undefined, signal: 'SIGKILL' })
    expect(child.kill()).toBe(false)
  })

  test('tells whoever waits that it has ended, and what its console said', async () => {
    const waiting = refusal(vm.exec.run('sleep', ['100']))
    const deadly = refusal(vm.exec.run('sh', ['-c', 'echo "<0>the end is near" >/dev/kmsg; echo b >/proc/sysrq-trigger; sleep 100']))
    expect(await waiting).toMatchObject({ reason: 'killed' })
    expect(await deadly).toMatchObject({ reason: 'killed' })
    expect((await refusal(vm.exec.run('true'))).message).toContain('the end is near')
  })

  test('ends with the process that booted it', async () => {
    const script = `const { bootTestVm } = await import('${import.meta.dirname}/boot.ts'); await bootTestVm(); console.log('up'); await new Promise(() => setInterval(() => {}, 1000))`
    const child = await createExec().spawn(process.execPath, ['--input-type=module-typescript', '-e', script])
    for await (const text of child.stdout!) if (String(text).includes('up')) break
    const machines = async () => (await createExec().run('pgrep', ['-P', String(child.pid)], { okCodes: [0, 1] })).stdout.trim().split('\n').filter(Boolean)
    const [pid] = await machines()
    expect(pid).toBeDefined()
    child.kill('SIGKILL')
    await child.exited
    await expect.poll(async () => (await createExec().run('ps', ['-p', pid!], { okCodes: [0, 1] })).code, { timeout: 20_000 }).toBe(1)
  })
})
