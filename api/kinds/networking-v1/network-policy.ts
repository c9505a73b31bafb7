import { NetworkPolicy } from '../../types/networking-v1/network-policy.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const networkPolicies: Kind<NetworkPolicy> = {
  group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy', resource: 'networkpolicies', singular: 'networkpolicy', shortNames: ['netpol'],
  namespaced: true, verbs: allVerbs, schema: NetworkPolicy, storage: 'networkpolicies',
  doc: 'Says who may talk to the pods it selects.',
  validate: () => [],
  columns: [age],
}
