import { CelError } from './cel.ts'
import type { CelAuthorizer, CelEnvironment, CelProgram, CelType } from './cel.ts'
import { check } from './checker.ts'
import type { Checked } from './checker.ts'
import { Interpreter } from './interpreter.ts'
import type { Frame, Step } from './interpreter.ts'
import { authorizerValue, requestResourceValue } from './library/authorization.ts'
import { functionsFor } from './library/libraries.ts'
import { parse } from './parser.ts'
import type { Node } from './ast.ts'
import { CelSyntax, printIssues } from './syntax-error.ts'
import { declaredOf, printType } from './types.ts'
import type { Type } from './types.ts'
import { fromJson, toJson } from './values.ts'
import type { Value } from './values.ts'

/** What one evaluation may cost in the original (`PerCallLimit`). */
export const perCallLimit = 1_000_000
/** What all evaluations for one request may cost together (`RuntimeCELCostBudget`). */
export const runtimeBudget = 10_000_000

export interface CompiledCel extends CelProgram {
  /** What it comes to, as the type of a variable of further expressions. */
  readonly type: CelType
  /** Evaluates to a value that further expressions may be given (times stay times, integers integers). */
  value: CelProgram['evaluate']
}

/**
 * Compiles an expression for an environment. Throws `CelError`: code `syntax` with `compilation failed: ERROR: <input>:1:6: …`, code `result`
 * with `must evaluate to bool`.
 */
export function compileCel(source: string, environment: CelEnvironment): CompiledCel {
  const { root, checked } = compiled(source, environment)
  checkResult(checked.type, environment.result)
  const step = new Interpreter(checked).step(root, [])
  return {
    source, type: declaredOf(checked.type),
    value: (variables, budget) => run(step, environment, checked.mentioned, variables, budget),
    evaluate: (variables, budget) => toJson(run(step, environment, checked.mentioned, variables, budget)),
    mentions: (variable) => checked.mentioned.has(variable),
  }
}

/** The type an expression comes to, as messages print it. Throws `CelError` when it does not compile. */
export function celResultType(source: string, environment: CelEnvironment): string {
  return printType(compiled(source, environment).checked.type)
}

function compiled(source: string, environment: CelEnvironment): { root: Node; checked: Checked } {
  try {
    const root = parse(source)
    const checked = check(root, environment, functionsFor(environment))
    if (checked.issues.length > 0) throw new CelError(`compilation failed: ${printIssues(source, checked.issues)}`, 'syntax')
    return { root, checked }
  } catch (error) {
    if (error instanceof CelSyntax) throw new CelError(`compilation failed: ${printIssues(source, [{ offset: error.offset, message: error.message }])}`, 'syntax')
    throw error
  }
}

function checkResult({ k, name }: Type, wanted: CelEnvironment['result']): void {
  if (wanted === undefined || k === 'dyn') return
  const kinds = typeof wanted === 'string' ? [wanted] : wanted
  const is = name === 'kubernetes.Quantity' ? 'quantity' : k
  if (kinds.some((kind) => kind === is || kind === 'dyn')) return
  throw new CelError(kinds.length === 1 ? `must evaluate to ${kinds[0]}` : `must evaluate to one of [${kinds.map((kind) => (kind === 'null' ? 'null_type' : kind)).join(' ')}]`, 'result')
}

function run(step: Step, environment: CelEnvironment, mentioned: ReadonlySet<string>, variables: Readonly<Record<string, unknown>>, budget: { left: number } | undefined): Value {
  const globals = new Map<string, Value>()
  for (const name of mentioned) if (Object.hasOwn(environment.variables, name) && Object.hasOwn(variables, name)) globals.set(name, fromJson(variables[name], environment.variables[name]!))
  if (environment.authorizer && mentioned.has('authorizer')) {
    const authorizer = variables['authorizer'] as CelAuthorizer
    globals.set('authorizer', authorizerValue(authorizer))
    globals.set('authorizer.requestResource', requestResourceValue(authorizer))
  }
  const limit = environment.costLimit ?? perCallLimit
  let spent = 0
  const frame: Frame = {
    globals, locals: [],
    charge(cost) {
      spent += cost
      if (spent > limit) throw new CelError('operation cancelled: actual cost limit exceeded', 'cost')
      if (budget && spent > budget.left) throw new CelError('validation failed due to running out of cost budget, no further validation rules will be run', 'budget')
    },
  }
  try {
    return step(frame)
  } catch (error) {
    if (error instanceof RangeError) throw new CelError('evaluation needs too much memory', 'cost')
    throw error
  } finally {
    if (budget) budget.left = Math.max(0, budget.left - spent)
  }
}
