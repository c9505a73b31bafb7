import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { systemClock as clock } from '../host/clock.ts'
import { askHealth, serveHealth } from './health.ts'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('healthy once all conditions were met and while all checks pass; else it says for what it waits', async () => {
  const port = await freePort()
  await expect(askHealth(port, clock)).rejects.toThrow('ECONNREFUSED')
  const agent = Promise.withResolvers<void>()
  let runtime = async () => {}
  const close = await serveHealth(port, { agent: agent.promise }, { runtime: () => runtime() })
  try {
    await expect(askHealth(port, clock)).rejects.toThrow(/^waiting for agent$/)
    agent.resolve()
    expect(await askHealth(port, clock)).toBe(true)
    runtime = async () => { throw new Error('gone') }
    await expect(askHealth(port, clock)).rejects.toThrow(/^waiting for runtime$/)
    expect((await fetch(`http://127.0.0.1:${port}/other`)).status).toBe(404)
  } finally {
    await close()
  }
})

test('one that takes the connection and says nothing is given up', async () => {
  const server = createServer(() => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await expect(askHealth((server.address() as AddressInfo).port, { ...clock, after: (_, callback) => clock.after(20, callback) })).rejects.toThrow('it does not answer')
  } finally {
    server.close()
  }
})
