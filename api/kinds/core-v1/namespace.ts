import type { FieldError } from '../../errors.ts'
import { Namespace } from '../../types/core-v1/namespace.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatus } from '../strategy.ts'
import { each, invalid } from '../validation/field.ts'
import { validateFinalizerName } from '../validation/metadata.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const namespaces: Kind<Namespace> = {
  group: '', version: 'v1', kind: 'Namespace', resource: 'namespaces', singular: 'namespace', shortNames: ['ns'],
  namespaced: false, verbs: allVerbs.filter((verb) => verb !== 'deletecollection'), schema: Namespace, storage: 'namespaces', nameRule: 'label',
  doc: 'A room for names: objects in different namespaces may be called the same.',
  subresources: {
    finalize: { type: 'custom', verbs: ['update'], prepareForUpdate: keepStatus, validateUpdate: validateFinalize },
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validateStatus },
  },
  default: defaultNamespace,
  prepareForCreate,
  prepareForUpdate(namespace, old) {
    keepStatus(namespace, old)
    keepSpec(namespace, old)
  },
  validate: ({ spec }) => (spec.finalizers ?? []).flatMap((name) => validateFinalizerName(name, 'spec.finalizers')),
  validateUpdate: () => [],
  columns: [text('Status', ({ status }) => status?.phase ?? '', 'Whether the namespace is in use or going away.'), age],
  fieldLabels: {
    name: ({ metadata }) => metadata.name,
    'status.phase': ({ status }) => status?.phase ?? '',
  },
}

/** Every namespace can be selected by its name. */
function defaultNamespace({ metadata, status }: Namespace): void {
  if (metadata.name) metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name }
  if (status) status.phase ||= 'Active'
}

/** The finalizer holds a namespace until everything in it is gone. A generated name gets its label here. */
function prepareForCreate(namespace: Namespace): void {
  const finalizers = namespace.spec?.finalizers ?? []
  namespace.spec = { ...namespace.spec, finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'] }
  namespace.status = { phase: 'Active' }
  defaultNamespace(namespace)
}

function validateStatus({ metadata, status }: Namespace): FieldError[] {
  const phase = status?.phase ?? ''
  if (metadata.deletionTimestamp) return phase === 'Terminating' ? [] : [invalid('status.Phase', phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")]
  return phase === 'Active' ? [] : [invalid('status.Phase', phase, "may only be 'Active' if `deletionTimestamp` is empty")]
}

function validateFinalize({ spec }: Namespace): FieldError[] {
  return each(spec.finalizers, 'spec.finalizers', validateFinalizerName)
}
