import type { RE2JS } from 're2js'
import { compileRE2 } from '../../re2.ts'
import { scan } from '../functions.ts'
import type { Library } from '../functions.ts'
import { failure } from '../values.ts'

const known = new Map<string, RE2JS>()
const most = 200

/** A pattern of RE2: linear in the text whatever it says. The latest ones are kept compiled. Throws `CelError`. */
export function pattern(source: string): RE2JS {
  let found = known.get(source)
  if (!found) {
    try {
      found = compileRE2(source)
    } catch (error) {
      throw failure(error instanceof Error ? error.message : String(error))
    }
    if (known.size >= most) known.delete(known.keys().next().value!)
    known.set(source, found)
  }
  return found
}

function findAll(text: string, source: string, limit: number): string[] {
  const matcher = pattern(source).matcher(text)
  const found: string[] = []
  while (found.length < limit && matcher.find()) found.push(matcher.group() ?? '')
  return found
}

const cost = ([text, source]: readonly string[]): number => Math.max(1, scan(text!.length + 1)) * Math.max(1, Math.ceil(source!.length * 0.25))

/** Kubernetes' regex library: `'abc 123'.find('[0-9]+')`. */
export const regexes: Library = {
  'string::find(string): string': { run: ([text, source]) => findAll(text, source, 1)[0] ?? '', cost },
  'string::findAll(string): list<string>': { run: ([text, source]) => findAll(text, source, Infinity), cost },
  'string::findAll(string, int): list<string>': { run: ([text, source, limit]) => findAll(text, source, limit < 0n ? Infinity : Number(limit)), cost },
}
