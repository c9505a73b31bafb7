import { isNotFound } from '../../../../api/errors.ts'
import { celTypeOf } from '../../../../api/cel/schema-type.ts'
import type { CelType } from '../../../../api/cel/cel.ts'
import { validatingAdmissionPolicies } from '../../../../api/kinds/admissionregistration-v1/validating-policies.ts'
import { apiVersionOf } from '../../../../api/kinds/kind.ts'
import type { Kind } from '../../../../api/kinds/kind.ts'
import type { ValidatingAdmissionPolicy } from '../../../../api/types/admissionregistration-v1/validating-policy.ts'
import { systemMaster } from '../../../../api/transport.ts'
import type { ServerPart } from '../../parts.ts'
import type { Tools } from '../../tools.ts'
import { updateObject } from '../../verbs/update-object.ts'
import { compilePolicy } from './compile.ts'

/** So many kinds of one policy are looked at. */
const mostKinds = 10

type Warning = { fieldRef: string; warning: string }

/** Compiles the expressions of a policy against the declared types of what it looks at; that finds names the untyped check cannot. */
export async function typeWarnings({ spec }: ValidatingAdmissionPolicy, kinds: readonly Kind[]): Promise<Warning[]> {
  const byField = new Map<string, string[]>()
  const paramKind = spec.paramKind && kinds.find((kind) => apiVersionOf(kind) === spec.paramKind!.apiVersion && kind.kind === spec.paramKind!.kind)
  for (const kind of concerned(spec, kinds).slice(0, mostKinds)) {
    const { problems } = await compilePolicy(spec, { objectType: typeOf(kind), ...(paramKind && { paramsType: typeOf(paramKind) }) })
    for (const { field, error } of problems) {
      if (!/^spec\.(validations|matchConditions|variables|auditAnnotations)/.test(field)) continue
      byField.set(field, [...byField.get(field) ?? [], `${apiVersionOf(kind)}, Kind=${kind.kind}: ${error.message.replace(/^compilation failed: /, '')}`])
    }
  }
  return [...byField].map(([fieldRef, warnings]) => ({ fieldRef, warning: `${warnings.join('\n')}\n` }))
}

/** Custom resources may have more fields than their declared form says. */
const typeOf = (kind: Kind): CelType => (kind.jsonOnly ? { kind: 'dyn' } : celTypeOf(kind.schema))

/** The kinds that rules name; wildcards name none. */
function concerned({ matchConstraints }: ValidatingAdmissionPolicy['spec'], kinds: readonly Kind[]): readonly Kind[] {
  return kinds.filter((kind) => matchConstraints?.resourceRules?.some(({ apiGroups = [], apiVersions = [], resources = [] }) =>
    apiGroups.includes(kind.group) && apiVersions.includes(kind.version) && resources.some((resource) => resource.split('/')[0] === kind.resource)))
}

/** Keeps `status.typeChecking` and `status.observedGeneration` of every ValidatingAdmissionPolicy. */
export const policyTypeChecking: ServerPart = {
  name: 'validating-admission-policy-status',
  async start(tools) {
    void follow(tools)
  },
}

async function follow(tools: Tools): Promise<void> {
  while (!tools.ending.aborted) {
    try {
      for await (const { event } of await tools.resources.cache(validatingAdmissionPolicies).watch({ signal: tools.ending })) {
        if (event.type === 'ADDED' || event.type === 'MODIFIED') await check(tools, event.object as ValidatingAdmissionPolicy)
      }
    } catch (error) {
      if (tools.ending.aborted) return
      tools.log.error({ err: error }, 'Checking the types of policies failed')
      await new Promise<void>((resolve) => tools.clock.after(1000, resolve, { unref: true }))
    }
  }
}

async function check(tools: Tools, policy: ValidatingAdmissionPolicy): Promise<void> {
  if (policy.status?.observedGeneration === policy.metadata.generation) return
  const expressionWarnings = await typeWarnings(policy, tools.kinds.all)
  const { generation } = policy.metadata
  await updateObject(tools, {
    kind: validatingAdmissionPolicies, namespace: '', name: policy.metadata.name, subresource: 'status', user: systemMaster, dryRun: false,
    make: (current) => ({ ...structuredClone(current!), status: { observedGeneration: generation, typeChecking: expressionWarnings.length > 0 ? { expressionWarnings } : {} } }),
  }).catch((error: unknown) => { if (!isNotFound(error)) throw error })
}
