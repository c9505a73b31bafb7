import { CelError } from '../../../../api/cel/cel.ts'
import { forbidden } from '../../../../api/errors.ts'
import type { Kind } from '../../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../../api/object.ts'
import type { Tools } from '../../tools.ts'
import type { AdmissionRequest } from '../admission.ts'
import { authorizerFor } from '../matching/authorizer.ts'
import { compileConditions, conditionsHold } from '../matching/conditions.ts'
import type { Held } from '../matching/conditions.ts'
import { convert } from '../matching/forms.ts'
import { conditionEnvironment, reviewOf } from '../matching/request-variables.ts'
import { factsOf, matchedKind } from '../matching/rules.ts'
import { matchesNamespace, matchesObject } from '../matching/selectors.ts'
import type { Seen, Webhook } from './ask.ts'

/** Whether a webhook's rules could be about a request; asked first, and without waiting. */
export const couldConcern = (tools: Tools, request: AdmissionRequest, webhook: Webhook): Kind | undefined =>
  matchedKind(webhook.rules, webhook.matchPolicy !== 'Exact', factsOf(request), request.kind, tools.kinds.all)

/** What a webhook is to see of a request, when all its conditions hold. Throws when that cannot be said and matters. */
export async function wanted(tools: Tools, request: AdmissionRequest, webhook: Webhook): Promise<Seen | undefined> {
  const kind = couldConcern(tools, request, webhook)
  if (!kind || !matchesObject(request, webhook.objectSelector) || !(await matchesNamespace(tools, request, webhook.namespaceSelector))) return undefined
  const seen = { kind, object: await formOf(request.object, request, kind), old: await formOf(request.old, request, kind) }
  if (!webhook.matchConditions?.length) return seen
  const held = await judged(tools, request, webhook, seen)
  if ('holds' in held) return held.holds ? seen : undefined
  if (webhook.failurePolicy === 'Ignore') return undefined
  throw forbidden(request.kind, request.name, held.error)
}

const formOf = (object: KubeObject | undefined, request: AdmissionRequest, to: Kind): Promise<KubeObject | undefined> => convert(object, request.kind, to)

async function judged(tools: Tools, request: AdmissionRequest, { matchConditions = [] }: Webhook, { kind, object, old }: Seen): Promise<Held> {
  try {
    const conditions = await compileConditions(matchConditions, conditionEnvironment)
    const variables = { object: object ?? null, oldObject: old ?? null, request: reviewOf(request, kind), authorizer: authorizerFor(tools, request) }
    return await conditionsHold(conditions, variables, { left: 2_500_000 })
  } catch (error) {
    if (error instanceof CelError) return { error: error.message }
    throw error
  }
}
