import { Deployment } from '../../types/apps-v1.ts'
import type { Kind } from '../kind.ts'
import { scaleByLabelSelector } from '../scale.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const deployments: Kind<Deployment> = {
  group: 'apps', version: 'v1', kind: 'Deployment', resource: 'deployments', singular: 'deployment', shortNames: ['deploy'], categories: ['all'],
  namespaced: true, verbs: allVerbs, schema: Deployment, storage: 'deployments',
  doc: 'Declares a set of equal pods and moves it from one version to the next.',
  subresources: {
    scale: scaleByLabelSelector,
    status: { type: 'status', verbs: viewVerbs },
  },
  validate: () => [],
}
