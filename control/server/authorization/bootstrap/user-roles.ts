/*
 * The roles for people, within a namespace: `view` reads what gives no power, `edit` writes too and sees secrets, `admin` also hands out
 * roles. Each gathers the rules of the roles with its label, so that definitions of new kinds can add to them.
 */

const aggregateTo = (role: string) => ({ [`rbac.authorization.k8s.io/aggregate-to-${role}`]: 'true' })

/** Gathered by the aggregation controller: the label that is looked for, and what the role itself is part of. */
export const aggregatedRoles = [
  { name: 'admin', gathers: aggregateTo('admin'), labels: {} },
  { name: 'edit', gathers: aggregateTo('edit'), labels: aggregateTo('admin') },
  { name: 'view', gathers: aggregateTo('view'), labels: aggregateTo('edit') },
] as const

const workloads = 'statefulsets,statefulsets/scale,daemonsets,deployments,deployments/scale'
const replicas = 'replicasets,replicasets/scale'

/** What they are made of. */
export const aggregatedRules: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly rules: readonly string[] }[] = [
  {
    name: 'system:aggregate-to-admin', labels: aggregateTo('admin'),
    rules: ['create authorization.k8s.io:localsubjectaccessreviews', 'readwrite rbac.authorization.k8s.io:roles,rolebindings'],
  },
  {
    name: 'system:aggregate-to-edit', labels: aggregateTo('edit'),
    rules: [
      'read core:pods/attach,pods/proxy,pods/exec,pods/portforward,secrets,services/proxy',
      'impersonate core:serviceaccounts',
      'write core:pods,pods/attach,pods/proxy,pods/exec,pods/portforward',
      'create core:pods/eviction',
      'write core:replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/proxy,persistentvolumeclaims,configmaps,secrets',
      'create core:serviceaccounts/token',
      'write core+events.k8s.io:events',
      `write apps:${workloads},deployments/rollback,${replicas}`,
      'write autoscaling:horizontalpodautoscalers',
      'write batch:jobs,cronjobs',
      `write extensions:daemonsets,deployments,deployments/scale,deployments/rollback,ingresses,${replicas},replicationcontrollers/scale,networkpolicies`,
      'write policy:poddisruptionbudgets',
      'write networking.k8s.io:networkpolicies,ingresses',
      'readwrite coordination.k8s.io:leases',
      'write resource.k8s.io:resourceclaims,resourceclaimtemplates',
    ],
  },
  {
    name: 'system:aggregate-to-view', labels: aggregateTo('view'),
    rules: [
      'read core:pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,configmaps',
      'read core:limitranges,resourcequotas,bindings,pods/status,resourcequotas/status,namespaces/status,replicationcontrollers/status,pods/log',
      'read core:namespaces',
      'read core+events.k8s.io:events',
      'read discovery.k8s.io:endpointslices',
      `read apps:controllerrevisions,${workloads},${replicas},statefulsets/status,daemonsets/status,deployments/status,replicasets/status`,
      'read autoscaling:horizontalpodautoscalers,horizontalpodautoscalers/status',
      'read batch:jobs,cronjobs,cronjobs/status,jobs/status',
      `read extensions:daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,${replicas},replicasets/status,replicationcontrollers/scale,networkpolicies`,
      'read policy:poddisruptionbudgets,poddisruptionbudgets/status',
      'read networking.k8s.io:networkpolicies,ingresses,ingresses/status',
      'read resource.k8s.io:resourceclaims,resourceclaims/status,resourceclaimtemplates',
    ],
  },
]
