import { createHash } from 'node:crypto'
import type { Files } from '../machine.ts'

/** Files by relative path. */
export type Payload = ReadonlyMap<string, PayloadFile>
export interface PayloadFile { readonly data: Uint8Array; readonly mode: number }
export interface Owner { readonly uid: number; readonly gid: number }

/**
 * Shows a whole payload at once: the files are written into a fresh directory, the link `..data` is turned to it in one
 * rename, and what users see are links into `..data`. A reader never finds old and new files mixed. The directory's name
 * ends in a digest of the payload, so that an unchanged payload (also after a restart) writes nothing.
 * Resolves to whether something was written.
 */
export async function writePayload(files: Files, directory: string, payload: Payload, owner?: Owner): Promise<boolean> {
  const digest = digestOf(payload, owner)
  const current = await files.readlink(`${directory}/..data`).catch(() => undefined)
  if (current?.endsWith(`.${digest}`)) return false
  const fresh = `..${digest.slice(0, 4)}.${digest}`
  const target = `${directory}/${fresh}`
  await files.remove(target)
  await files.mkdir(target, 0o755)
  for (const [path, file] of payload) await writeFile(files, target, path, file, owner)
  await files.remove(`${directory}/..data_tmp`)
  await files.symlink(fresh, `${directory}/..data_tmp`)
  await files.rename(`${directory}/..data_tmp`, `${directory}/..data`)
  await link(files, directory, payload)
  if (current) await files.remove(`${directory}/${current}`)
  return true
}

async function writeFile(files: Files, target: string, path: string, { data, mode }: PayloadFile, owner: Owner | undefined): Promise<void> {
  const slash = path.lastIndexOf('/')
  if (slash > 0) await files.mkdir(`${target}/${path.slice(0, slash)}`, 0o755)
  await files.write(`${target}/${path}`, data, mode)
  await files.chmod(`${target}/${path}`, mode)
  if (owner) await files.chown(`${target}/${path}`, owner.uid, owner.gid)
}

/** A link for each first component of a path; those that lead nowhere any more go. */
async function link(files: Files, directory: string, payload: Payload): Promise<void> {
  const wanted = new Set([...payload.keys()].map((path) => path.split('/')[0]!))
  const present = await files.list(directory)
  for (const name of wanted) if (!present.includes(name)) await files.symlink(`..data/${name}`, `${directory}/${name}`)
  for (const name of present) if (!name.startsWith('..') && !wanted.has(name)) await files.remove(`${directory}/${name}`)
}

function digestOf(payload: Payload, owner: Owner | undefined): string {
  const hash = createHash('sha256')
  for (const path of [...payload.keys()].sort()) {
    const { data, mode } = payload.get(path)!
    hash.update(JSON.stringify([path, mode, data.length])).update(data)
  }
  return hash.update(JSON.stringify(owner ?? null)).digest('hex').slice(0, 16)
}
