import type { UserInfo } from '../../api/transport.ts'

/** The manager as a whole: it fills the shared caches, and works for what has no account of its own. */
export const controllerManager: UserInfo = Object.freeze({ name: 'system:kube-controller-manager', groups: Object.freeze(['system:authenticated']) })

/** The service accounts in `kube-system` as which the original's controllers work, where they are not called like the controller. */
const accounts: Readonly<Record<string, string>> = {
  'serviceaccount-controller': 'service-account-controller',
  'root-ca-certificate-publisher-controller': 'root-ca-cert-publisher',
  'service-cidr-controller': 'service-cidrs-controller',
  'node-ipam-controller': 'node-controller',
  'node-lifecycle-controller': 'node-controller',
  'node-leaving-controller': 'node-controller',
  'taint-eviction-controller': 'node-controller',
  'replicationcontroller-controller': 'replication-controller',
  'endpoints-controller': 'endpoint-controller',
  'endpointslice-mirroring-controller': 'endpointslicemirroring-controller',
  'garbage-collector-controller': 'generic-garbage-collector',
  'pod-garbage-collector-controller': 'pod-garbage-collector',
  'certificatesigningrequest-signing-controller': 'certificate-controller',
  'certificatesigningrequest-approving-controller': 'certificate-controller',
  'kubelet-serving-approving-controller': 'certificate-controller',
  'certificatesigningrequest-cleaner-controller': 'certificate-controller',
  'persistentvolumeclaim-protection-controller': 'pvc-protection-controller',
  'persistentvolume-protection-controller': 'pv-protection-controller',
  'bootstrap-signer-controller': 'bootstrap-signer',
  'token-cleaner-controller': 'token-cleaner',
  'daemonset-controller': 'daemon-set-controller',
  'horizontal-pod-autoscaler-controller': 'horizontal-pod-autoscaler',
}

/** Those that hand out what others may not even see run as the manager itself. */
const asManager = new Set(['serviceaccount-token-controller'])

/** As whom a controller asks, so that it may do what its role `system:controller:…` says and no more. */
export function identityOf(controller: string): UserInfo {
  if (asManager.has(controller)) return controllerManager
  const account = accounts[controller] ?? controller
  return { name: `system:serviceaccount:kube-system:${account}`, groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'] }
}
