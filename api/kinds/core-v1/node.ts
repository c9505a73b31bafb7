import { Node } from '../../types/core-v1/node.ts'
import type { Kind } from '../kind.ts'
import { allVerbs, custom, proxyVerbs, viewVerbs } from '../verbs.ts'

export const nodes: Kind<Node> = {
  group: '', version: 'v1', kind: 'Node', resource: 'nodes', singular: 'node', shortNames: ['no'],
  namespaced: false, verbs: allVerbs, schema: Node, storage: 'minions',
  doc: 'A machine of the cluster that runs pods.',
  subresources: {
    proxy: custom('NodeProxyOptions', proxyVerbs),
    status: { type: 'status', verbs: viewVerbs },
  },
  validate: () => [],
}
