import { resourceQuotas } from '../../../api/kinds/core-v1/resource-quota.ts'
import type { ResourceQuota } from '../../../api/types/core-v1/quota.ts'
import { evaluatorOf } from '../../quota/evaluators.ts'
import { storedKind } from '../kind-table.ts'
import type { Tools } from '../tools.ts'
import type { AdmissionPlugin } from './admission.ts'
import { memoryOf } from './memory.ts'
import { QuotaLedger } from './quota-ledger.ts'
import { refuse } from './refuse.ts'

const memory = memoryOf<ResourceQuota>(resourceQuotas)
const ledgers = new WeakMap<object, QuotaLedger>()

/** Nothing is made in a namespace beyond what its quotas leave. Stands last: what is taken here nobody may refuse any more. */
export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  load: memory.load,
  validate(request, tools) {
    const { kind, operation, subresource, namespace, object, old } = request
    if (!kind.namespaced || (operation !== 'create' && operation !== 'update')) return
    const evaluator = evaluatorOf(storedKind(kind))
    if (!evaluator?.grows({ operation, subresource, object, old })) return
    return memory.inNamespace<void>(tools, namespace, (quotas) => {
      if (quotas.length === 0) return
      return ledgerOf(tools).take(namespace, { evaluator, object, old, subresource }, request.dryRun).then((why) => {
        if (why !== undefined) throw refuse(request, why)
      })
    })
  },
}

function ledgerOf(tools: Tools): QuotaLedger {
  const known = ledgers.get(tools.resources)
  if (known) return known
  const made = new QuotaLedger(tools)
  ledgers.set(tools.resources, made)
  return made
}
