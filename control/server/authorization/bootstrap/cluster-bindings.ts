/** Who has which cluster role everywhere; the binding has the role's name unless it says another. Subjects are in the words of `subjectOf`. */
export const clusterBindings: readonly { readonly role: string; readonly name?: string; readonly subjects: readonly string[] }[] = [
  { role: 'cluster-admin', subjects: ['group system:masters'] },
  { role: 'system:monitoring', subjects: ['group system:monitoring'] },
  { role: 'system:discovery', subjects: ['group system:authenticated'] },
  { role: 'system:basic-user', subjects: ['group system:authenticated'] },
  { role: 'system:public-info-viewer', subjects: ['group system:authenticated', 'group system:unauthenticated'] },
  { role: 'system:node-proxier', subjects: ['user system:kube-proxy'] },
  { role: 'system:kube-controller-manager', subjects: ['user system:kube-controller-manager'] },
  { role: 'system:kube-dns', subjects: ['account kube-dns'] },
  { role: 'system:kube-scheduler', subjects: ['user system:kube-scheduler'] },
  { role: 'system:volume-scheduler', subjects: ['user system:kube-scheduler'] },
  // Nobody: the Node authorizer decides for nodes. The binding stays so that subjects can be added to it.
  { role: 'system:node', subjects: [] },
  { role: 'system:service-account-issuer-discovery', subjects: ['group system:serviceaccounts'] },
  // How the API server reaches kubelets that ask it who may do what there.
  { role: 'system:kubelet-api-admin', name: 'k8ts:apiserver-kubelet-client', subjects: ['user kube-apiserver-kubelet-client'] },
  // What kubeadm adds, so that machines can join with a bootstrap token and nodes can renew their certificates.
  { role: 'system:node-bootstrapper', name: 'k8ts:kubelet-bootstrap', subjects: ['group system:bootstrappers'] },
  { role: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient', name: 'k8ts:node-autoapprove-bootstrap', subjects: ['group system:bootstrappers'] },
  { role: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient', name: 'k8ts:node-autoapprove-certificate-rotation', subjects: ['group system:nodes'] },
  // Whoever joins sees whether the name he wants is taken.
  { role: 'k8ts:get-nodes', subjects: ['group system:bootstrappers'] },
  // The agent's process is the node's proxy and DNS server too, with the one certificate that joining gives. A node that fell into wrong hands
  // has the same in the original: there the proxy's token, with which all this can be read, lies on every node.
  { role: 'system:node-proxier', name: 'k8ts:node-proxier', subjects: ['group system:nodes'] },
  { role: 'k8ts:node-dns', subjects: ['group system:nodes'] },
]
