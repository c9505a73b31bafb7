import { ServiceAccount } from '../../types/core-v1/config.ts'
import { age, integer } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

const enforced = 'kubernetes.io/enforce-mountable-secrets'

export const serviceAccounts: Kind<ServiceAccount> = {
  group: '', version: 'v1', kind: 'ServiceAccount', resource: 'serviceaccounts', singular: 'serviceaccount', shortNames: ['sa'],
  namespaced: true, verbs: allVerbs, schema: ServiceAccount, storage: 'serviceaccounts',
  doc: 'The identity under which the processes of a pod speak to the API.',
  subresources: {
    token: { type: 'custom', group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', verbs: ['create'] },
  },
  prepareForCreate: keepOnlyNames,
  prepareForUpdate: keepOnlyNames,
  validate: () => [],
  validateUpdate: () => [],
  warnings({ metadata }, old) {
    const says = metadata.annotations?.[enforced] !== undefined && old?.metadata.annotations?.[enforced] === undefined
    return says ? [`metadata.annotations[${enforced}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`] : []
  },
  columns: [integer('Secrets', ({ secrets }) => secrets?.length, 'The number of secrets that belong to the account.'), age],
}

/** A secret is in the account's own namespace; all but its name would only mislead. */
function keepOnlyNames(object: ServiceAccount): void {
  if (object.secrets) object.secrets = object.secrets.map(({ name }) => ({ name }))
}
