import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

/** The house rules of the repository, checked over every file. A rule that must be broken somewhere has its exception here, with the reason. */
const root = resolve(import.meta.dirname, '..')
const rooms = ['api', 'host', 'control', 'agent', 'cni', 'proxy', 'cli', 'test'] as const
type Room = typeof rooms[number]

/** Whom a room may import besides itself; `host` stands for its types. */
const mayImport: Readonly<Record<Room, readonly Room[]>> = {
  api: ['host'], host: [], control: ['api', 'host'], agent: ['api', 'host'], cni: ['api', 'host'], proxy: ['api', 'host'],
  cli: ['api', 'host', 'control', 'agent', 'cni', 'proxy'], test: [...rooms],
}

/** Values of `host` that are pure functions and may be had anywhere. */
const pureOfHost = new Set(['rfc3339', 'rfc3339Micro'])

interface Import { readonly target: string; readonly values: readonly string[] }
interface Source { readonly path: string; readonly text: string; readonly room: Room; readonly isTest: boolean; readonly isRoot: boolean; readonly imports: readonly Import[] }

const files = walk(root)
const sources = files.filter((path) => path.endsWith('.ts') && rooms.some((room) => path.startsWith(`${room}/`))).map(sourceOf)
const product = sources.filter((source) => !source.isTest)

describe('rooms', () => {
  test.each(rooms)('%s imports only whom it may', (room) => {
    const wrong = product.filter((source) => source.room === room).flatMap((source) => source.imports
      .map((imported) => [imported.target, roomOf(imported.target)] as const)
      .filter(([, target]) => target && target !== room && !mayImport[room].includes(target))
      .map(([target]) => `${source.path} imports ${target}`))
    expect(wrong).toEqual([])
  })

  test('the machine comes as types: only composition roots import what host does', () => {
    const wrong = product.filter((source) => !source.isRoot && source.room !== 'host').flatMap((source) => source.imports
      .filter(({ target, values }) => roomOf(target) === 'host' && values.some((value) => !pureOfHost.has(value)))
      .map(({ target, values }) => `${source.path} imports ${values.join(', ')} from ${target}`))
    expect(wrong).toEqual([])
  })

  test('api knows of the machine only its clock', () => {
    const wrong = product.filter((source) => source.room === 'api').flatMap((source) => source.imports
      .filter(({ target }) => roomOf(target) === 'host' && target !== 'host/clock.ts').map(({ target }) => `${source.path} imports ${target}`))
    expect(wrong).toEqual([])
  })

  test('every room has its README', () => {
    const present = [...new Set(sources.map((source) => source.room))].filter((room) => room !== 'test')
    expect(present.filter((room) => !files.some((path) => path.startsWith(`${room}/`) && path.endsWith('README.md')))).toEqual([])
  })
})

describe('edges', () => {
  const rule = (pattern: RegExp, allowed: Readonly<Record<string, string>>) => product
    .filter((source) => !Object.keys(allowed).some((path) => source.path.startsWith(path)))
    .flatMap((source) => [...code(source.text).matchAll(pattern)].map(([found]) => `${source.path}: ${found}`))

  test('processes are started in host/exec.ts alone', () => {
    expect(rule(/'(node:)?child_process'/g, { 'host/exec.ts': 'the one place' })).toEqual([])
  })

  test('time passes and is read in the clocks alone', () => {
    const allowed = {
      'host/clock.ts': 'the clock', 'host/manual-clock.ts': 'the clock of tests',
      'agent/runtime/grpc-call.ts': 'gRPC takes its deadlines as real points in time',
    }
    expect(rule(/Date\.now\b|new Date\(\)|performance\.now\b|(?<![.\w])set(Timeout|Interval)\(|import \{(?! setImmediate\b[^,}]*\})[^}]*\} from 'node:timers[^']*'|AbortSignal\.timeout\b/g, allowed)).toEqual([])
  })

  test('chance comes from the clock, save where it must be secret', () => {
    const allowed = {
      'host/clock.ts': 'the clock',
      'control/pki/': 'serial numbers and keys must not be guessed',
      'proxy/dns/forward/exchange.ts': 'who guesses the id of a query may answer it',
      'cli/': 'tokens and encryption keys are drawn when a cluster is made',
    }
    expect(rule(/Math\.random\b|randomUUID|randomBytes|getRandomValues|randomInt\b/g, allowed)).toEqual([])
  })
})

