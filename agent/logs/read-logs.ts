import type { Clock } from '../../host/clock.ts'
import type { Files } from '../machine.ts'
import { parseLogLine } from './cri-line.ts'
import { tailOffset } from './tail.ts'

/** What of a log is wanted (`PodLogOptions`). */
export interface LogQuery {
  readonly follow: boolean
  readonly timestamps: boolean
  /** Lines from the end. */
  readonly tailLines?: number | undefined
  readonly limitBytes?: number | undefined
  /** Milliseconds since the epoch; earlier lines are left out. */
  readonly since?: number | undefined
  readonly stream?: 'stdout' | 'stderr' | undefined
}

export interface LogFile {
  readonly path: string
  /** Whether more may still be written. Asked while following. */
  readonly isOpen: () => boolean
}

const chunk = 64 * 1024
/** A followed file is looked at anew after this, in case no notice came. */
const lookAgain = 1_000

/** The text of a container's log in pieces, oldest first; with `follow` until the container has ended and all is read. */
export async function* readLog(log: LogFile, query: LogQuery, { files, clock }: { files: Files; clock: Clock }, signal: AbortSignal): AsyncGenerator<Buffer> {
  let left = query.limitBytes ?? Infinity
  const filter = createFilter(query)
  for await (const lines of readLines(log, query, { files, clock }, signal)) {
    const text = Buffer.concat(lines.flatMap(filter)).subarray(0, left === Infinity ? undefined : left)
    if (text.length > 0) yield text
    left -= text.length
    if (left <= 0) return
  }
}

/** A piece of a line the runtime has cut gets its timestamp only once, at the line's beginning. */
function createFilter({ since, stream, timestamps }: LogQuery): (line: Buffer) => Buffer[] {
  const inLine = { stdout: false, stderr: false }
  return (raw) => {
    const line = parseLogLine(raw)
    if (!line || (stream && line.stream !== stream)) return []
    if (since !== undefined && Date.parse(line.timestamp) < since) return []
    const begins = !inLine[line.stream]
    inLine[line.stream] = line.partial
    return timestamps && begins ? [Buffer.from(`${line.timestamp} `), line.content] : [line.content]
  }
}

/** Where reading goes on: a file by its path, and the inode by which it is known again when it has been renamed. */
interface Place { path: string; inode: number | undefined; offset: number }

async function* readLines(log: LogFile, query: LogQuery, { files, clock }: { files: Files; clock: Clock }, signal: AbortSignal): AsyncGenerator<Buffer[]> {
  const offset = query.tailLines === undefined ? 0 : await tailOffset(files, log.path, query.tailLines)
  const place: Place = { path: log.path, inode: (await files.stat(log.path))?.inode, offset }
  let rest = Buffer.alloc(0)
  while (!signal.aborted) {
    // Asked before reading: what is written between the last read and the end is then still found.
    const open = query.follow && log.isOpen()
    const info = await files.stat(place.path)
    place.inode ??= info?.inode
    if (info && info.inode !== place.inode) {
      if (!await findAgain(files, log.path, place)) Object.assign(place, { path: log.path, inode: info.inode, offset: 0 })
      continue
    }
    const data = await files.read(place.path, place.offset, chunk).catch(() => Buffer.alloc(0))
    if (data.length > 0) {
      place.offset += data.length
      const [lines, more] = cut(Buffer.concat([rest, data]))
      rest = Buffer.from(more)
      if (lines.length > 0) yield lines
    } else if (place.path !== log.path) await nextFile(files, log.path, place)
    else if (!open) return
    else await changed(files, log.path, clock, signal)
  }
}

/** The names rotation has given to earlier files, oldest first. */
async function rotated(files: Files, path: string): Promise<string[]> {
  const slash = path.lastIndexOf('/')
  const names = await files.list(path.slice(0, slash))
  return names.filter((name) => name.startsWith(`${path.slice(slash + 1)}.`)).sort().map((name) => `${path.slice(0, slash)}/${name}`)
}

/** The file has been rotated away under our hands: it is read to its end under its new name. */
async function findAgain(files: Files, live: string, place: Place): Promise<boolean> {
  for (const path of await rotated(files, live)) {
    if ((await files.stat(path))?.inode !== place.inode) continue
    place.path = path
    return true
  }
  return false
}

/** From a rotated file read to its end to the one that came after it, in the end the live one. */
async function nextFile(files: Files, live: string, place: Place): Promise<void> {
  const later = (await rotated(files, live)).filter((path) => path > place.path)
  const path = later[0] ?? live
  Object.assign(place, { path, inode: (await files.stat(path))?.inode, offset: 0 })
}

function cut(data: Buffer): [lines: Buffer[], rest: Buffer] {
  const lines: Buffer[] = []
  let start = 0
  for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, start)) {
    lines.push(data.subarray(start, end))
    start = end + 1
  }
  return [lines, data.subarray(start)]
}

/** Resolves when something in the log's directory happens, or after a while. The directory is watched, to see a fresh file after rotation. */
function changed(files: Files, path: string, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel()
      unwatch()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(lookAgain, done, { unref: true })
    const unwatch = files.watch(path.slice(0, path.lastIndexOf('/')), done)
    signal.addEventListener('abort', done, { once: true })
  })
}
