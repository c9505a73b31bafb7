import { CelError } from '../../../../api/cel/cel.ts'
import type { CelEnvironment, CelType } from '../../../../api/cel/cel.ts'
import type { CompiledCel } from '../../../../api/cel/compile.ts'
import { loadCel } from '../../../../api/cel/load.ts'
import type { Mutation } from '../../../../api/types/admissionregistration-v1/mutating-policy.ts'
import type { MatchCondition } from '../../../../api/types/admissionregistration-v1/rules.ts'
import type { AuditAnnotation, ParamKind, Validation, Variable } from '../../../../api/types/admissionregistration-v1/validating-policy.ts'
import { mutationTypes, policyVariables, variablesType } from './environment.ts'
import type { PolicyShape } from './environment.ts'

/** What both sorts of policies have in their `spec`. */
export interface PolicySpec {
  readonly paramKind?: ParamKind | undefined
  readonly variables?: readonly Variable[] | undefined
  readonly matchConditions?: readonly MatchCondition[] | undefined
  readonly validations?: readonly Validation[] | undefined
  readonly auditAnnotations?: readonly AuditAnnotation[] | undefined
  readonly mutations?: readonly Mutation[] | undefined
}

/** An expression that does not compile: where it stands, and what is wrong. */
export interface Problem { readonly field: string; readonly source: string; readonly error: CelError }

export interface CompiledPolicy {
  readonly problems: readonly Problem[]
  readonly conditions: readonly { readonly name: string; readonly program: CompiledCel }[]
  readonly variables: readonly { readonly name: string; readonly program: CompiledCel }[]
  readonly validations: readonly { readonly program: CompiledCel; readonly message: CompiledCel | undefined; readonly rule: Validation }[]
  readonly auditAnnotations: readonly { readonly key: string; readonly program: CompiledCel }[]
  readonly mutations: readonly { readonly program: CompiledCel; readonly type: string }[]
}

/** Compiles every expression of a policy; those that do not compile are left out and named in `problems`. */
export async function compilePolicy(spec: PolicySpec, types: Omit<PolicyShape, 'params'> = {}): Promise<CompiledPolicy> {
  const { compileCel } = await loadCel()
  const problems: Problem[] = []
  const base = policyVariables({ ...types, params: spec.paramKind !== undefined })
  const compile = (field: string, source: string, environment: CelEnvironment): CompiledCel | undefined => {
    try {
      return compileCel(source, environment)
    } catch (error) {
      if (!(error instanceof CelError)) throw error
      problems.push({ field, source, error })
      return undefined
    }
  }
  const conditions = each(spec.matchConditions, ({ name, expression }, i) => named(name, compile(`spec.matchConditions[${i}].expression`, expression, { variables: base, authorizer: true, result: 'bool', costLimit: 2_500_000 })))
  const own: Record<string, CelType> = {}
  const withOwn = (): Record<string, CelType> => ({ ...base, variables: variablesType({ ...own }) })
  const variables = each(spec.variables, ({ name, expression }, i) => {
    const program = compile(`spec.variables[${i}].expression`, expression, { variables: withOwn(), authorizer: true })
    own[name] = program?.type ?? { kind: 'dyn' }
    return named(name, program)
  })
  const environment: CelEnvironment = { variables: withOwn(), authorizer: true }
  const validations = each(spec.validations, (rule, i) => {
    const program = compile(`spec.validations[${i}].expression`, rule.expression, { ...environment, result: 'bool' })
    const message = rule.messageExpression?.trim() ? compile(`spec.validations[${i}].messageExpression`, rule.messageExpression, { variables: environment.variables, result: 'string' }) : undefined
    return program && { program, message, rule }
  })
  const auditAnnotations = each(spec.auditAnnotations, ({ key, valueExpression }, i) => {
    const program = compile(`spec.auditAnnotations[${i}].valueExpression`, valueExpression, { ...environment, result: ['string', 'null'] })
    return program && { key, program }
  })
  const mutations = each(spec.mutations, (mutation, i) => {
    const [field, expression, result] = mutation.patchType === 'JSONPatch' ? ['jsonPatch', mutation.jsonPatch?.expression ?? '', 'list'] as const : ['applyConfiguration', mutation.applyConfiguration?.expression ?? '', 'object'] as const
    const program = compile(`spec.mutations[${i}].${field}.expression`, expression, { ...environment, types: mutationTypes, jsonPatch: true, result })
    return program && { program, type: mutation.patchType }
  })
  return { problems, conditions, variables, validations, auditAnnotations, mutations }
}

const each = <T, R>(items: readonly T[] | undefined, make: (item: T, index: number) => R | undefined): R[] => (items ?? []).map(make).filter((made) => made !== undefined)
const named = (name: string, program: CompiledCel | undefined) => program && { name, program }

const known = new WeakMap<object, Promise<CompiledPolicy>>()

/** The same, once for each version of a policy. */
export function compiledOf(spec: PolicySpec): Promise<CompiledPolicy> {
  let there = known.get(spec)
  if (!there) known.set(spec, there = compilePolicy(spec))
  return there
}
