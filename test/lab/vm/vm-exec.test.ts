import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createFrameReader, encodeFrame, frameTypes } from './frames.ts'
import { createVmExec } from './vm-exec.ts'

/** A machine in which every command says its number and ends with code 0, all in one piece: that is how it looks to a host which is busy. */
function quickMachine() {
  const [toMachine, fromMachine] = [new PassThrough(), new PassThrough()]
  toMachine.on('data', createFrameReader(({ type, process }) => {
    if (type !== frameTypes.start) return
    fromMachine.write(Buffer.concat([
      encodeFrame(frameTypes.started, process, Buffer.from('77')),
      encodeFrame(frameTypes.stdout, process, Buffer.from(`number ${process}`)),
      encodeFrame(frameTypes.exited, process, Buffer.from([0, 0])),
    ]))
  }))
  return createVmExec(toMachine, fromMachine)
}

test('the output is whole also when it arrives together with the end', async () => {
  expect(await quickMachine().run('true')).toEqual({ stdout: 'number 1', stderr: '', code: 0 })
})

test('nothing ends twice when the machine goes meanwhile', async () => {
  const exec = quickMachine()
  const child = await exec.spawn('true')
  exec.lost('the end')
  expect(await child.exited).toMatchObject({ code: undefined })
  await expect(exec.run('true')).rejects.toThrow('true: cannot start: the end')
})
