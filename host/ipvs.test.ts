import { expect, test } from 'vitest'
import { createFakeExec } from './fake-exec.ts'
import { createIpvs } from './ipvs.ts'

/** `ipvsadm --restore` does every line, and says of each what was wrong with it. */
const saying = (stderr: string) => {
  const exec = createFakeExec(() => ({ stderr, code: stderr ? 255 : 0 }))
  return { exec, ipvs: createIpvs({ exec }) }
}

test('virtual servers that are gone already may be taken away; other trouble is told', async () => {
  const { exec, ipvs } = saying('No such service\nNo such service\n')
  await ipvs.remove(['-t 10.96.0.1:80', '-f 7 -6'])
  expect(exec.calls.map(({ command, args, options }) => [command, ...args, options.input])).toEqual([['ipvsadm', '--restore', '-D -t 10.96.0.1:80\n-D -f 7 -6\n']])
  await expect(saying('No such service\nMemory allocation problem\n').ipvs.remove(['-t 10.96.0.1:80'])).rejects.toMatchObject({ reason: 'refused', message: expect.stringContaining('Memory allocation') })
  await saying('').ipvs.remove([])
})

test('a kernel without it is told from other trouble', async () => {
  expect(await saying('').ipvs.unsupported()).toBeUndefined()
  expect(await saying('Can\'t initialize ipvs: Protocol not available').ipvs.unsupported()).toBe('this kernel has no IP Virtual Server (module ip_vs)')
  expect(await createIpvs({ exec: createFakeExec(() => undefined) }).unsupported()).toBe('ipvsadm: command not found')
})
