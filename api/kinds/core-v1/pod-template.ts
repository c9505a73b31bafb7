import { PodTemplate } from '../../types/core-v1/pod.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const podTemplates: Kind<PodTemplate> = {
  group: '', version: 'v1', kind: 'PodTemplate', resource: 'podtemplates', singular: 'podtemplate',
  namespaced: true, verbs: allVerbs, schema: PodTemplate, storage: 'podtemplates',
  doc: 'A stored description of a pod to make copies of.',
  validate: () => [],
}
