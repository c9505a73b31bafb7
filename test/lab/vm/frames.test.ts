import { expect, test } from 'vitest'
import { createFrameReader, encodeFrame, encodeWords, frameTypes, type Frame } from './frames.ts'

test('frames come out as they went in, however the bytes are cut', () => {
  const bytes = Buffer.concat([
    encodeFrame(frameTypes.stdin, 7, Buffer.from('some input')), encodeFrame(frameTypes.eof, 7), encodeFrame(frameTypes.stdout, 4_000_000_000, Buffer.from('ü')),
  ])
  for (const size of [1, 3, 10, bytes.length]) {
    const frames: Frame[] = []
    const read = createFrameReader((frame) => frames.push(frame))
    for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size))
    expect(frames.map(({ type, process, payload }) => [type, process, payload.toString()])).toEqual([
      [frameTypes.stdin, 7, 'some input'], [frameTypes.eof, 7, ''], [frameTypes.stdout, 4_000_000_000, 'ü'],
    ])
  }
})

test('words have their length in bytes before them', () => {
  expect(encodeWords(['ü', '']).toString('hex')).toBe('00000002c3bc00000000')
})
