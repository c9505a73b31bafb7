import type { FlowSchemaSpec, PriorityLevelConfigurationSpec, ResourcePolicyRule, Subject } from '../../types/flowcontrol-v1.ts'

/*
 * The objects every cluster has, by name: the mandatory ones are what they are; the suggested ones may be changed by whoever
 * takes the annotation `apf.kubernetes.io/autoupdate-spec` away.
 */

export const autoUpdate = 'apf.kubernetes.io/autoupdate-spec'

const reject = { type: 'Reject' }
const queue = (queues: number, handSize: number) => ({ type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } })
const limited = (nominalConcurrencyShares: number, lendablePercent: number, limitResponse: ReturnType<typeof queue> | typeof reject): PriorityLevelConfigurationSpec =>
  ({ type: 'Limited', limited: { nominalConcurrencyShares, limitResponse, lendablePercent } })

export const mandatoryLevels = (): Record<string, PriorityLevelConfigurationSpec> => ({
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': limited(5, 0, reject),
})

export const suggestedLevels = (): Record<string, PriorityLevelConfigurationSpec> => ({
  system: limited(30, 33, queue(64, 6)),
  'node-high': limited(40, 25, queue(64, 6)),
  'leader-election': limited(10, 0, queue(16, 4)),
  'workload-high': limited(40, 50, queue(128, 6)),
  'workload-low': limited(100, 90, queue(128, 6)),
  'global-default': limited(20, 50, queue(128, 6)),
})

const groups = (...names: string[]): Subject[] => names.map((name) => ({ kind: 'Group', group: { name } }))
const users = (...names: string[]): Subject[] => names.map((name) => ({ kind: 'User', user: { name } }))
const systemAccounts = (): Subject[] => [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name: '*' } }]
const everyone = (): Subject[] => groups('system:unauthenticated', 'system:authenticated')

const resources = (verbs: string[], group: string, names: string[], clusterScope = false): ResourcePolicyRule =>
  ({ verbs, apiGroups: [group], resources: names, ...(clusterScope && { clusterScope }), namespaces: ['*'] })
const electing = (): ResourcePolicyRule[] => [resources(['get', 'create', 'update'], 'coordination.k8s.io', ['leases'])]

function flow(level: string, precedence: number, by: 'ByUser' | 'ByNamespace' | '', subjects: Subject[], resourceRules?: ResourcePolicyRule[]): FlowSchemaSpec {
  const everything = { resourceRules: [resources(['*'], '*', ['*'], true)], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }
  return {
    priorityLevelConfiguration: { name: level }, matchingPrecedence: precedence, ...(by && { distinguisherMethod: { type: by } }),
    rules: [{ subjects, ...(resourceRules ? { resourceRules } : everything) }],
  }
}

export const mandatoryFlows = (): Record<string, FlowSchemaSpec> => ({
  exempt: flow('exempt', 1, '', groups('system:masters')),
  'catch-all': flow('catch-all', 10_000, 'ByUser', everyone()),
})

export const suggestedFlows = (): Record<string, FlowSchemaSpec> => ({
  'system-nodes': flow('system', 500, 'ByUser', groups('system:nodes')),
  'system-node-high': flow('node-high', 400, 'ByUser', groups('system:nodes'), [resources(['*'], '', ['nodes', 'nodes/status'], true), resources(['*'], 'coordination.k8s.io', ['leases'])]),
  probes: {
    priorityLevelConfiguration: { name: 'exempt' }, matchingPrecedence: 2,
    rules: [{ subjects: everyone(), nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }] }],
  },
  'system-leader-election': flow('leader-election', 100, 'ByUser', [...users('system:kube-controller-manager', 'system:kube-scheduler'), ...systemAccounts()], electing()),
  'workload-leader-election': flow('leader-election', 200, 'ByUser', systemAccounts(), electing()),
  'endpoint-controller': flow('workload-high', 150, 'ByUser', [
    ...users('system:kube-controller-manager'),
    ...['endpoint-controller', 'endpointslicemirroring-controller'].map((name) => ({ kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name } })),
  ], [resources(['get', 'create', 'update'], '', ['endpoints'])]),
  'kube-controller-manager': flow('workload-high', 800, 'ByNamespace', users('system:kube-controller-manager')),
  'kube-scheduler': flow('workload-high', 800, 'ByNamespace', users('system:kube-scheduler')),
  'kube-system-service-accounts': flow('workload-high', 900, 'ByNamespace', systemAccounts()),
  'service-accounts': flow('workload-low', 9000, 'ByUser', groups('system:serviceaccounts')),
  'global-default': flow('global-default', 9900, 'ByUser', everyone()),
})
