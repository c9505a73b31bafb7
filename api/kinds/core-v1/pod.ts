import { Pod } from '../../types/core-v1/pod.ts'
import type { Kind } from '../kind.ts'
import { allVerbs, custom, proxyVerbs, viewVerbs } from '../verbs.ts'

export const pods: Kind<Pod> = {
  group: '', version: 'v1', kind: 'Pod', resource: 'pods', singular: 'pod', shortNames: ['po'], categories: ['all'],
  namespaced: true, verbs: allVerbs, schema: Pod, storage: 'pods',
  doc: 'A group of containers that share an address and volumes and are placed on one node together.',
  subresources: {
    attach: custom('PodAttachOptions', ['create', 'get']),
    binding: custom('Binding', ['create']),
    ephemeralcontainers: custom('Pod', viewVerbs),
    eviction: { type: 'custom', group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
    exec: custom('PodExecOptions', ['create', 'get']),
    log: custom('Pod', ['get']),
    portforward: custom('PodPortForwardOptions', ['create', 'get']),
    proxy: custom('PodProxyOptions', proxyVerbs),
    status: { type: 'status', verbs: viewVerbs },
  },
  validate: () => [],
}
