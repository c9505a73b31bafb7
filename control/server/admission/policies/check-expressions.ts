import { CelError } from '../../../../api/cel/cel.ts'
import { loadCel } from '../../../../api/cel/load.ts'
import { invalid } from '../../../../api/errors.ts'
import type { FieldError } from '../../../../api/errors.ts'
import type { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from '../../../../api/types/admissionregistration-v1/webhook.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { conditionEnvironment } from '../matching/request-variables.ts'
import { compilePolicy } from './compile.ts'
import type { PolicySpec } from './compile.ts'

const policies = new Set(['ValidatingAdmissionPolicy', 'MutatingAdmissionPolicy'])
const configurations = new Set(['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'])

/** Refuses policies and webhook configurations whose expressions do not compile; what did not change is not looked at again. */
export const checkExpressions: AdmissionPlugin = {
  name: 'AdmissionExpressions',
  validate(request) {
    const { kind, object, old, subresource } = request
    if (kind.group !== 'admissionregistration.k8s.io' || !object || subresource !== '') return
    if (policies.has(kind.kind) && !same(object.spec, old && (old as { spec?: unknown }).spec)) return checkPolicy(request)
    if (configurations.has(kind.kind) && !same(object.webhooks, old && (old as { webhooks?: unknown }).webhooks)) return checkWebhooks(request)
  },
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

async function checkPolicy(request: AdmissionRequest): Promise<void> {
  const { problems } = await compilePolicy(request.object.spec as PolicySpec)
  refuse(request, problems.map(({ field, source, error }) => errorOf(field, source, error)))
}

async function checkWebhooks(request: AdmissionRequest): Promise<void> {
  const { webhooks = [] } = request.object as MutatingWebhookConfiguration | ValidatingWebhookConfiguration
  if (!webhooks.some(({ matchConditions }) => matchConditions?.length)) return
  const { compileCel } = await loadCel()
  refuse(request, webhooks.flatMap(({ matchConditions = [] }, i) => matchConditions.flatMap(({ expression }, j) => {
    try {
      compileCel(expression, conditionEnvironment)
      return []
    } catch (error) {
      if (!(error instanceof CelError)) throw error
      return [errorOf(`webhooks[${i}].matchConditions[${j}].expression`, expression, error)]
    }
  })))
}

const errorOf = (field: string, value: string, { message }: CelError): FieldError => ({ type: 'Invalid', field, value, detail: message })

function refuse({ kind, name, object }: AdmissionRequest, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(kind, name || object.metadata.name, errors)
}
