import type { Files } from '../machine.ts'
import { parseLogLine } from './cri-line.ts'

const step = 64 * 1024
const lineBreak = 0x0a

/** Where the last `lines` lines of a file begin. Reads backwards, so that a long log costs nothing. */
export async function tailOffset(files: Files, path: string, lines: number): Promise<number> {
  const size = (await files.stat(path))?.size ?? 0
  if (lines <= 0) return size
  let left = lines
  for (let end = size; end > 0; end -= step) {
    const start = Math.max(0, end - step)
    const part = await files.read(path, start, end - start)
    // The line break at the very end of the file ends the last line and begins none.
    for (let at = part.lastIndexOf(lineBreak, end === size ? part.length - 2 : part.length - 1); at >= 0; at = at === 0 ? -1 : part.lastIndexOf(lineBreak, at - 1)) {
      if (--left === 0) return start + at + 1
    }
  }
  return 0
}

/** The end of a container's log as plain text: at most so many lines and bytes. */
export async function readLastLines(files: Files, path: string, lines: number, bytes: number): Promise<string> {
  const from = await tailOffset(files, path, lines)
  const raw = await files.read(path, from)
  const parsed = split(raw).map((line) => parseLogLine(line)?.content ?? Buffer.alloc(0))
  return Buffer.concat(parsed).subarray(-bytes).toString('utf8')
}

/** Complete lines, without their breaks. */
export function split(data: Buffer): Buffer[] {
  const lines: Buffer[] = []
  let start = 0
  for (let end = data.indexOf(lineBreak); end >= 0; end = data.indexOf(lineBreak, start)) {
    lines.push(data.subarray(start, end))
    start = end + 1
  }
  return lines
}
