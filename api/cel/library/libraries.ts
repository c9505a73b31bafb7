import type { CelEnvironment } from '../cel.ts'
import { FunctionTable } from '../functions.ts'
import { operators } from './operators.ts'
import { regexes } from './regex.ts'
import { optionals, standard } from './standard.ts'

let plain: FunctionTable | undefined

/** The functions of an environment: those of CEL, and what Kubernetes 1.36 adds everywhere. */
export function functionsFor(_: CelEnvironment): FunctionTable {
  return (plain ??= base())
}

const base = (): FunctionTable => new FunctionTable().add(operators).add(standard).add(optionals).add(regexes)
