import { CelError } from '../../../../api/cel/cel.ts'
import type { Kind } from '../../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../../api/object.ts'
import type { Tools } from '../../tools.ts'
import type { AdmissionRequest } from '../admission.ts'
import { authorizerFor } from '../matching/authorizer.ts'
import { convert } from '../matching/forms.ts'
import { reviewOf } from '../matching/request-variables.ts'
import { namespaceOf } from '../matching/selectors.ts'
import type { CompiledPolicy } from './compile.ts'
import { namespaceValue } from './environment.ts'

export type Values = Readonly<Record<string, unknown>>

/** What the expressions of a policy are given for one request, in the form of `kind`. The policy's own variables are evaluated when they are first asked for. */
export async function valuesOf(tools: Tools, request: AdmissionRequest, kind: Kind, params: KubeObject | null, { variables }: CompiledPolicy, budget: { left: number }): Promise<Values> {
  const isNamespace = request.kind.group === '' && request.kind.resource === 'namespaces'
  const given: Record<string, unknown> = {
    object: await convert(request.object, request.kind, kind) ?? null, oldObject: await convert(request.old, request.kind, kind) ?? null,
    request: reviewOf(request, kind), params, authorizer: authorizerFor(tools, request),
    namespaceObject: isNamespace ? null : namespaceValue(await namespaceOf(tools, request)),
  }
  given['variables'] = lazily(variables, given, budget)
  return given
}

function lazily(variables: CompiledPolicy['variables'], given: Values, budget: { left: number }): object {
  const made = {}
  for (const { name, program } of variables) {
    let known: { value: unknown } | { error: CelError } | undefined
    Object.defineProperty(made, name, {
      enumerable: true,
      get() {
        if (!known) {
          try {
            known = { value: program.value(given, budget) }
          } catch (error) {
            if (!(error instanceof CelError)) throw error
            known = { error: error.code === 'evaluation' ? new CelError(`composited variable "${name}" fails to evaluate: ${error.message}`) : error }
          }
        }
        if ('error' in known) throw known.error
        return known.value
      },
    })
  }
  return made
}
