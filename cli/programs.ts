import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { exists } from '../host/files.ts'

/*
 * The background parts run from few files instead of a thousand: finding, reading and linking a module costs Node half a
 * millisecond each, which is most of the time a server takes to start and a fifth of its memory. The files are made from
 * the sources whenever those have changed (two seconds), named after them, and nothing else runs from them.
 */
const rooms = ['agent', 'api', 'cli', 'cni', 'control', 'host', 'proxy']
const entries = { main: 'cli/main.ts', 'sqlite-worker': 'control/store/sqlite-worker.ts' }
const directoryOf = (home: string): string => join(home, '.runtime', 'programs')

export interface Programs {
  /** What to run instead of `cli/main.ts`. */
  readonly main: string
  readonly made: boolean
}

/** The programs of the sources as they are now; made when there are none. */
export async function ensurePrograms(home: string): Promise<Programs> {
  const place = join(directoryOf(home), await fingerprint(home))
  const main = join(place, 'main.js')
  if (await exists(main)) return { main, made: false }
  const incoming = `${place}.${process.pid}.incoming`
  try {
    await bundle(home, Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(home, path)])), incoming)
    await rename(incoming, place)
  } catch (error) {
    await rm(incoming, { recursive: true, force: true })
    // Somebody else was faster.
    if (!(await exists(main))) throw error
  }
  return { main, made: true }
}

/** Takes away what was made from sources that are no more, except for `current` and what still runs: some pieces are read late, or again after a crash. */
export async function removeOldPrograms(home: string, current: string): Promise<void> {
  const directory = directoryOf(home)
  const kept = [current, ...(await runningPrograms(directory))]
  const old = (await readdir(directory)).map((name) => join(directory, name)).filter((place) => !kept.some((main) => main.startsWith(`${place}/`)))
  for (const place of old) await rm(place, { recursive: true, force: true })
}

/** What the processes of this machine were started from, as far as it lies in this directory. */
async function runningPrograms(directory: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return commands.flatMap((command) => command.split('\0')).filter((word) => word.startsWith(`${directory}/`))
}

/** Loads every piece of the programs once, so that Node's compile cache holds them. */
export async function warmPrograms({ main }: Programs): Promise<void> {
  const directory = join(main, '..')
  const pieces = (await readdir(directory)).filter((name) => name.endsWith('.js') && !(name.replace(/\.js$/, '') in entries))
  await Promise.all(pieces.map((name) => import(pathToFileURL(join(directory, name)).href)))
}

/** Joins the modules that each entry leads to; what is imported later stays a file of its own. Packages stay where they are. */
export async function bundle(home: string, input: Record<string, string>, directory: string): Promise<void> {
  const { rolldown } = await import('rolldown')
  await mkdir(directory, { recursive: true })
  const made = await rolldown({ input, cwd: home, platform: 'node', external: (id) => /^[@a-z]/.test(id), logLevel: 'silent' })
  try {
    await made.write({ dir: directory, format: 'esm' })
  } finally {
    await made.close()
  }
}

/** Of the sources: which there are, how long, and when they were last written. */
async function fingerprint(home: string): Promise<string> {
  const files = (await Promise.all(rooms.map(async (room) => (await readdir(join(home, room), { recursive: true })).map((path) => join(room, path)))))
    .flat().filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts')).sort()
  const facts = await Promise.all([...files, 'package-lock.json'].map(async (path) => {
    const { size, mtimeMs } = await stat(join(home, path))
    return `${path} ${size} ${mtimeMs}`
  }))
  return createHash('sha256').update(`${process.version}\n${facts.join('\n')}`).digest('hex').slice(0, 12)
}
