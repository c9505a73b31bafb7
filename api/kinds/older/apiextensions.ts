import { validateDefinition, validateDefinitionUpdate } from '../../crd/definition-rules.ts'
import { CustomResourceDefinition } from '../../types/apiextensions-v1beta1/custom-resource-definition.ts'
import { customResourceDefinitions } from '../apiextensions-v1/custom-resource-definition.ts'
import type { Kind } from '../kind.ts'
import { semanticEqual } from '../validation/equal.ts'
import { deprecation, olderVersion } from './older-version.ts'
import type { Conversion } from './older-version.ts'

/** What every version has for itself today, and all had in common at the top then; by today's and by the old name. */
const shared = [['schema', 'validation'], ['subresources', 'subresources'], ['additionalPrinterColumns', 'additionalPrinterColumns'], ['selectableFields', 'selectableFields']] as const

const form: Conversion = {
  toStable(definition) {
    const { version, versions, conversion, preserveUnknownFields, ...spec } = definition.spec ?? {}
    const common = Object.fromEntries(shared.filter(([, old]) => spec[old] !== undefined).map(([name, old]) => [name, spec[old]]))
    for (const [, old] of shared) delete spec[old]
    const all = versions?.length ? versions : version ? [{ name: version, served: true, storage: true }] : []
    return {
      ...definition, spec: {
        ...spec, versions: all.map((each: any) => renamePath({ ...common, ...each }, 'JSONPath', 'jsonPath')),
        ...(conversion && { conversion: stableConversion(conversion) }), ...(preserveUnknownFields && { preserveUnknownFields }),
      },
    }
  },
  fromStable(definition) {
    const { versions = [], conversion, preserveUnknownFields, ...spec } = definition.spec ?? {}
    const all = versions.map((each: any) => renamePath(each, 'jsonPath', 'JSONPath'))
    const same = shared.filter(([name]) => all.length > 0 && all[0][name] !== undefined && all.every((each: any) => semanticEqual(each[name], all[0][name])))
    return {
      ...definition, spec: {
        ...spec, ...(all.length > 0 && { version: all[0].name }), ...Object.fromEntries(same.map(([name, old]) => [old, all[0][name]])),
        versions: all.map((each: any) => Object.fromEntries(Object.entries(each).filter(([name]) => !same.some(([common]) => common === name)))),
        ...(conversion && { conversion: olderConversion(conversion) }), preserveUnknownFields: preserveUnknownFields ?? false,
      },
    }
  },
}

function renamePath(version: any, from: string, to: string): any {
  const { additionalPrinterColumns: columns } = version
  return columns ? { ...version, additionalPrinterColumns: columns.map(({ [from]: path, ...column }: any) => ({ ...column, [to]: path })) } : version
}

function stableConversion({ webhookClientConfig: clientConfig, conversionReviewVersions, ...conversion }: any): any {
  const webhook = clientConfig || conversionReviewVersions?.length
  return { ...conversion, ...(webhook && { webhook: { ...(clientConfig && { clientConfig }), conversionReviewVersions: conversionReviewVersions ?? [] } }) }
}

function olderConversion({ webhook, ...conversion }: any): any {
  const { clientConfig, conversionReviewVersions } = webhook ?? {}
  return { ...conversion, ...(clientConfig && { webhookClientConfig: clientConfig }), ...(conversionReviewVersions?.length && { conversionReviewVersions }) }
}

function fillIn({ spec }: CustomResourceDefinition): void {
  spec.scope ||= 'Namespaced'
  spec.names.singular ||= spec.names.kind.toLowerCase()
  if (spec.names.kind) spec.names.listKind ||= `${spec.names.kind}List`
  if (!spec.versions?.length && spec.version) spec.versions = [{ name: spec.version, served: true, storage: true }]
  spec.version ||= spec.versions?.[0]?.name
  const conversion = (spec.conversion ??= { strategy: 'None' })
  if (conversion.strategy === 'Webhook' && !conversion.conversionReviewVersions?.length) conversion.conversionReviewVersions = ['v1beta1']
  if (conversion.webhookClientConfig?.service) conversion.webhookClientConfig.service.port ??= 443
  spec.preserveUnknownFields ??= true
}

/** `apiextensions.k8s.io/v1beta1`: fields that no schema names are kept, unless the definition says otherwise. */
export const olderApiExtensions: readonly Kind[] = Object.freeze([
  olderVersion(customResourceDefinitions, {
    version: 'v1beta1', schema: CustomResourceDefinition, convert: form, default: fillIn,
    deprecated: deprecation('apiextensions.k8s.io/v1beta1 CustomResourceDefinition', 16, 22, 'apiextensions.k8s.io/v1 CustomResourceDefinition'),
    validate: (definition) => validateDefinition(definition, { lenient: true }),
    validateUpdate: validateDefinitionUpdate,
  }),
])
