import type { FileInfo, Files } from '../machine.ts'

type Node = { readonly type: 'file'; data: Buffer; mode: number; readonly inode: number } | { readonly type: 'directory'; mode: number; readonly inode: number } | { readonly type: 'link'; readonly target: string }

/** A file system in memory: a tree as a map from absolute path to node. */
export function memoryFiles(): Files {
  const nodes = new Map<string, Node>([['/', { type: 'directory', mode: 0o755, inode: 1 }]])
  const watchers = new Set<{ readonly path: string; readonly changed: () => void }>()
  let inode = 1

  const parent = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'
  const below = (path: string): string[] => [...nodes.keys()].filter((key) => key.startsWith(`${path}/`))
  const missing = (path: string): Error => Object.assign(new Error(`ENOENT: no such file or directory, '${path}'`), { code: 'ENOENT' })
  const tell = (path: string): void => { for (const { path: watched, changed } of watchers) if (path === watched || parent(path) === watched) changed() }

  /** The path with every link on the way resolved, the last one too unless told otherwise. */
  function resolve(path: string, last = true, depth = 0): string {
    if (depth > 40) throw new Error(`ELOOP: too many symbolic links, '${path}'`)
    const parts = path.split('/').filter((part) => part && part !== '.')
    let at = ''
    for (const [index, part] of parts.entries()) {
      if (part === '..') { at = at === '' ? '' : parent(at) === '/' ? '' : parent(at); continue }
      const next = `${at}/${part}`
      const node = nodes.get(next)
      if (node?.type === 'link' && (last || index < parts.length - 1)) {
        const target = node.target.startsWith('/') ? node.target : `${at}/${node.target}`
        return resolve([target, ...parts.slice(index + 1)].join('/'), last, depth + 1)
      }
      at = next
    }
    return at || '/'
  }
  function fileAt(path: string): Extract<Node, { type: 'file' }> {
    const node = nodes.get(resolve(path))
    if (node?.type !== 'file') throw missing(path)
    return node
  }

  const files: Files = {
    async mkdir(path, mode = 0o755) {
      const real = resolve(path)
      for (const [index] of real.split('/').entries()) {
        const step = real.split('/').slice(0, index + 1).join('/') || '/'
        if (!nodes.has(step)) nodes.set(step, { type: 'directory', mode, inode: ++inode })
      }
    },
    async write(path, data, mode = 0o644) {
      const real = resolve(path)
      if (!nodes.has(parent(real))) throw missing(path)
      const old = nodes.get(real)
      if (old?.type === 'file') old.data = Buffer.from(data)
      else nodes.set(real, { type: 'file', data: Buffer.from(data), mode, inode: ++inode })
      tell(real)
    },
    async read(path, offset = 0, length = Infinity) { return Buffer.from(fileAt(path).data.subarray(offset, offset + length)) },
    async rename(from, to) {
      const [source, target] = [resolve(from, false), resolve(to, false)]
      const node = nodes.get(source)
      if (!node) throw missing(from)
      await files.remove(target)
      for (const path of [source, ...below(source)]) {
        nodes.set(target + path.slice(source.length), nodes.get(path)!)
        nodes.delete(path)
      }
      tell(source)
      tell(target)
    },
    async symlink(target, path) {
      const real = resolve(path, false)
      if (nodes.has(real)) throw Object.assign(new Error(`EEXIST: file already exists, '${path}'`), { code: 'EEXIST' })
      nodes.set(real, { type: 'link', target })
      tell(real)
    },
    async realpath(path) {
      const real = resolve(path)
      if (!nodes.has(real)) throw missing(path)
      return real
    },
    async readlink(path) {
      const node = nodes.get(resolve(path, false))
      if (node?.type !== 'link') throw missing(path)
      return node.target
    },
    async remove(path) {
      const real = resolve(path, false)
      for (const each of [real, ...below(real)]) nodes.delete(each)
      tell(real)
    },
    async list(path) {
      const real = resolve(path)
      return below(real === '/' ? '' : real).filter((each) => parent(each) === real).map((each) => each.slice(each.lastIndexOf('/') + 1))
    },
    async stat(path): Promise<FileInfo | undefined> {
      const node = nodes.get(resolve(path))
      if (!node || node.type === 'link') return undefined
      return { type: node.type, size: node.type === 'file' ? node.data.length : 0, mode: node.mode, inode: node.inode }
    },
    async chmod(path, mode) {
      const node = nodes.get(resolve(path))
      if (!node || node.type === 'link') throw missing(path)
      node.mode = mode
    },
    async chown() {},
    watch(path, changed) {
      const watcher = { path: resolve(path), changed }
      watchers.add(watcher)
      return () => { watchers.delete(watcher) }
    },
  }
  return files
}
