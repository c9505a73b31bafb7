import { IngressClass } from '../../types/networking-v1/ingress.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const ingressClasses: Kind<IngressClass> = {
  group: 'networking.k8s.io', version: 'v1', kind: 'IngressClass', resource: 'ingressclasses', singular: 'ingressclass',
  namespaced: false, verbs: allVerbs, schema: IngressClass, storage: 'ingressclasses',
  doc: 'Names the controller that carries out Ingresses of a class.',
  validate: () => [],
  columns: [age],
}
