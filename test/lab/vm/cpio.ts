/** One entry of an archive. Paths have no leading slash; a directory stands before what is in it. */
export type CpioEntry =
  | { readonly path: string; readonly mode: number; readonly kind: 'file'; readonly content: Uint8Array }
  | { readonly path: string; readonly kind: 'directory' }
  | { readonly path: string; readonly kind: 'link'; readonly target: string }

const types = { file: 0o100000, directory: 0o040000, link: 0o120000 } as const

/**
 * An archive in the form in which the kernel takes its first root file system: cpio, "newc"
 * (Documentation/driver-api/early-userspace/buffer-format of the kernel). Owned by root, without dates.
 */
export function cpio(entries: readonly CpioEntry[]): Uint8Array {
  const chunks = entries.flatMap((entry, index) => {
    const content = entry.kind === 'file' ? entry.content : Buffer.from(entry.kind === 'link' ? entry.target : '')
    const mode = types[entry.kind] | (entry.kind === 'file' ? entry.mode : entry.kind === 'directory' ? 0o755 : 0o777)
    return member(index + 1, mode, entry.path, content)
  })
  return Buffer.concat([...chunks, ...member(0, 0, 'TRAILER!!!', Buffer.alloc(0))])
}

/** Header and name together, and the content, each end on a multiple of four. */
function member(inode: number, mode: number, name: string, content: Uint8Array): Uint8Array[] {
  const nameBytes = Buffer.from(`${name}\0`)
  // inode, mode, uid, gid, links, mtime, size, device ×2, special device ×2, length of the name, checksum
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, nameBytes.length, 0]
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`)
  return [header, nameBytes, padding(header.length + nameBytes.length), content, padding(content.length)]
}

const padding = (length: number): Uint8Array => Buffer.alloc((4 - length % 4) % 4)
