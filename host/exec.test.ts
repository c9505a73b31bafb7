import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createExec, ExecError } from './exec.ts'
import { createFakeExec } from './fake-exec.ts'

const exec = createExec()
const refusal = (run: Promise<unknown>): Promise<ExecError> => run.then(() => { throw new Error('did not reject') }, error => error as ExecError)

describe('run', () => {
  test('hands over input, arguments and environment and gathers both outputs', async () => {
    const result = await exec.run('sh', ['-c', 'cat; echo "$1 $GREETING" >&2', 'sh', 'a b'], { input: 'in\n', env: { GREETING: 'hi' } })
    expect(result).toEqual({ stdout: 'in\n', stderr: 'a b hi\n', code: 0 })
  })
  test('a missing command says so', async () => {
    expect(await refusal(exec.run('no-such-command-k8ts'))).toMatchObject({ reason: 'missing', message: 'no-such-command-k8ts: command not found' })
  })
  test('a missing working directory is not a missing command', async () => {
    expect(await refusal(exec.run('true', [], { cwd: '/nonexistent/k8ts' }))).toBeInstanceOf(ExecError)
  })
  test('a bad code rejects with the output, unless it is an answer', async () => {
    expect(await refusal(exec.run('sh', ['-c', 'echo no >&2; exit 3']))).toMatchObject({ reason: 'failed', code: 3, stderr: 'no\n' })
    expect((await exec.run('sh', ['-c', 'exit 3'], { okCodes: [0, 3] })).code).toBe(3)
  })
  test('a timeout kills, also when a grandchild keeps the pipe', async () => {
    expect(await refusal(exec.run('sh', ['-c', 'sleep 5 & sleep 5'], { timeoutMs: 50 }))).toMatchObject({ reason: 'timeout' })
  })
  test('a signal kills', async () => {
    const stop = new AbortController()
    const running = refusal(exec.run('sleep', ['5'], { signal: stop.signal }))
    stop.abort()
    expect(await running).toMatchObject({ reason: 'killed' })
    expect(await refusal(exec.run('sh', ['-c', 'kill -9 $$']))).toMatchObject({ reason: 'killed' })
  })
  test('a command that reads no input is no failure', async () => {
    expect((await exec.run('true', [], { input: 'x'.repeat(1_000_000) })).code).toBe(0)
  })
})

describe('spawn', () => {
  test('gives streams and the exit', async () => {
    const child = await exec.spawn('cat')
    child.stdin!.end('hello')
    let text = ''
    for await (const chunk of child.stdout!) text += String(chunk)
    expect(text).toBe('hello')
    expect(await child.exited).toEqual({ code: 0, signal: undefined })
    expect(child.kill()).toBe(false)
  })
  test('detached output goes to the log file', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'k8ts-exec-'))
    try {
      const child = await exec.spawn('sh', ['-c', 'echo out; echo err >&2'], { detached: true, logFile: join(dir, 'log') })
      await child.exited
      expect(await readFile(join(dir, 'log'), 'utf8')).toBe('out\nerr\n')
    } finally {
      await rm(dir, { recursive: true })
    }
  })
  test('a missing command rejects', async () => {
    expect(await refusal(exec.spawn('no-such-command-k8ts'))).toMatchObject({ reason: 'missing' })
  })
})

test('the fake plays and remembers', async () => {
  const fake = createFakeExec(({ command }) => command === 'nft' ? 'v1' : command === 'bad' ? { code: 2, stderr: 'no' } : undefined)
  expect((await fake.run('nft', ['-v'])).stdout).toBe('v1')
  expect(await refusal(fake.run('bad'))).toMatchObject({ reason: 'failed', code: 2 })
  expect(await refusal(fake.run('other'))).toMatchObject({ reason: 'missing' })
  expect(fake.calls.map(call => call.command)).toEqual(['nft', 'bad', 'other'])
})
