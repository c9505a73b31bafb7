/**
 * What the host and the machine say to each other over one serial line: frames `length (of the rest), type, process,
 * payload`, numbers big-endian. Each process of the machine has a number that the host gives it.
 */
export interface Frame {
  readonly type: FrameType
  readonly process: number
  readonly payload: Buffer
}

/** Host → machine: start, stdin, eof, kill, forget. Machine → host: ready, started, refused, stdout, stderr, exited. */
export const frameTypes = {
  start: 1, stdin: 2, eof: 3, kill: 4, forget: 5,
  ready: 16, started: 17, refused: 18, stdout: 19, stderr: 20, exited: 21,
} as const
export type FrameType = typeof frameTypes[keyof typeof frameTypes]

/** More than this does not go into one frame, so that one process's input does not keep the others waiting. */
export const maxPayload = 32_768

export function encodeFrame(type: FrameType, process: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(9)
  header.writeUInt32BE(5 + payload.length)
  header.writeUInt8(type, 4)
  header.writeUInt32BE(process, 5)
  return Buffer.concat([header, payload])
}

/** Words one after the other, each with its length before it: Perl's `(N/a)*`. */
export const encodeWords = (words: readonly string[]): Buffer => Buffer.concat(words.flatMap((word) => {
  const bytes = Buffer.from(word)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return [length, bytes]
}))

/** Puts frames together again from pieces of any size. */
export function createFrameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length ? Buffer.concat([rest, chunk]) : chunk
    let at = 0
    while (rest.length - at >= 4) {
      const length = rest.readUInt32BE(at)
      if (rest.length - at < 4 + length) break
      onFrame({ type: rest.readUInt8(at + 4) as FrameType, process: rest.readUInt32BE(at + 5), payload: rest.subarray(at + 9, at + 4 + length) })
      at += 4 + length
    }
    rest = rest.subarray(at)
  }
}
