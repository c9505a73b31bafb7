import { expect, test } from 'vitest'
import { configMaps } from '../../../api/kinds/core-v1/config-map.ts'
import { deployments } from '../../../api/kinds/apps-v1/deployment.ts'
import type { Attributes } from '../authorization/authorizer.ts'
import { KindTable } from '../kind-table.ts'
import type { Tools } from '../tools.ts'
import { certificateApproval, certificateSigning } from './certificates.ts'
import { ownerReferencesPermissionEnforcement } from './owner-references.ts'

/** Runs a plugin for somebody who may do what `allowed` lists, as `verb resource/name`. */
function asked(allowed: readonly string[]) {
  const authorizer = { authorize: ({ verb, resource, subresource, name }: Attributes) => ({ verdict: allowed.includes(`${verb} ${resource}${subresource && `/${subresource}`} ${name}`) ? 'allow' as const : 'noOpinion' as const, reason: 'no' }) }
  return { authorizer, kinds: new KindTable([configMaps, deployments]) } as unknown as Tools
}
const base = { kind: configMaps, subresource: '', namespace: 'n', name: 'c', user: { name: 'u', groups: [] }, dryRun: false }
const withOwners = (...ownerReferences: object[]) => ({ metadata: { name: 'c', namespace: 'n', ...(ownerReferences.length > 0 && { ownerReferences }) } }) as never
const owner = (more: object = {}) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', uid: '1', ...more })

test.each<[string, 'create' | 'update', object, object, string[], string | undefined]>([
  ['a new object that belongs to another', 'create', withOwners(owner()), {}, [], undefined],
  ['no change', 'update', withOwners(owner()), withOwners(owner()), [], undefined],
  ['a change by who may not delete', 'update', withOwners(owner()), withOwners(), [], 'configmaps "c" is forbidden: cannot set an ownerRef on a resource you can\'t delete: no, <nil>'],
  ['a change by who may delete', 'update', withOwners(owner()), withOwners(), ['delete configmaps c'], undefined],
  ['holding an owner back', 'create', withOwners(owner({ blockOwnerDeletion: true })), {}, [], 'configmaps "c" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can\'t set finalizers on: no, <nil>'],
  ['holding an owner back, with the right to', 'create', withOwners(owner({ blockOwnerDeletion: true })), {}, ['update deployments/finalizers d'], undefined],
  ['an owner of no kind', 'create', withOwners(owner({ blockOwnerDeletion: true, kind: 'Gadget' })), {}, [], 'configmaps "c" is forbidden: cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion apps/v1 Kind Gadget: no matches for kind "Gadget" in version "apps/v1"'],
])('%s', async (_, operation, object, old, allowed, refusal) => {
  const run = async () => ownerReferencesPermissionEnforcement.validate!({ ...base, operation, object, old: operation === 'update' ? old as never : undefined }, asked(allowed))
  if (refusal) await expect(run()).rejects.toThrow(refusal)
  else await run()
})

const csr = (status: object = {}) => ({ metadata: { name: 'r' }, spec: { signerName: 'example.com/s', request: '' }, status }) as never
const ofRequest = { ...base, kind: { group: 'certificates.k8s.io', resource: 'certificatesigningrequests' } as never, name: 'r', namespace: '', operation: 'update' as const }
test.each<[string, string[], string | undefined]>([
  ['nobody', [], 'certificatesigningrequests.certificates.k8s.io "r" is forbidden: user not permitted to VERB requests with signerName "example.com/s"'],
  ['who may for this signer', ['VERB signers example.com/s'], undefined], ['who may for all of a domain', ['VERB signers example.com/*'], undefined],
])('certificates are approved and signed by %s', async (_, allowed, refusal) => {
  for (const [plugin, verb, subresource] of [[certificateApproval, 'approve', 'approval'], [certificateSigning, 'sign', 'status']] as const) {
    const run = async () => plugin.validate!({ ...ofRequest, subresource, object: csr({ certificate: 'eA==' }), old: csr() }, asked(allowed.map((each) => each.replace('VERB', verb))))
    if (refusal) await expect(run()).rejects.toThrow(refusal.replace('VERB', verb))
    else await run()
  }
  // What is neither certificate nor condition is no signing.
  await certificateSigning.validate!({ ...ofRequest, subresource: 'status', object: csr(), old: csr() }, asked([]))
})
