import { ServiceAccount } from '../../types/core-v1/config.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const serviceAccounts: Kind<ServiceAccount> = {
  group: '', version: 'v1', kind: 'ServiceAccount', resource: 'serviceaccounts', singular: 'serviceaccount', shortNames: ['sa'],
  namespaced: true, verbs: allVerbs, schema: ServiceAccount, storage: 'serviceaccounts',
  doc: 'The identity under which the processes of a pod speak to the API.',
  subresources: {
    token: { type: 'custom', group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', verbs: ['create'] },
  },
  validate: () => [],
}
