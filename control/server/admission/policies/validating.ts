import { ApiError } from '../../../../api/errors.ts'
import type { StatusReason } from '../../../../api/errors.ts'
import { validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from '../../../../api/kinds/admissionregistration-v1/validating-policies.ts'
import type { Kind } from '../../../../api/kinds/kind.ts'
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../../../api/types/admissionregistration-v1/validating-policy.ts'
import type { Tools } from '../../tools.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { factsOf, isAbovePolicies } from '../matching/rules.ts'
import { refuse } from '../refuse.ts'
import { bound } from './bound.ts'
import type { Bound } from './bound.ts'
import { compiledOf } from './compile.ts'
import { valuesOf } from './evaluation.ts'
import { ruledKind, selects } from './match.ts'
import { PolicyConfigurationError, paramsOf } from './params.ts'
import { violationsOf } from './validate-object.ts'
import type { Violation } from './validate-object.ts'

type Policy = Bound<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>

const index = bound(validatingAdmissionPolicies, validatingAdmissionPolicyBindings)
/** What all expressions of one policy may cost for one object. */
const budgetOfPolicy = 10_000_000

/** Policies whose expressions refuse objects, warn of them, or note them. */
export const validatingPolicies: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  load: index.load,
  validate(request, tools) {
    const all = index.of(tools)
    if (all.length === 0 || isAbovePolicies(request.kind)) return
    const concerned = all.filter(({ policy }) => ruledKind(tools, request, policy.spec.matchConstraints))
    if (concerned.length > 0) return judge(tools, request, concerned)
  },
}

interface Denial { readonly policy: string; readonly binding: string; readonly violation: Violation }

async function judge(tools: Tools, request: AdmissionRequest, policies: readonly Policy[]): Promise<void> {
  const denials: Denial[] = []
  for (const { policy, bindings } of policies) {
    const kind = ruledKind(tools, request, policy.spec.matchConstraints)
    if (!kind || !(await selects(tools, request, policy.spec.matchConstraints))) continue
    for (const binding of bindings) {
      if (!ruledKind(tools, request, binding.spec.matchResources) || !(await selects(tools, request, binding.spec.matchResources))) continue
      for (const violation of await found(tools, request, policy, binding, kind)) {
        const actions = violation.configuration ? ['Deny'] : binding.spec.validationActions ?? []
        if (actions.includes('Warn')) request.warn?.(`Validation failed for ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}': ${violation.message}`)
        if (actions.includes('Deny')) denials.push({ policy: policy.metadata.name, binding: binding.metadata.name, violation })
        if (actions.includes('Audit')) tools.log.info({ policy: policy.metadata.name, binding: binding.metadata.name, message: violation.message }, 'Noted a violation of a policy')
      }
    }
  }
  if (denials[0]) throw denied(request, denials[0])
}

type Found = Violation & { readonly configuration?: true }

async function found(tools: Tools, request: AdmissionRequest, { spec }: ValidatingAdmissionPolicy, binding: ValidatingAdmissionPolicyBinding, kind: Kind): Promise<readonly Found[]> {
  const strict = spec.failurePolicy !== 'Ignore'
  try {
    const compiled = await compiledOf(spec)
    const all: Found[] = []
    for (const params of await paramsOf(tools, spec.paramKind, binding.spec.paramRef, factsOf(request).namespace)) {
      const budget = { left: budgetOfPolicy }
      all.push(...await violationsOf(compiled, await valuesOf(tools, request, kind, params, compiled, budget), budget, strict))
    }
    return all
  } catch (error) {
    if (!(error instanceof PolicyConfigurationError)) throw error
    return strict ? [{ message: `failed to configure binding: ${error.message}`, configuration: true }] : []
  }
}

const codes: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413, Invalid: 422 }

function denied(request: AdmissionRequest, { policy, binding, violation: { message: why, reason = 'Invalid' } }: Denial): ApiError {
  const message = `ValidatingAdmissionPolicy '${policy}' with binding '${binding}' denied request: ${why}`
  const plain = refuse(request, message)
  return new ApiError(codes[reason] ?? 422, reason as StatusReason, plain.message, { ...plain.details, causes: [{ message }] })
}
