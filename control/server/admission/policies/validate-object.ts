import { CelError } from '../../../../api/cel/cel.ts'
import type { CompiledCel } from '../../../../api/cel/compile.ts'
import { settled } from '../matching/authorizer.ts'
import { conditionsHold, failureText } from '../matching/conditions.ts'
import type { CompiledPolicy } from './compile.ts'
import type { Values } from './evaluation.ts'

/** Why a policy refuses an object. `failed`: an expression could not be evaluated (and `failurePolicy` is Fail). */
export interface Violation { readonly message: string; readonly reason?: string | undefined; readonly failed?: true }

/** Longer messages, and those of several lines, are not shown. */
const longestMessage = 5 * 1024

/** Evaluates all rules of a policy on one object. `strict`: what cannot be evaluated refuses. */
export async function violationsOf(policy: CompiledPolicy, values: Values, budget: { left: number }, strict: boolean): Promise<readonly Violation[]> {
  const failed = (message: string): readonly Violation[] => (strict ? [{ message, failed: true }] : [])
  if (policy.problems.length > 0) return failed(policy.problems.map(({ error }) => error.message).join(', '))
  const held = await conditionsHold(policy.conditions, values, { left: 2_500_000 })
  if ('error' in held) return failed(held.error)
  if (!held.holds) return []
  const found: Violation[] = []
  for (const { program, message, rule } of policy.validations) {
    const outcome = await evaluated(program, values, budget)
    if ('error' in outcome) found.push(...failed(outcome.error))
    else if (outcome.value !== true) found.push({ message: await messageOf(message, rule.message, rule.expression, values, budget), reason: rule.reason })
  }
  for (const { program } of policy.auditAnnotations) {
    const outcome = await evaluated(program, values, budget)
    if ('error' in outcome) found.push(...failed(outcome.error))
  }
  return found
}

export async function evaluated(program: CompiledCel, values: Values, budget: { left: number }): Promise<{ readonly value: unknown } | { readonly error: string }> {
  try {
    return { value: await settled(() => program.evaluate(values, budget)) }
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    return { error: failureText(program, error) }
  }
}

async function messageOf(program: CompiledCel | undefined, plain: string | undefined, expression: string, values: Values, budget: { left: number }): Promise<string> {
  const said = program && await evaluated(program, values, budget)
  const text = said && 'value' in said && typeof said.value === 'string' ? said.value.trim() : ''
  if (text && text.length <= longestMessage && !text.includes('\n')) return text
  return plain?.trim() || `failed expression: ${expression.trim()}`
}
