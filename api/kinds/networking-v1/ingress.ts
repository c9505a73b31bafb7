import { Ingress } from '../../types/networking-v1/ingress.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatusAndCount, startWith } from '../strategy.ts'
import { classAnnotation, validateIngress, validateIngressCreate, validateIngressStatusUpdate } from '../validation/ingress.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const ingresses: Kind<Ingress> = {
  group: 'networking.k8s.io', version: 'v1', kind: 'Ingress', resource: 'ingresses', singular: 'ingress', shortNames: ['ing'],
  namespaced: true, verbs: allVerbs, schema: Ingress, storage: 'ingress',
  doc: 'Rules by which HTTP requests from outside reach Services.',
  subresources: {
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validateIngressStatusUpdate },
  },
  prepareForCreate: startWith<Ingress>(() => ({ loadBalancer: {} })),
  prepareForUpdate: keepStatusAndCount,
  validate: validateIngressCreate,
  validateUpdate: validateIngress,
  warnings: ({ metadata }, old) => (!old && Object.hasOwn(metadata.annotations ?? {}, classAnnotation) ? [`annotation ${JSON.stringify(classAnnotation)} is deprecated, please use 'spec.ingressClassName' instead`] : []),
  columns: [
    text('Class', ({ metadata, spec }) => spec.ingressClassName ?? metadata.annotations?.[classAnnotation] ?? '<none>', 'Who carries it out.'),
    text('Hosts', hosts, 'The names it is for.'),
    text('Address', address, 'Where it is reached.'),
    text('Ports', ({ spec }) => (spec.tls?.length ? '80, 443' : '80'), 'The ports it is reached on.'),
    age,
  ],
}

function hosts({ spec }: Ingress): string {
  const all = (spec.rules ?? []).map(({ host }) => host ?? '').filter(Boolean)
  if (all.length === 0) return '*'
  const shown = all.slice(0, 3).join(',')
  return all.length > 3 ? `${shown} + ${all.length - 3} more...` : shown
}

function address({ status }: Ingress): string {
  return (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').filter(Boolean).join(',')
}
