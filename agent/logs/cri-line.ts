/** One line of a CRI log file: `2016-10-06T00:17:09.669794202Z stdout F text`. */
export interface LogLine {
  /** As written, nanoseconds. */
  readonly timestamp: string
  readonly stream: 'stdout' | 'stderr'
  /** Not the last piece of a line the runtime cut: no line break follows. */
  readonly partial: boolean
  /** Without the file's line break; with the line's own where it is complete. */
  readonly content: Buffer
}

const space = 0x20
const newline = Buffer.from('\n')

/** Parses one line without its line break; undefined when it is none (a torn write). */
export function parseLogLine(line: Buffer): LogLine | undefined {
  const first = line.indexOf(space)
  const second = first < 0 ? -1 : line.indexOf(space, first + 1)
  if (second < 0) return undefined
  const third = line.indexOf(space, second + 1)
  const stream = line.toString('latin1', first + 1, second)
  if (stream !== 'stdout' && stream !== 'stderr') return undefined
  const tags = line.toString('latin1', second + 1, third < 0 ? line.length : third)
  const partial = tags.split(':')[0] === 'P'
  const text = third < 0 ? Buffer.alloc(0) : line.subarray(third + 1)
  return { timestamp: line.toString('latin1', 0, first), stream, partial, content: partial ? text : Buffer.concat([text, newline]) }
}
