import type { Duplex } from 'node:stream'

/**
 * As much of SPDY/3.1 as a client of a streaming server needs: it opens all streams and the server answers on them.
 * Header blocks are zlib streams that begin with a preset dictionary; ours name it by its checksum and then hold nothing
 * but stored blocks, so that no dictionary and no compressor is needed. What the server says in its own header blocks
 * does not concern us. Flow control is left out, as the servers' own library leaves it out.
 */
export interface SpdyConnection {
  /** Opens a stream with the given headers. */
  open(headers: Readonly<Record<string, string>>): SpdyStream
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>
  destroy(): void
}

export interface SpdyStream {
  readonly id: number
  /** False: wait for `drained`. */
  write(data: Uint8Array): boolean
  /** No more data from our side. */
  end(): void
  onData: (data: Buffer) => void
  /** The server has ended its side, or reset the stream. */
  onEnd: () => void
}

const frames = { synStream: 1, rstStream: 3, ping: 6, goAway: 7 } as const
const flagFin = 1
const largestData = 64 * 1024

export function spdyConnection(socket: Duplex, head: Buffer): SpdyConnection {
  const streams = new Map<number, SpdyStream>()
  const closed = Promise.withResolvers<void>()
  let nextId = 1
  let buffered = head
  let begun = false

  function control(type: number, flags: number, payload: Buffer): boolean {
    const header = Buffer.alloc(8)
    header.writeUInt16BE(0x8003, 0)
    header.writeUInt16BE(type, 2)
    header.writeUInt32BE(((flags << 24) | payload.length) >>> 0, 4)
    return socket.write(Buffer.concat([header, payload]))
  }

  function data(id: number, flags: number, payload: Uint8Array): boolean {
    const header = Buffer.alloc(8)
    header.writeUInt32BE(id, 0)
    header.writeUInt32BE(((flags << 24) | payload.length) >>> 0, 4)
    socket.write(header)
    return socket.write(payload)
  }

  function end(id: number): void {
    const stream = streams.get(id)
    streams.delete(id)
    stream?.onEnd()
  }

  function onFrame(first: number, flags: number, payload: Buffer): void {
    if (first < 0x80000000) {
      if (payload.length > 0) streams.get(first)?.onData(payload)
      if (flags & flagFin) end(first)
      return
    }
    const type = first & 0xffff
    if (type === frames.rstStream) end(payload.readUInt32BE(0) & 0x7fffffff)
    // The server's pings have even numbers and are sent back as they are.
    else if (type === frames.ping && payload.readUInt32BE(0) % 2 === 0) control(frames.ping, 0, payload)
    else if (type === frames.goAway) socket.end()
  }

  function read(): void {
    for (;;) {
      if (buffered.length < 8) return
      const length = buffered.readUInt32BE(4) & 0xffffff
      if (buffered.length < 8 + length) return
      const [first, flags, payload] = [buffered.readUInt32BE(0), buffered[4]!, buffered.subarray(8, 8 + length)]
      buffered = buffered.subarray(8 + length)
      onFrame(first, flags, payload)
    }
  }

  socket.on('data', (part: Buffer) => {
    buffered = buffered.length === 0 ? part : Buffer.concat([buffered, part])
    read()
  })
  socket.once('close', () => {
    for (const id of [...streams.keys()]) end(id)
    closed.resolve()
  })

  return {
    closed: closed.promise,
    open(headers) {
      const id = nextId
      nextId += 2
      const fixed = Buffer.alloc(10)
      fixed.writeUInt32BE(id, 0)
      const stream: SpdyStream = {
        id,
        write(bytes) {
          let room = true
          for (let at = 0; at < bytes.length; at += largestData) room = data(id, 0, bytes.subarray(at, at + largestData))
          return room
        },
        end() { data(id, flagFin, Buffer.alloc(0)) },
        onData() {},
        onEnd() {},
      }
      streams.set(id, stream)
      control(frames.synStream, 0, Buffer.concat([fixed, headerBlock(headers, !begun)]))
      begun = true
      return stream
    },
    destroy() { socket.destroy() },
  }
}

/** `78 bb`: zlib with a preset dictionary; then the checksum of SPDY/3's dictionary. */
const zlibHead = Buffer.from([0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2])

/** An empty stored block, as a flush ends with: Go's reader gives out what it has only there, and reads ahead anywhere else. */
const flush = Buffer.from([0, 0, 0, 0xff, 0xff])

/** Names and values with their lengths, in one stored block. The zlib stream spans all header blocks of a connection, so only the first has its head. */
export function headerBlock(headers: Readonly<Record<string, string>>, first: boolean): Buffer {
  const number = (value: number): Buffer => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(value); return bytes }
  const entries = Object.entries(headers)
  const plain = Buffer.concat([number(entries.length), ...entries.flat().flatMap((text) => [number(Buffer.byteLength(text)), Buffer.from(text)])])
  const stored = Buffer.alloc(5)
  stored.writeUInt16LE(plain.length, 1)
  stored.writeUInt16LE(plain.length ^ 0xffff, 3)
  return Buffer.concat([first ? zlibHead : Buffer.alloc(0), stored, plain, flush])
}
