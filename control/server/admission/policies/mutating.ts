import { ApiError } from '../../../../api/errors.ts'
import { mutatingAdmissionPolicies, mutatingAdmissionPolicyBindings } from '../../../../api/kinds/admissionregistration-v1/mutating-policies.ts'
import type { Kind } from '../../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../../api/object.ts'
import { jsonPatch } from '../../../../api/patch/json-patch.ts'
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '../../../../api/types/admissionregistration-v1/mutating-policy.ts'
import type { Tools } from '../../tools.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { conditionsHold } from '../matching/conditions.ts'
import { convert, replaceObject } from '../matching/forms.ts'
import { noteAsked, takesPart } from '../matching/reinvocation.ts'
import { factsOf, isAbovePolicies } from '../matching/rules.ts'
import { refuse } from '../refuse.ts'
import { applyConfiguration } from './apply-configuration.ts'
import { bound } from './bound.ts'
import { compiledOf } from './compile.ts'
import { valuesOf } from './evaluation.ts'
import { ruledKind, selects } from './match.ts'
import { PolicyConfigurationError, paramsOf } from './params.ts'
import { evaluated } from './validate-object.ts'

const index = bound(mutatingAdmissionPolicies, mutatingAdmissionPolicyBindings)
const budgetOfPolicy = 10_000_000

/** Policies whose expressions change objects, one after another in the order of their names. */
export const mutatingPolicies: AdmissionPlugin = {
  name: 'MutatingAdmissionPolicy',
  load: index.load,
  admit(request, tools) {
    const all = index.of(tools)
    if (all.length === 0 || !request.object || isAbovePolicies(request.kind)) return
    const concerned = all.filter(({ policy }) => ruledKind(tools, request, policy.spec.matchConstraints))
    if (concerned.length > 0) return changeAll(tools, request, concerned)
  },
}

async function changeAll(tools: Tools, request: AdmissionRequest, policies: ReturnType<typeof index.of>): Promise<void> {
  for (const { policy, bindings } of policies) {
    for (const binding of bindings) {
      const kind = ruledKind(tools, request, policy.spec.matchConstraints)
      const concerned = kind && ruledKind(tools, request, binding.spec.matchResources)
        && await selects(tools, request, policy.spec.matchConstraints) && await selects(tools, request, binding.spec.matchResources)
      if (concerned) await byBinding(tools, request, policy, binding, kind)
    }
  }
}

/** What an expression, a merge or a patch says against a change. */
class MutationError extends Error {}

async function byBinding(tools: Tools, request: AdmissionRequest, policy: MutatingAdmissionPolicy, binding: MutatingAdmissionPolicyBinding, kind: Kind): Promise<void> {
  const { spec, metadata: { name } } = policy
  const refused = (why: string): void => {
    if (spec.failurePolicy === 'Ignore') return
    const message = `policy '${name}' with binding '${binding.metadata.name}' denied request: ${why}`
    throw new ApiError(403, 'Invalid', message, { ...refuse(request, '').details, causes: [{ message }] })
  }
  try {
    for (const params of await paramsOf(tools, spec.paramKind, binding.spec.paramRef, factsOf(request).namespace)) {
      const id = ['policy', name, binding.metadata.name, params?.metadata.namespace, params?.metadata.name].join('/')
      if (!takesPart(request, id)) continue
      if (await change(tools, request, spec, kind, params) && spec.reinvocationPolicy === 'IfNeeded') noteAsked(request, id)
    }
  } catch (error) {
    if (error instanceof PolicyConfigurationError) refused(`failed to configure binding: ${error.message}`)
    else if (error instanceof MutationError) refused(error.message)
    else throw error
  }
}

/** Returns whether the policy's conditions held. Throws `MutationError`; then the object is as it was. */
async function change(tools: Tools, request: AdmissionRequest, spec: MutatingAdmissionPolicy['spec'], kind: Kind, params: KubeObject | null): Promise<boolean> {
  const compiled = await compiledOf(spec)
  if (compiled.problems[0]) throw new MutationError(compiled.problems.map(({ error }) => error.message).join(', '))
  const budget = { left: budgetOfPolicy }
  const values = await valuesOf(tools, request, kind, params, compiled, budget)
  const held = await conditionsHold(compiled.conditions, values, { left: 2_500_000 })
  if ('error' in held) throw new MutationError(held.error)
  if (!held.holds) return false
  let object: unknown = await convert(request.object, request.kind, kind)
  for (const [i, { program, type }] of compiled.mutations.entries()) {
    // Each change sees what those before it made.
    const given = i === 0 ? values : { ...await valuesOf(tools, request, kind, params, compiled, budget), object }
    const outcome = await evaluated(program, given, budget)
    if ('error' in outcome) throw new MutationError(outcome.error)
    try {
      object = type === 'JSONPatch' ? jsonPatch(object, outcome.value) : applyConfiguration(kind, object as Readonly<Record<string, unknown>>, outcome.value)
    } catch (error) {
      throw new MutationError((error as Error).message)
    }
  }
  await replaceObject(request, object, kind)
  return true
}
