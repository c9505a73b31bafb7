import type { FieldError } from '../../errors.ts'
import { IngressClass } from '../../types/networking-v1/ingress.ts'
import type { IngressClassParametersReference } from '../../types/networking-v1/ingress.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { raiseGeneration } from '../strategy.ts'
import { validateDomainPrefixedPath } from '../validation/domain-path.ts'
import { semanticEqual } from '../validation/equal.ts'
import { forbidden, immutableMessage, invalid, invalidFor, notSupported, required, tooLong } from '../validation/field.ts'
import { validateObjectReference } from '../validation/ingress.ts'
import { dnsLabel } from '../validation/names.ts'
import { allVerbs } from '../verbs.ts'

export const ingressClasses: Kind<IngressClass> = {
  group: 'networking.k8s.io', version: 'v1', kind: 'IngressClass', resource: 'ingressclasses', singular: 'ingressclass',
  namespaced: false, verbs: allVerbs, schema: IngressClass, storage: 'ingressclasses',
  doc: 'Names the controller that carries out Ingresses of a class.',
  default({ spec }) { if (spec.parameters) spec.parameters.scope ??= 'Cluster' },
  prepareForCreate({ metadata }) { metadata.generation = 1 },
  prepareForUpdate: (ingressClass, old) => raiseGeneration(ingressClass, old, !semanticEqual(ingressClass.spec, old.spec)),
  validate,
  validateUpdate: (ingressClass, old) => [
    ...(ingressClass.spec.controller === old.spec.controller ? [] : [invalid('spec.controller', ingressClass.spec.controller ?? '', immutableMessage)]),
    ...validate(ingressClass),
  ],
  columns: [
    text('Controller', ({ spec }) => spec.controller ?? '', 'Who carries it out.'),
    text('Parameters', ({ spec }) => formatParameters(spec.parameters), 'Where its settings are.'),
    age,
  ],
}

function formatParameters(parameters: IngressClassParametersReference | undefined): string {
  if (!parameters) return '<none>'
  const { apiGroup, kind, name } = parameters
  return `${kind}${apiGroup === undefined ? '' : `.${apiGroup}`}/${name}`
}

function validate({ spec }: IngressClass): FieldError[] {
  const { controller = '', parameters } = spec
  return [
    ...(controller.length > 250 ? [tooLong('spec.controller', 250)] : []),
    ...validateDomainPrefixedPath(controller, 'spec.controller'),
    ...(parameters ? validateParameters(parameters, 'spec.parameters') : []),
  ]
}

function validateParameters(parameters: IngressClassParametersReference, field: string): FieldError[] {
  const { scope, namespace } = parameters
  const wrong = validateObjectReference(parameters, field)
  if (scope === undefined) return [...wrong, required(`${field}.scope`)]
  if (scope === 'Cluster') return [...wrong, ...(namespace === undefined ? [] : [forbidden(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'")])]
  if (scope !== 'Namespace') return [...wrong, notSupported(`${field}.scope`, scope, ['Cluster', 'Namespace'])]
  return [...wrong, ...(namespace === undefined ? [required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'")] : invalidFor(`${field}.namespace`, namespace, dnsLabel(namespace)))]
}
