import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createExec } from '../host/exec.ts'
import { createFakeExec } from '../host/fake-exec.ts'
import { takenPorts } from './ports.ts'

test('a port that is taken is named with its holder and the flag that chooses another; a free one is not', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const ask = (exec = createExec()) => takenPorts(exec, [{ host: '127.0.0.1', port, flag: '--api-port' }])
  try {
    const ss = createFakeExec(() => `LISTEN 0 511 127.0.0.1:${port} 0.0.0.0:* users:(("nginx",pid=999999999,fd=20))\n`)
    expect(await ask(ss)).toEqual([`Port ${port} is taken by nginx (pid 999999999); end that, or choose another port with --api-port`])
    expect(await ask(createFakeExec(() => undefined))).toEqual([`Port ${port} is taken; end that, or choose another port with --api-port`])
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
  expect(await ask()).toEqual([])
})

test('an address that is not this machine\'s is said to be so', async () => {
  expect(await takenPorts(createExec(), [{ host: '192.0.2.77', port: 10250, flag: '' }])).toEqual(['Cannot listen on 192.0.2.77: it is not an address of this machine'])
})
