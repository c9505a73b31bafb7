/** One entry of a tar archive. Exactly one of `data`, `link` and `directory` says what it is. */
export interface TarEntry {
  /** Relative, without a leading slash: `bin/busybox`. */
  readonly path: string
  readonly data?: Uint8Array
  /** The target of a symbolic link. */
  readonly link?: string
  readonly directory?: true
  /** Default 0644 for files, 0755 for directories. */
  readonly mode?: number
}

const block = 512

/**
 * A POSIX ustar archive. Owner is root and all times are 0, so that equal content gives equal bytes (and an image equal
 * digests). Paths beyond 255 bytes and files beyond 8 GiB are refused.
 */
export function tar(entries: Iterable<TarEntry>): Buffer {
  const parts: Uint8Array[] = []
  for (const entry of entries) {
    parts.push(header(entry))
    if (!entry.data) continue
    parts.push(entry.data)
    const rest = entry.data.length % block
    if (rest) parts.push(new Uint8Array(block - rest))
  }
  parts.push(new Uint8Array(2 * block))
  return Buffer.concat(parts)
}

function header(entry: TarEntry): Buffer {
  const bytes = Buffer.alloc(block)
  const [prefix, name] = splitPath(entry.directory ? `${entry.path}/` : entry.path)
  const octal = (value: number, at: number, length: number): void => { bytes.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1') }
  bytes.write(name, 0)
  octal(entry.mode ?? (entry.directory || entry.link !== undefined ? 0o755 : 0o644), 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(entry.data?.length ?? 0, 124, 12)
  octal(0, 136, 12)
  bytes.write('        ', 148)
  bytes.write(entry.directory ? '5' : entry.link !== undefined ? '2' : '0', 156)
  if (entry.link !== undefined) bytes.write(entry.link, 157)
  bytes.write('ustar\x0000', 257)
  bytes.write(prefix, 345)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return bytes
}

function splitPath(path: string): [prefix: string, name: string] {
  if (Buffer.byteLength(path) <= 100) return ['', path]
  for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
    const prefix = path.slice(0, slash)
    const name = path.slice(slash + 1)
    if (Buffer.byteLength(name) <= 100 && name && Buffer.byteLength(prefix) <= 155) return [prefix, name]
  }
  throw new Error(`Cannot put ${path} into a tar archive: the path is too long`)
}
