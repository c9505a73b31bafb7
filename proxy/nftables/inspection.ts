import type { Nft, NftObject } from '../../host/nft.ts'
import type { Family } from '../table.ts'
import type { Chain } from './chains.ts'
import { mapNames, type FamilyTable } from './family-table.ts'
import type { RowStore } from './row-store.ts'
import { dataOf, elementsOf, nftFamily, setNames, type SetName } from './rows.ts'
import { tableName } from './text.ts'

/**
 * Whether the kernel still holds what we wrote. Every transaction of anybody gives the ruleset a new generation number:
 * while that is the one after our own last transaction, nobody touched anything. Else the table is read back: elements
 * are compared with the rows we gave, rules with what the kernel showed right after we had written them, as it shows
 * them in words of its own.
 */
export class Inspection {
  readonly #nft: Pick<Nft, 'list' | 'generation'>
  readonly #family: Family
  readonly #table: FamilyTable
  /** Rules by chain, as JSON, of chains that always stand; and by kind of those that come and go. */
  readonly #fixed = new Map<string, string>()
  readonly #kinds = new Map<string, string>()
  /** The generation in which all was right. */
  #seen: number | undefined
  #learning: Promise<void> = Promise.resolve()

  constructor({ nft, family, table }: { nft: Pick<Nft, 'list' | 'generation'>; family: Family; table: FamilyTable }) {
    this.#nft = nft
    this.#family = family
    this.#table = table
  }

  /** A transaction of our own, of any family: when nobody's comes in between, the next generation is the one in which all is right. */
  wrote(): void {
    if (this.#seen !== undefined) this.#seen += 1
  }

  /**
   * The whole table was written in the generation after this one, whatever was there before. Begins to learn how the
   * kernel shows its rules, which is nothing that traffic waits for.
   */
  learnAll(before: number | undefined): void {
    this.#seen = before === undefined ? undefined : before + 1
    this.#learning = this.#learn((name, rules) => {
      const chain = this.#table.chains.get(name)
      if (chain) this.#kinds.set(chain.kind, withoutVarying(rules, chain))
      else this.#fixed.set(name, rules)
    }, () => {
      this.#fixed.clear()
      this.#kinds.clear()
    })
  }

  /** After chains were added: begins to learn how the kernel shows those of a kind that was not there before. */
  learn(chains: readonly Chain[]): void {
    const unknown = new Map(chains.filter(({ kind }) => !this.#kinds.has(kind)).map((chain) => [chain.name, chain]))
    if (unknown.size === 0) return
    this.#learning = this.#learn((name, rules) => {
      const chain = unknown.get(name)
      if (chain) this.#kinds.set(chain.kind, withoutVarying(rules, chain))
    })
  }

  /** Resolves when all is learned; before that nothing may be written. */
  learned(): Promise<void> {
    return this.#learning
  }

  /** What cannot be read is not known, and then, should anybody touch the ruleset, not taken for intact. */
  async #learn(take: (name: string, rules: string) => void, forget = () => {}): Promise<void> {
    forget()
    const shown = await this.#chains().catch(() => [])
    for (const [name, rules] of shown) take(name, rules)
  }

  async intact(): Promise<boolean> {
    await this.#learning
    const generation = await this.#nft.generation()
    if (generation !== undefined && generation === this.#seen) return true
    const right = this.#isRight(await this.#nft.list(`table ${nftFamily[this.#family]} ${tableName}`))
    // Whatever was written while we looked has another number, and is looked at next time.
    if (right) this.#seen = generation
    return right
  }

  #isRight(objects: readonly NftObject[]): boolean {
    const chains = chainsIn(objects)
    if (chains.size !== this.#fixed.size + this.#table.chains.size) return false
    for (const [name, rules] of this.#fixed) if (chains.get(name) !== rules) return false
    for (const [name, chain] of this.#table.chains) {
      const rules = chains.get(name)
      if (rules === undefined || withoutVarying(rules, chain) !== this.#kinds.get(chain.kind)) return false
    }
    const sets = new Map(objects.flatMap(({ set, map }) => [set ?? map].filter((found) => found !== undefined)).map((found) => [found.name as string, (found.elem ?? []) as readonly unknown[]]))
    // Who is remembered is the kernel's to write; that there is a place for it, is ours.
    if (mapNames(this.#table.memories()).some((name) => !sets.has(name))) return false
    return setNames.every((name) => sets.has(name) && sameElements(name, sets.get(name)!, this.#table.rows))
  }

  /** Only of the whole family does nft 1.0.6 show chains without first reading all elements. */
  async #chains(): Promise<Map<string, string>> {
    const objects = await this.#nft.list(`ruleset ${nftFamily[this.#family]}`, { terse: true })
    return chainsIn(objects.filter(({ chain, rule }) => (chain ?? rule)?.table === tableName))
  }
}

/** Each chain's hook and rules as text, without what the kernel counts by. */
function chainsIn(objects: readonly NftObject[]): Map<string, string> {
  const found = new Map<string, unknown[]>()
  for (const { chain, rule } of objects) {
    if (chain) found.set(chain.name as string, [chain.type, chain.hook, chain.prio, chain.policy])
    else if (rule) found.get(rule.chain as string)?.push(rule.expr)
  }
  return new Map([...found].map(([name, parts]) => [name, JSON.stringify(parts)]))
}

/** Rules as all chains of the kind have them. */
const withoutVarying = (rules: string, { varying }: Chain): string => varying.reduce((text, piece) => text.replaceAll(piece, '#'), rules)

function sameElements(set: SetName, found: readonly unknown[], rows: RowStore): boolean {
  const left = new Set<string>()
  for (const [key, value] of rows.rowsIn(set)) for (const element of elementsOf(set, key, value)) left.add(`${element}|${dataOf(set, value)}`)
  return found.length === left.size && found.every((element) => left.delete(textOf(element)))
}

/** An element of `nft -j` as we write it: `10.96.0.1 . tcp . 80|goto chain`. */
function textOf(element: unknown): string {
  return Array.isArray(element) ? `${valueText(element[0])}|${valueText(element[1])}` : `${valueText(element)}|`
}

function valueText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const { concat, prefix, goto, jump } = value as { concat?: readonly unknown[]; prefix?: { addr: string; len: number }; goto?: { target: string }; jump?: { target: string } }
  if (concat) return concat.map(valueText).join(' . ')
  if (prefix) return `${prefix.addr}/${prefix.len}`
  if (goto) return `goto ${goto.target}`
  if (jump) return `jump ${jump.target}`
  return JSON.stringify(value)
}
