import { scanning } from '../functions.ts'
import type { Library } from '../functions.ts'
import { Opaque, failure } from '../values.ts'

interface Version { readonly numbers: readonly [bigint, bigint, bigint]; readonly pre: readonly string[] }

const shape = /^(0|[1-9]\d{0,18})\.(0|[1-9]\d{0,18})\.(0|[1-9]\d{0,18})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/

function parse(text: string): Version | undefined {
  const match = text.length > 1000 ? null : shape.exec(text)
  if (!match) return undefined
  const pre = match[4]?.split('.') ?? []
  if (pre.some((part) => /^0\d+$/.test(part))) return undefined
  return { numbers: [BigInt(match[1]!), BigInt(match[2]!), BigInt(match[3]!)], pre }
}

/** `v1.02` → `1.2.0`: a leading v, missing parts and leading zeros are forgiven. */
function normalized(text: string): string {
  const [bare = ''] = [text.replace(/^v/, '')]
  const [major = '', minor = '0', ...rest] = bare.split('.')
  const parts = [major, minor, rest.length > 0 ? rest.join('.') : '0'].map((part) => part.replace(/^0+(?=\d)/, ''))
  return parts.join('.')
}

function compare(a: Version, b: Version): bigint {
  for (let i = 0; i < 3; i++) if (a.numbers[i] !== b.numbers[i]) return a.numbers[i]! < b.numbers[i]! ? -1n : 1n
  if (a.pre.length === 0 || b.pre.length === 0) return BigInt(Math.sign(b.pre.length - a.pre.length))
  for (let i = 0; i < Math.min(a.pre.length, b.pre.length); i++) {
    const order = comparePart(a.pre[i]!, b.pre[i]!)
    if (order !== 0n) return order
  }
  return BigInt(Math.sign(a.pre.length - b.pre.length))
}

function comparePart(a: string, b: string): bigint {
  const [numberA, numberB] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (numberA && numberB) return BigInt(a) < BigInt(b) ? -1n : BigInt(a) > BigInt(b) ? 1n : 0n
  if (numberA !== numberB) return numberA ? -1n : 1n
  return a < b ? -1n : a > b ? 1n : 0n
}

function read(text: string, forgiving: boolean): Opaque<Version> {
  const version = parse(forgiving ? normalized(text) : text)
  if (!version) throw failure(/^\d+\.\d+\./.test(text) ? `Invalid character(s) found in version ${JSON.stringify(text)}` : 'No Major.Minor.Patch elements found')
  return new Opaque('kubernetes.Semver', version, `${version.numbers.join('.')}-${version.pre.join('.')}`)
}

/** Kubernetes' semver library: `semver('1.2.3').isLessThan(semver('2.0.0'))`. */
export const semvers: Library = {
  'semver(string): semver': scanning(([text]) => read(text, false)),
  'semver(string, bool): semver': scanning(([text, forgiving]) => read(text, forgiving)),
  'isSemver(string): bool': scanning(([text]) => parse(text) !== undefined),
  'isSemver(string, bool): bool': scanning(([text, forgiving]) => parse(forgiving ? normalized(text) : text) !== undefined),
  'semver::isGreaterThan(semver): bool': ([a, b]) => compare(a.value, b.value) > 0n,
  'semver::isLessThan(semver): bool': ([a, b]) => compare(a.value, b.value) < 0n,
  'semver::compareTo(semver): int': ([a, b]) => compare(a.value, b.value),
  'semver::major(): int': ([a]) => a.value.numbers[0],
  'semver::minor(): int': ([a]) => a.value.numbers[1],
  'semver::patch(): int': ([a]) => a.value.numbers[2],
}
