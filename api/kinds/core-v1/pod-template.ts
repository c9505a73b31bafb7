import { PodTemplate } from '../../types/core-v1/pod.ts'
import { containerImages, containerNames, formatLabels, text } from '../columns.ts'
import { defaultPodTemplate } from '../defaults/pod.ts'
import { dropDisabledTemplateFields } from '../disabled-fields.ts'
import type { Kind } from '../kind.ts'
import { raiseGeneration } from '../strategy.ts'
import { semanticEqual } from '../validation/equal.ts'
import { validatePodTemplateSpec } from '../validation/pod-template.ts'
import { allVerbs } from '../verbs.ts'

export const podTemplates: Kind<PodTemplate> = {
  group: '', version: 'v1', kind: 'PodTemplate', resource: 'podtemplates', singular: 'podtemplate',
  namespaced: true, verbs: allVerbs, schema: PodTemplate, storage: 'podtemplates',
  doc: 'A stored description of a pod to make copies of.',
  default(object) { defaultPodTemplate(object.template ??= {} as NonNullable<PodTemplate['template']>) },
  prepareForCreate(object) {
    object.metadata.generation = 1
    dropDisabledTemplateFields(object.template, undefined)
  },
  prepareForUpdate(object, old) {
    dropDisabledTemplateFields(object.template, old.template)
    raiseGeneration(object, old, !semanticEqual(object.template, old.template))
  },
  validate: (object) => validatePodTemplateSpec(object.template!, 'template'),
  validateUpdate: (object) => validatePodTemplateSpec(object.template!, 'template'),
  columns: [
    text('Containers', ({ template }) => containerNames(template), 'The names of the containers.'),
    text('Images', ({ template }) => containerImages(template), 'The images of the containers.'),
    text('Pod Labels', ({ template }) => formatLabels(template?.metadata?.labels), 'The labels of the pods.'),
  ],
}
