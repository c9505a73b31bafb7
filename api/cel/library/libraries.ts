import type { CelEnvironment } from '../cel.ts'
import { FunctionTable } from '../functions.ts'
import { authorization } from './authorization.ts'
import { jsonPatches, namedFormats } from './formats.ts'
import { lists, sets } from './lists.ts'
import { networks } from './network.ts'
import { operators } from './operators.ts'
import { quantities } from './quantities.ts'
import { regexes } from './regex.ts'
import { semvers } from './semver.ts'
import { optionals, standard } from './standard.ts'
import { strings } from './strings.ts'
import { urls } from './urls.ts'

let plain: FunctionTable | undefined
let patching: FunctionTable | undefined

/** The functions of an environment: those of CEL, and what Kubernetes 1.36 adds everywhere. Made at first use. */
export function functionsFor({ jsonPatch }: CelEnvironment): FunctionTable {
  return jsonPatch ? patching ??= base().add(jsonPatches) : plain ??= base()
}

const base = (): FunctionTable => [operators, standard, optionals, regexes, strings, lists, sets, quantities, semvers, networks, urls, namedFormats, authorization]
  .reduce((table, library) => table.add(library), new FunctionTable())
