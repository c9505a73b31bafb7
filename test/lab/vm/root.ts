import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Exec } from '../../../host/exec.ts'
import { cpio, type CpioEntry } from './cpio.ts'
import { moduleFiles, type TestKernel } from './kernel.ts'

const here = import.meta.dirname

/** What there is to run inside; all of it is this machine's own. Busybox stands in for every other usual command. */
const programs = [
  'sh', 'perl', 'nsenter', 'unshare', 'setpriv', 'ip', 'bridge', 'ss', 'tc', 'nft', 'conntrack', 'ipset', 'ipvsadm',
  ...['iptables', 'ip6tables'].flatMap((name) => ['', '-nft', '-legacy'].flatMap((variant) => ['', '-save', '-restore'].map((verb) => name + variant + verb))),
]
const searched = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
/** Files of ours that decide what is inside. */
const ours = ['init.sh', 'server.pl', 'root.ts', 'kernel.ts', 'cpio.ts']
/** Files that programs look for when they run. */
const data = ['/etc/protocols', '/etc/services', '/etc/iproute2/rt_tables', '/etc/iproute2/rt_protos']

/**
 * The root file system, an archive that lives in the machine's memory: programs of this machine with the libraries they
 * need, the kernel's modules, our server. Made once below `directory`, and again when a program or our part has changed.
 */
export async function rootFileSystem(exec: Exec, kernel: TestKernel, directory: string): Promise<string> {
  const found = await programFiles()
  const facts = await Promise.all([...found.values(), ...ours.map((name) => join(here, name))].map(async (path) => {
    const { size, mtimeMs } = await stat(path)
    return `${path} ${size} ${mtimeMs}`
  }))
  const name = `root-${createHash('sha256').update([kernel.release, ...facts].join('\n')).digest('hex').slice(0, 16)}.cpio`
  const path = join(directory, name)
  if (existsSync(path)) return path
  const busybox = (await exec.run('busybox', ['--list'])).stdout.split('\n').filter(Boolean)
  const archive = cpio(await entries(await collect(exec, kernel, found), busybox))
  await mkdir(directory, { recursive: true })
  const incoming = `${path}.${process.pid}`
  await writeFile(incoming, archive)
  for (const old of readdirSync(directory).filter((entry) => /^root-\w+\.cpio$/.test(entry))) await rm(join(directory, old), { force: true })
  await rename(incoming, path)
  return path
}

/** Path inside → the file of this machine, of every program. */
async function programFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const program of [...programs, 'busybox']) {
    const path = searched.map((folder) => join(folder, program)).find((candidate) => existsSync(candidate))
    if (path) files.set(`/usr/bin/${program}`, await realpath(path))
    else if (!program.includes('legacy')) throw new Error(`this machine has no ${program}`)
  }
  return files
}

/** The same of everything there is to be. */
async function collect(exec: Exec, kernel: TestKernel, found: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const files = new Map(found)
  for (const library of await libraries(exec, [...new Set(found.values())])) files.set(library, await realpath(library))
  for (const folder of await dataDirectories(exec)) for (const file of await below(folder)) files.set(join(folder, file), await realpath(join(folder, file)))
  for (const path of data) if (existsSync(path)) files.set(path, path)
  for (const file of await moduleFiles(kernel)) files.set(`/usr/lib/modules/${kernel.release}/${file}`, join(kernel.modulesDir, file))
  return files.set('/init', join(here, 'init.sh')).set('/server.pl', join(here, 'server.pl'))
}

/** Perl's own modules, and the matches and targets of iptables. */
async function dataDirectories(exec: Exec): Promise<string[]> {
  const perl = (await exec.run('perl', ['-MPOSIX', '-e', 'print $INC{"POSIX.pm"} =~ s,/POSIX.pm$,,r'])).stdout
  const iptables = (await exec.run('sh', ['-c', 'dirname "$(find /usr/lib /lib -name libxt_comment.so | head -n 1)"'])).stdout.trim()
  return [perl, iptables]
}

async function below(folder: string): Promise<string[]> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = await Promise.all(found.map(async (entry) => {
    const path = join(entry.parentPath, entry.name)
    return await stat(path).then((stats) => stats.isFile(), () => false) ? [path.slice(folder.length + 1)] : []
  }))
  return files.flat()
}

/** Where the loader expects the shared libraries of these programs; what programs load by themselves needs no others. */
async function libraries(exec: Exec, binaries: readonly string[]): Promise<string[]> {
  // It also says so of files that need none, and then ends with 1.
  const { stdout } = await exec.run('ldd', binaries, { okCodes: [0, 1] })
  return [...new Set([...stdout.matchAll(/(?:=> |^\t)(\/\S+) \(0x/gm)].map(([, path]) => path!))]
}

/** `/bin`, `/lib` and the like are links into `/usr`, as on every distribution of today. */
async function entries(files: ReadonlyMap<string, string>, busybox: readonly string[]): Promise<CpioEntry[]> {
  const links = new Map<string, string>([['bin', 'usr/bin'], ['sbin', 'usr/bin'], ['usr/sbin', 'bin'], ['lib', 'usr/lib'], ['lib64', 'usr/lib64']])
  const inside = (path: string) => path.slice(1).replace(/^(bin|sbin|usr\/sbin)\//, 'usr/bin/').replace(/^lib/, 'usr/lib')
  // One file under several names (all of iptables) is kept once.
  const first = new Map<string, string>()
  const contents: CpioEntry[] = []
  for (const [path, from] of files) {
    const name = inside(path)
    const known = first.get(from)
    if (known === name) continue
    if (known) links.set(name, `/${known}`)
    else {
      first.set(from, name)
      contents.push({ kind: 'file', path: name, mode: path === '/init' ? 0o755 : (await stat(from)).mode & 0o777, content: await readFile(from) })
    }
  }
  const taken = new Set([...first.values(), ...links.keys()])
  for (const applet of busybox) if (!taken.has(`usr/bin/${applet}`)) links.set(`usr/bin/${applet}`, 'busybox')
  const directories = new Set(['dev', 'proc', 'sys', 'run', 'tmp', 'etc', 'root', 'usr/lib64'])
  for (const path of [...first.values(), ...links.keys()]) for (let at = dirname(path); at !== '.'; at = dirname(at)) directories.add(at)
  return [
    ...[...directories].sort().map((path): CpioEntry => ({ kind: 'directory', path })),
    ...[...links].map(([path, target]): CpioEntry => ({ kind: 'link', path, target })),
    ...contents,
  ]
}
