import { expect, test } from 'vitest'
import { bootstrapPolicy } from '../server/authorization/bootstrap/policy.ts'
import { controllers } from './all.ts'
import { controllerManager, identityOf } from './identities.ts'

test.each(controllers.map(({ name }) => name))('%s works under an account that has a role', (name) => {
  const user = identityOf(name)
  if (user === controllerManager) return
  const account = user.name.replace('system:serviceaccount:kube-system:', '')
  const { clusterRoleBindings, roleBindings } = bootstrapPolicy()
  const bound = [...clusterRoleBindings, ...roleBindings].filter(({ subjects = [] }) => subjects.some((subject) => subject.kind === 'ServiceAccount' && subject.name === account))
  // Those that are ours alone have roles of ours alone.
  expect(bound.map(({ roleRef }) => roleRef.name.replace(/^k8ts:/, 'system:'))).toContain(`system:controller:${account}`)
})
