import { eventsRule } from './rule.ts'

const deployer = 'apps+extensions'
const signers = ['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving', 'legacy-unknown'].map((name) => `kubernetes.io/${name}`)

/** What each controller may do: the role `system:controller:<name>` of the service account `kube-system/<name>`. */
export const controllerRules: Readonly<Record<string, readonly string[]>> = {
  'attachdetach-controller': [
    'list,watch core:persistentvolumes,persistentvolumeclaims', 'read core:nodes', 'patch,update core:nodes/status', 'list,watch core:pods', eventsRule,
    'get,create,delete,list,watch storage.k8s.io:volumeattachments', 'read storage.k8s.io:csidrivers', 'read storage.k8s.io:csinodes',
  ],
  'clusterrole-aggregation-controller': ['escalate,get,list,watch,update,patch rbac.authorization.k8s.io:clusterroles'],
  'cronjob-controller': [
    'get,list,watch,update batch:cronjobs', 'get,list,watch,create,update,delete,patch batch:jobs', 'update batch:cronjobs/status',
    'update batch:cronjobs/finalizers', 'list,watch,delete core:pods', eventsRule,
  ],
  'daemon-set-controller': [
    `read ${deployer}:daemonsets`, `update ${deployer}:daemonsets/status`, `update ${deployer}:daemonsets/finalizers`, 'list,watch core:nodes',
    'list,watch,create,delete,patch core:pods', 'create core:pods/binding', 'get,list,watch,create,delete,update,patch apps:controllerrevisions', eventsRule,
  ],
  'deployment-controller': [
    `get,list,watch,update ${deployer}:deployments`, `update ${deployer}:deployments/status`, `update ${deployer}:deployments/finalizers`,
    `get,list,watch,create,update,patch,delete ${deployer}:replicasets`, 'get,list,watch,update core:pods', eventsRule,
  ],
  'disruption-controller': [
    `read ${deployer}:deployments`, `read ${deployer}:replicasets`, 'read core:replicationcontrollers', 'read policy:poddisruptionbudgets', 'read apps:statefulsets',
    'update policy:poddisruptionbudgets/status', 'patch,update core:pods/status', 'get *:*/scale', eventsRule,
  ],
  'endpoint-controller': ['read core:services,pods', 'get,list,watch,create,update,delete core:endpoints', 'create core:endpoints/restricted', eventsRule],
  'endpointslice-controller': [
    'read core:services,pods,nodes', 'update core:services/finalizers', 'get,list,watch,create,update,delete discovery.k8s.io:endpointslices', eventsRule,
  ],
  'endpointslicemirroring-controller': [
    'read core:services,endpoints', 'update core:services/finalizers', 'update core:endpoints/finalizers',
    'get,list,watch,create,update,delete discovery.k8s.io:endpointslices', eventsRule,
  ],
  'expand-controller': [
    'get,list,watch,update,patch core:persistentvolumes', 'update,patch core:persistentvolumeclaims/status', 'read core:persistentvolumeclaims', eventsRule,
    'get core:services',
  ],
  'ephemeral-volume-controller': ['read core:pods', 'update core:pods/finalizers', 'get,list,watch,create core:persistentvolumeclaims', eventsRule],
  'resource-claim-controller': [
    'read core:pods', 'update core:pods/finalizers', 'get,list,watch,create,delete resource.k8s.io:resourceclaims',
    'update,patch resource.k8s.io:resourceclaims,resourceclaims/status', 'update,patch core:pods/status', eventsRule,
  ],
  'device-taint-eviction-controller': [
    'get,list,watch,delete core:pods', 'update,patch core:pods/status', 'read resource.k8s.io:resourceclaims', 'read resource.k8s.io:resourceslices',
    'read resource.k8s.io:deviceclasses', eventsRule,
  ],
  'generic-garbage-collector': ['get,list,watch,patch,update,delete *:*', eventsRule],
  'horizontal-pod-autoscaler': [
    'read autoscaling:horizontalpodautoscalers', 'update autoscaling:horizontalpodautoscalers/status', 'get,update *:*/scale', 'list,watch core:pods',
    'list,watch metrics.k8s.io:pods', 'read custom.metrics.k8s.io:*', 'read external.metrics.k8s.io:*', eventsRule,
  ],
  'job-controller': [
    'get,list,watch,update,patch batch:jobs', 'update batch:jobs/status', 'update batch:jobs/finalizers', 'list,watch,create,delete,patch core:pods', eventsRule,
  ],
  'namespace-controller': [
    'get,list,watch,delete core:namespaces', 'update core:namespaces/finalize,namespaces/status', 'get,list,watch,delete,deletecollection *:*',
  ],
  'node-controller': [
    'get,list,watch,update,delete,patch core:nodes', 'patch,update core:nodes/status', 'patch,update core:pods/status', 'list,watch,get,delete core:pods', eventsRule,
  ],
  'persistent-volume-binder': [
    'get,list,watch,update,create,delete core:persistentvolumes', 'update core:persistentvolumes/status', 'get,list,watch,update core:persistentvolumeclaims',
    'update core:persistentvolumeclaims/status', 'list,watch,get,create,delete core:pods', 'read storage.k8s.io:storageclasses', 'list,watch core:nodes', eventsRule,
    'watch core:events', 'get core:services',
  ],
  'pod-garbage-collector': ['list,watch,delete core:pods', 'read core:nodes', 'patch core:pods/status'],
  'replicaset-controller': [
    `get,list,watch,update ${deployer}:replicasets`, `update ${deployer}:replicasets/status`, `update ${deployer}:replicasets/finalizers`,
    'list,watch,patch,create,delete core:pods', eventsRule,
  ],
  'replication-controller': [
    'get,list,watch,update core:replicationcontrollers', 'update core:replicationcontrollers/status', 'update core:replicationcontrollers/finalizers',
    'list,watch,patch,create,delete core:pods', eventsRule,
  ],
  'resourcequota-controller': ['list,watch *:*', 'update core:resourcequotas/status', eventsRule],
  'route-controller': ['list,watch core:nodes', 'patch core:nodes/status', eventsRule],
  'service-account-controller': ['create core:serviceaccounts', eventsRule],
  'service-controller': ['read core:services', 'patch,update core:services/status', 'list,watch core:nodes', eventsRule],
  'service-cidrs-controller': [
    'get,list,watch,patch,update networking.k8s.io:servicecidrs', 'patch,update networking.k8s.io:servicecidrs/finalizers',
    'patch,update networking.k8s.io:servicecidrs/status', 'read networking.k8s.io:ipaddresses', eventsRule,
  ],
  'statefulset-controller': [
    'list,watch core:pods', 'read apps:statefulsets', 'update apps:statefulsets/status', 'update apps:statefulsets/finalizers',
    'get,create,delete,update,patch core:pods', 'get,create,delete,update,patch,list,watch apps:controllerrevisions',
    'get,create,list,watch core:persistentvolumeclaims', 'update,delete core:persistentvolumeclaims', 'update core:pods/finalizers', eventsRule,
  ],
  'ttl-controller': ['update,patch,list,watch core:nodes', eventsRule],
  'certificate-controller': [
    'get,list,watch,delete certificates.k8s.io:certificatesigningrequests',
    'update certificates.k8s.io:certificatesigningrequests/status,certificatesigningrequests/approval',
    'approve certificates.k8s.io:signers kubernetes.io/kube-apiserver-client-kubelet', `sign certificates.k8s.io:signers ${signers.join(',')}`,
    'create authorization.k8s.io:subjectaccessreviews', eventsRule,
  ],
  'pvc-protection-controller': ['get,list,watch,update core:persistentvolumeclaims', 'list,watch,get core:pods', eventsRule],
  'pv-protection-controller': ['get,list,watch,update core:persistentvolumes', eventsRule],
  'volumeattributesclass-protection-controller': [
    'read core:persistentvolumeclaims', 'read core:persistentvolumes', 'get,list,watch,update storage.k8s.io:volumeattributesclasses', eventsRule,
  ],
  'ttl-after-finished-controller': ['get,list,watch,delete batch:jobs', eventsRule],
  'root-ca-cert-publisher': ['create,update core:configmaps', eventsRule],
  'validatingadmissionpolicy-status-controller': [
    'read admissionregistration.k8s.io:validatingadmissionpolicies', 'get,patch,update admissionregistration.k8s.io:validatingadmissionpolicies/status', eventsRule,
  ],
  'legacy-service-account-token-cleaner': ['get core:configmaps kube-apiserver-legacy-service-account-token-tracking', 'patch,delete core:secrets'],
  'selinux-warning-controller': [
    eventsRule, 'read core:persistentvolumes', 'read core:persistentvolumeclaims', 'read core:pods', 'read storage.k8s.io:csidrivers',
  ],
}

/**
 * What our controllers need beyond that: the same power over the same objects by another verb, because they patch where the original's
 * put, or the other way round; and what controllers do that the original leaves to people. In roles of their own (`k8ts:controller:<name>`), so that the standard ones are as everywhere.
 */
export const ownControllerRules: Readonly<Record<string, readonly string[]>> = {
  'deployment-controller': ['patch apps:deployments,deployments/status'],
  'pod-garbage-collector': ['update core:pods/status'],
  // What kubelets serve with is approved by a controller here, not by hand: it compares with the nodes, and with where the API server is.
  'certificate-controller': ['approve certificates.k8s.io:signers kubernetes.io/kubelet-serving'],
}
