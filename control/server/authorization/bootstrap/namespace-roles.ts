import { eventsRule } from './rule.ts'

export interface NamespaceRole {
  readonly namespace: 'kube-system' | 'kube-public'
  readonly name: string
  readonly rules: readonly string[]
}

const leases = 'get,watch,list,create,update coordination.k8s.io:leases'
const lock = (name: string): readonly string[] => ['watch core:configmaps', `get,update core:configmaps ${name}`]

/** Roles that hold in one of the cluster's own namespaces only. */
export const namespaceRoles: readonly NamespaceRole[] = [
  { namespace: 'kube-system', name: 'extension-apiserver-authentication-reader', rules: ['read core:configmaps extension-apiserver-authentication'] },
  { namespace: 'kube-system', name: 'system:controller:bootstrap-signer', rules: ['read core:secrets'] },
  { namespace: 'kube-system', name: 'system:controller:cloud-provider', rules: ['create,get,list,watch core:configmaps'] },
  { namespace: 'kube-system', name: 'system:controller:token-cleaner', rules: ['get,list,watch,delete core:secrets', eventsRule] },
  { namespace: 'kube-system', name: 'system::leader-locking-kube-controller-manager', rules: [...lock('kube-controller-manager'), leases] },
  { namespace: 'kube-system', name: 'system::leader-locking-kube-scheduler', rules: lock('kube-scheduler') },
  // Ours: makes the Service `kube-dns` and names the nodes that answer for it. What it reads comes through the manager's caches.
  { namespace: 'kube-system', name: 'k8ts:controller:node-dns-controller', rules: ['create core:services', 'update core:services/finalizers', 'create,update,delete discovery.k8s.io:endpointslices'] },
  { namespace: 'kube-public', name: 'system:controller:bootstrap-signer', rules: ['read core:configmaps', 'update core:configmaps cluster-info', eventsRule] },
  { namespace: 'kube-public', name: 'k8ts:cluster-info', rules: ['get core:configmaps cluster-info'] },
  { namespace: 'kube-system', name: 'k8ts:cluster-settings', rules: ['get core:configmaps k8ts-config'] },
]

export interface NamespaceBinding {
  readonly namespace: NamespaceRole['namespace']
  readonly name: string
  readonly role: string
  /** In the words of `subjectOf`. */
  readonly subjects: readonly string[]
}

export const namespaceBindings: readonly NamespaceBinding[] = [
  {
    namespace: 'kube-system', name: 'system::extension-apiserver-authentication-reader', role: 'extension-apiserver-authentication-reader',
    subjects: ['user system:kube-controller-manager', 'user system:kube-scheduler'],
  },
  {
    namespace: 'kube-system', name: 'system::leader-locking-kube-controller-manager', role: 'system::leader-locking-kube-controller-manager',
    subjects: ['user system:kube-controller-manager', 'account kube-controller-manager', 'account leader-election-controller'],
  },
  {
    namespace: 'kube-system', name: 'system::leader-locking-kube-scheduler', role: 'system::leader-locking-kube-scheduler',
    subjects: ['user system:kube-scheduler', 'account kube-scheduler'],
  },
  { namespace: 'kube-system', name: 'system:controller:bootstrap-signer', role: 'system:controller:bootstrap-signer', subjects: ['account bootstrap-signer'] },
  { namespace: 'kube-system', name: 'system:controller:cloud-provider', role: 'system:controller:cloud-provider', subjects: ['account cloud-provider'] },
  { namespace: 'kube-system', name: 'system:controller:token-cleaner', role: 'system:controller:token-cleaner', subjects: ['account token-cleaner'] },
  { namespace: 'kube-system', name: 'k8ts:controller:node-dns-controller', role: 'k8ts:controller:node-dns-controller', subjects: ['account node-dns-controller'] },
  { namespace: 'kube-public', name: 'system:controller:bootstrap-signer', role: 'system:controller:bootstrap-signer', subjects: ['account bootstrap-signer'] },
  // What kubeadm adds, so that machines can join: anybody may read how to reach the cluster, and who has a token what it is set up with.
  { namespace: 'kube-public', name: 'k8ts:cluster-info', role: 'k8ts:cluster-info', subjects: ['user system:anonymous'] },
  { namespace: 'kube-system', name: 'k8ts:cluster-settings', role: 'k8ts:cluster-settings', subjects: ['group system:bootstrappers', 'group system:nodes'] },
]
