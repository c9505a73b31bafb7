import { CelError } from '../../../../api/cel/cel.ts'
import type { CelProgram } from '../../../../api/cel/cel.ts'
import { loadCel } from '../../../../api/cel/load.ts'
import type { MatchCondition } from '../../../../api/types/admissionregistration-v1/rules.ts'
import { settled } from './authorizer.ts'

/** Whether all conditions hold. `error` only when none is false: then it is not known. */
export type Held = { readonly holds: boolean } | { readonly error: string }

export interface CompiledCondition { readonly name: string; readonly program: CelProgram }

/** One condition that is false decides, whatever others fail. */
export async function conditionsHold(conditions: readonly CompiledCondition[], variables: Readonly<Record<string, unknown>>, budget: { left: number }): Promise<Held> {
  const errors: string[] = []
  for (const { program } of conditions) {
    try {
      if (await settled(() => program.evaluate(variables, budget)) !== true) return { holds: false }
    } catch (error) {
      if (!(error instanceof CelError)) throw error
      errors.push(failureText(program, error))
    }
  }
  if (errors.length === 0) return { holds: true }
  return { error: errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]` }
}

export const failureText = ({ source }: Pick<CelProgram, 'source'>, error: CelError): string =>
  (error.code === 'budget' ? error.message : `expression '${source}' resulted in error: ${error.message}`)

const known = new WeakMap<object, readonly CompiledCondition[]>()

/** Conditions of a webhook, compiled once; `environment` is the same for all of one list. Throws `CelError`. */
export async function compileConditions(conditions: readonly MatchCondition[], environment: Parameters<Awaited<ReturnType<typeof loadCel>>['compileCel']>[1]): Promise<readonly CompiledCondition[]> {
  const there = known.get(conditions)
  if (there) return there
  const { compileCel } = await loadCel()
  const made = conditions.map(({ name, expression }) => ({ name, program: compileCel(expression, environment) }))
  known.set(conditions, made)
  return made
}