describe('the TypeScript', () => {
  const found = (pattern: RegExp, among = sources) => among.flatMap((source) => [...code(source.text).matchAll(pattern)].map(([text]) => `${source.path}: ${text.trim()}`))

  test('has no enums, namespaces or barrels', () => {
    expect(found(/^\s*(export\s+)?(declare\s+)?(const\s+)?enum\s+\w+|^\s*(export\s+)?namespace\s+\w+|^export \* from .*/gm)).toEqual([])
  })

  test('has no file of more than 400 lines, declarations of API types apart', () => {
    expect(sources.filter((source) => !source.path.startsWith('api/types/') && source.text.split('\n').length > 401).map((source) => source.path)).toEqual([])
  })

  test('has file names in kebab-case', () => {
    expect(sources.map((source) => source.path).filter((path) => !/^[a-z0-9/.-]+$/.test(path))).toEqual([])
  })

  test('leaves nothing for later', () => {
    const marks = new RegExp(`\\b(${['TO', 'FIX'].map((half, i) => half + ['DO', 'ME'][i]).join('|')})\\b`)
    expect(sources.filter((source) => marks.test(source.text)).map((source) => source.path)).toEqual([])
  })
})

describe('the repository', () => {
  test('names no package registry and no directory of the machine it was made on', () => {
    const traces = new RegExp(`${['registry', 'npmjs'].join('\\.')}|"resolved"${': '}"http|${['', 'work', ''].join('/')}(main|shared)|${['', 'home', ''].join('/')}\\w+/`)
    const wrong = files.filter((path) => !/\.(png|tar|gz)$/.test(path)).flatMap((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      const match = traces.exec(text) ?? (text.includes(`${root}/`) ? [root] : null)
      return match ? [`${path}: ${match[0]}`] : []
    })
    expect(wrong).toEqual([])
  })
})

/** Every file of the repository: what git ignores and hidden directories (but not hidden files) left out. */
function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return ['node_modules', '.git', '.runtime', 'coverage'].includes(entry.name) ? [] : walk(path)
    // In a second work tree of git `.git` is a file.
    return entry.isFile() && entry.name !== '.git' && !entry.name.endsWith('.log') ? [relative(root, path)] : []
  })
}

function sourceOf(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8')
  return {
    path, text, room: roomOf(path)!, imports: importsOf(path, text),
    isTest: path.startsWith('test/') || /\.(test|suite)\.ts$/.test(path) || path.includes('/testing/'),
    isRoot: path.startsWith('cli/') || path.endsWith('/main.ts'),
  }
}

/** The files of ours that a file imports, with the names that remain when types are erased. */
function importsOf(path: string, text: string): Import[] {
  const statements = text.matchAll(/^(?:import|export)\s+(type\s+)?([^'"`;]*?)\s*from\s+'(\.[^']+)'|import\(\s*'(\.[^']+)'\s*\)|^import\s+'(\.[^']+)'/gm)
  return [...statements].map(([, type, names = '', from, dynamic, bare]) => {
    const target = relative(root, resolve(root, dirname(path), (from ?? dynamic ?? bare)!))
    if (!from) return { target, values: ['*'] }
    const values = type ? [] : names.replace(/[{}]/g, ',').split(',').map((name) => name.trim()).filter((name) => name && !name.startsWith('type '))
    return { target, values }
  })
}

function roomOf(path: string): Room | undefined {
  return rooms.find((room) => path.startsWith(`${room}/`))
}

/** The text without its comments, roughly: enough not to stumble over words in prose. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}
