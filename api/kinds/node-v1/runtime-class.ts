import type { FieldError } from '../../errors.ts'
import { RuntimeClass } from '../../types/node-v1.ts'
import type { Scheduling } from '../../types/node-v1.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { duplicate, each, immutableMessage, invalid, invalidFor } from '../validation/field.ts'
import { validateLabels } from '../validation/labels.ts'
import { dnsLabel } from '../validation/names.ts'
import { validateContainerResources } from '../validation/resources.ts'
import { validateTolerations } from '../validation/scheduling.ts'
import { allVerbs } from '../verbs.ts'
import { isRepeated } from '../validation/repeated.ts'

export const runtimeClasses: Kind<RuntimeClass> = {
  group: 'node.k8s.io', version: 'v1', kind: 'RuntimeClass', resource: 'runtimeclasses', singular: 'runtimeclass',
  namespaced: false, verbs: allVerbs, schema: RuntimeClass, storage: 'runtimeclasses', unconditionalUpdate: false,
  doc: 'Names a way in which a node runs containers.',
  validate,
  validateUpdate: ({ handler }, old) => (handler === old.handler ? [] : [invalid('handler', handler, immutableMessage)]),
  columns: [text('Handler', ({ handler }) => handler, 'What the runtime on the node calls it.'), age],
}

function validate({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  return [
    ...invalidFor('handler', handler, dnsLabel(handler)),
    ...(overhead?.podFixed ? validateContainerResources({ limits: overhead.podFixed }, new Set(), 'overhead.podFixed') : []),
    ...(scheduling ? validateScheduling(scheduling, 'scheduling') : []),
  ]
}

function validateScheduling({ nodeSelector, tolerations = [] }: Scheduling, field: string): FieldError[] {
  const at = `${field}.tolerations`
  const texts = tolerations.map((toleration) => JSON.stringify(toleration))
  return [
    ...validateLabels(nodeSelector, `${field}.nodeSelector`),
    ...validateTolerations(tolerations, at),
    ...each(tolerations, at, (toleration, path, index) => (isRepeated(texts, texts[index]!, index) ? [duplicate(path, toleration)] : [])),
  ]
}
