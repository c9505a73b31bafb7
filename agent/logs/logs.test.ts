import { expect, test } from 'vitest'
import { createManualClock } from '../../host/manual-clock.ts'
import { memoryFiles } from '../runtime/memory-files.ts'
import { parseLogLine } from './cri-line.ts'
import { readLog } from './read-logs.ts'
import type { LogQuery } from './read-logs.ts'
import { rotate } from './rotate.ts'
import { tailOffset } from './tail.ts'

const path = '/logs/c/0.log'
const clock = createManualClock()
const line = (n: number, text: string, { stream = 'stdout', tag = 'F' } = {}): string => `2030-01-01T00:00:0${n}.000000000Z ${stream} ${tag} ${text}\n`

async function withLog(text: string) {
  const files = memoryFiles()
  await files.mkdir('/logs/c')
  await files.write(path, text)
  return files
}
async function read(text: string, query: Partial<LogQuery> = {}): Promise<string> {
  const parts: Buffer[] = []
  const deps = { files: await withLog(text), clock }
  for await (const part of readLog({ path, isOpen: () => false }, { follow: false, timestamps: false, ...query }, deps, new AbortController().signal)) parts.push(part)
  return Buffer.concat(parts).toString()
}

const three = line(1, 'one') + line(2, 'two', { stream: 'stderr' }) + line(3, 'three')

test.each<[string, string, Partial<LogQuery>, string]>([
  ['all', three, {}, 'one\ntwo\nthree\n'],
  ['the last lines', three, { tailLines: 2 }, 'two\nthree\n'],
  ['none of them', three, { tailLines: 0 }, ''],
  ['more than there are', three, { tailLines: 9 }, 'one\ntwo\nthree\n'],
  ['since a time', three, { since: Date.parse('2030-01-01T00:00:02Z') }, 'two\nthree\n'],
  ['one stream', three, { stream: 'stderr' }, 'two\n'],
  ['so many bytes', three, { limitBytes: 6 }, 'one\ntw'],
  ['with timestamps', line(1, 'one'), { timestamps: true }, '2030-01-01T00:00:01.000000000Z one\n'],
  ['pieces of a line together', line(1, 'a', { tag: 'P' }) + line(1, 'b', { tag: 'P' }) + line(1, 'c'), { timestamps: true }, '2030-01-01T00:00:01.000000000Z abc\n'],
  ['empty lines', line(1, ''), {}, '\n'],
  ['what is torn is left out', `${three}2030-01-01T00:00:04`, {}, 'one\ntwo\nthree\n'],
])('reads %s', async (_, text, query, expected) => { expect(await read(text, query)).toBe(expected) })

test.each([['garbage'], [''], ['2030 stdin F x']])('%o is no line', (text) => { expect(parseLogLine(Buffer.from(text))).toBeUndefined() })

test('the tail of a long file is found from its end', async () => {
  const lines = Array.from({ length: 20_000 }, (_, n) => `line ${n}\n`)
  const files = await withLog(lines.join(''))
  const offset = await tailOffset(files, path, 15_000)
  expect(String(await files.read(path, offset)).split('\n', 1)).toEqual(['line 5000'])
})

test('following goes on until the container has ended, over a rotation', async () => {
  const files = await withLog(line(1, 'one'))
  let open = true
  const seen: string[] = []
  const following = (async () => {
    for await (const part of readLog({ path, isOpen: () => open }, { follow: true, timestamps: false }, { files, clock }, new AbortController().signal)) seen.push(String(part))
  })()
  await clock.settle()
  await files.write(path, line(1, 'one') + line(2, 'two'))
  await clock.settle()
  await files.write(path, line(1, 'one') + line(2, 'two') + line(3, 'three'))
  await rotate(files, path, 5, clock.now(), () => files.write(path, line(4, 'four')))
  await clock.advance('2s')
  expect(seen.join('')).toBe('one\ntwo\nthree\nfour\n')
  open = false
  await clock.advance('2s')
  await following
})

test('rotation keeps so many files, and puts the log back when the runtime does not follow', async () => {
  const files = await withLog('x')
  for (let n = 0; n < 5; n++) await rotate(files, path, 3, clock.now() + n * 1000, () => files.write(path, 'x'))
  expect((await files.list('/logs/c')).sort()).toEqual(['0.log', '0.log.20300101-000007', '0.log.20300101-000008'].map((name) => expect.stringMatching(name === '0.log' ? /^0\.log$/ : /^0\.log\.\d{8}-\d{6}$/)))
  await expect(rotate(files, path, 3, clock.now() + 9000, async () => { throw new Error('no') })).rejects.toThrow('no')
  expect(String(await files.read(path))).toBe('x')
})
