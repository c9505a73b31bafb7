import { CelError } from '../cel/cel.ts'
import type { CelEnvironment, CelProgram, CelType } from '../cel/cel.ts'
import { compileCel } from '../cel/compile.ts'
import type { ValidationRule } from '../types/apiextensions-v1/json-schema.ts'

export interface CompiledRule {
  readonly program: CelProgram | undefined
  readonly message: CelProgram | undefined
  readonly error: string | undefined
  readonly messageError: string | undefined
}

const dynamic: CelType = Object.freeze({ kind: 'dyn' })

/** The expressions of a rule over values of a type; `optionalOldSelf` makes `oldSelf` an optional, whose type is not looked into. */
export function compileRule({ rule, messageExpression, optionalOldSelf }: ValidationRule, type: CelType): CompiledRule {
  const variables = { self: type, oldSelf: optionalOldSelf ? dynamic : type }
  const program = attempt(rule, { variables, result: 'bool' }, 'cel expression must evaluate to a bool', '')
  const message = messageExpression ? attempt(messageExpression, { variables, result: 'string' }, 'messageExpression must evaluate to a string', 'messageExpression ') : undefined
  return { program: program.program, error: program.error, message: message?.program, messageError: message?.error }
}

function attempt(source: string, environment: CelEnvironment, wrongResult: string, prefix: string): { program?: CelProgram; error: string | undefined } {
  try {
    return { program: compileCel(source, environment), error: undefined }
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    return { error: error.code === 'result' ? wrongResult : prefix + error.message }
  }
}
